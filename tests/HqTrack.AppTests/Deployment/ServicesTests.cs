using System.Diagnostics;
using System.Globalization;
using HqTrack.AppTests.Infrastructure;
using HqTrack.AppTests.Web;
using HqTrack.Cli;

namespace HqTrack.AppTests.Deployment;

/// <summary>The services of the compose file as processes: its commands and environment, PostgreSQL beside them.</summary>
[Collection("torch")]
public sealed class ServicesTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Videos = 2;
    private const int Frames = 40;

    private readonly ComposeFile compose = ComposeFile.Read();
    private readonly JobsBench bench = new(weights);
    private readonly int port = PostgresServer.FreePort();

    public void Dispose() => bench.Dispose();

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task The_services_come_up_track_what_is_submitted_and_end_within_their_grace()
    {
        using var postgres = PostgresServer.Start();
        using var serve = Start("serve", postgres, "--port", port.ToString(CultureInfo.InvariantCulture), "--no-example");
        Process[] all = [serve];
        try
        {
            await HealthyAsync();
            bench.Write(Videos, Frames);
            await bench.SubmitAsync(); // as a person beside the server does
            all = [serve, .. Enumerable.Range(0, int.Parse(compose.Value("worker", "deploy", "replicas")!, CultureInfo.InvariantCulture)).Select(_ => Start("worker", postgres))];
            await bench.WaitAsync(Videos, TimeSpan.FromMinutes(4));
            var grace = TimeSpan.FromSeconds(int.Parse(compose.Value("serve", "stop_grace_period")!.TrimEnd('s'), CultureInfo.InvariantCulture));
            foreach (var process in all)
            {
                Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();
            }

            foreach (var process in all)
            {
                await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(grace, TestContext.Current.CancellationToken);
                Assert.Equal(ExitCode.Ok, process.ExitCode);
            }
        }
        finally
        {
            foreach (var process in all.Where(process => !process.HasExited))
            {
                process.Kill();
            }
        }
    }

    // The service's own command, with the volume and the database where they are here.
    private Process Start(string service, PostgresServer postgres, params string[] more)
    {
        var mount = compose.List(service, "volumes").Single().Split(':')[1];
        var command = compose.List(service, "command").Select(argument => argument == mount ? bench.Data : argument);
        var environment = compose.Environment(service, _ => "secret-of-the-composition");
        environment["HQTRACK_JOBS"] = postgres.Connection;
        return JobsBench.Quiet(Hqtrack.Start(environment, [.. command, .. more, "--weights", weights.Path, "--threads", "1"]));
    }

    // By the service's own check.
    private async Task HealthyAsync()
    {
        var check = compose.List("serve", "healthcheck", "test");
        Assert.Equal("CMD", check[0]);
        for (var wait = 0; ; wait++)
        {
            using var process = Process.Start(new ProcessStartInfo(check[1], check.Skip(2).Select(argument => argument.Replace("/8420 ", $"/{port} ", StringComparison.Ordinal).Replace("$$", "$", StringComparison.Ordinal))) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (process.ExitCode == 0)
            {
                return;
            }

            Assert.True(wait < 120, "the server does not become healthy");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }
}
