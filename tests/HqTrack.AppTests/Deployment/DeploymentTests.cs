using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Web;
using HqTrack.Web.Jobs;

namespace HqTrack.AppTests.Deployment;

/// <summary>What can be said of the files in deploy/ without building an image: they agree with each other, with the command line and with the documentation.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string[] Docker = File.ReadAllLines(Path.Combine(ComposeFile.Folder, "Dockerfile"));

    private readonly ComposeFile compose = ComposeFile.Read();

    [Fact]
    public void The_compose_file_agrees_with_itself()
    {
        Assert.Equal(["postgres", "serve", "worker"], compose.Services.Order());
        foreach (var service in compose.Services)
        {
            foreach (var (other, how) in compose.Map(service, "depends_on"))
            {
                Assert.Contains(other, compose.Services);
                Assert.Equal("service_healthy", ((Dictionary<object, object>)how)["condition"]);
                Assert.NotEmpty(compose.List(other, "healthcheck", "test"));
            }

            Assert.All(compose.List(service, "volumes"), mount => Assert.Contains(mount.Split(':')[0], compose.Volumes));
        }

        foreach (var service in (string[])["serve", "worker"])
        {
            var context = Path.GetFullPath(Path.Combine(ComposeFile.Folder, compose.Value(service, "build", "context")!));
            Assert.Equal(Repository.Root, context.TrimEnd('/'));
            Assert.True(File.Exists(Path.Combine(context, compose.Value(service, "build", "dockerfile")!)));
        }

        Assert.Equal("2", compose.Value("worker", "deploy", "replicas"));
    }

    [Fact]
    public void The_compose_file_agrees_with_the_command_line_and_the_image()
    {
        foreach (var service in (string[])["serve", "worker"])
        {
            var command = compose.List(service, "command");
            AssertParses([.. command]);
            Assert.Equal(service, command[0]);
            Assert.Contains($"data:{command[command.IndexOf("--data") + 1]}", compose.List(service, "volumes"));
        }

        Assert.Equal(JsonSerializer.Deserialize<string[]>(Line("CMD"))!, compose.List("serve", "command").Take(5));
        Assert.Equal($"127.0.0.1:{new ServeOptions { Data = "." }.Port}:{Line("EXPOSE")}", Assert.Single(compose.List("serve", "ports")));
        Assert.Contains($"/{Line("EXPOSE")} ", compose.List("serve", "healthcheck", "test")[^1], StringComparison.Ordinal);
        Assert.Equal(Line("VOLUME"), compose.List("serve", "volumes").Single().Split(':')[1]);

        // The database that workers are told of is the one that is started, and it holds with any password.
        var postgres = compose.Environment("postgres", _ => "p");
        var jobs = compose.Environment("worker", _ => "p")["HQTRACK_JOBS"];
        JobStore.Parse(jobs, TimeSpan.FromSeconds(5));
        Assert.Equal($"Host=postgres;Database={postgres["POSTGRES_DB"]};Username={postgres["POSTGRES_USER"]};Password={postgres["POSTGRES_PASSWORD"]}", jobs);
        Assert.Contains($"-U {postgres["POSTGRES_USER"]} -d {postgres["POSTGRES_DB"]}", compose.List("postgres", "healthcheck", "test")[^1], StringComparison.Ordinal);
        Assert.Contains("HQTRACK_TOKEN", compose.Environment("serve", _ => "p").Keys);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deploy.md"));
        Assert.All(ComposeFile.Variables, variable => Assert.Contains($"{variable}=", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_is_made_of_what_is_here()
    {
        var stages = Docker.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        var framework = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props")), @"<TargetFramework>net(\d+\.\d+)<").Groups[1].Value;
        Assert.Equal([$"FROM mcr.microsoft.com/dotnet/sdk:{framework} AS build", $"FROM mcr.microsoft.com/dotnet/aspnet:{framework}"], stages);
        var publish = Docker.Single(line => line.StartsWith("RUN dotnet publish", StringComparison.Ordinal)).Split(' ');
        var project = Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, publish[3]), "*.csproj"));
        Assert.Equal($"COPY --from=build {publish[^1]} {publish[^1]}", Docker.Single(line => line.StartsWith("COPY --from", StringComparison.Ordinal)));
        Assert.Equal(["dotnet", $"{publish[^1]}/{Path.GetFileNameWithoutExtension(project)}.dll"], JsonSerializer.Deserialize<string[]>(Line("ENTRYPOINT"))!);
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, $"{Path.GetFileNameWithoutExtension(project)}.dll")));
        Assert.Contains(".git", File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")));
        AssertParses(JsonSerializer.Deserialize<string[]>(Line("CMD"))!);
    }

    [Fact]
    public void The_units_of_systemd_are_right()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/systemd-analyze"), "no systemd-analyze on this machine");
        using var folder = new Tests.Media.TempFolder();
        foreach (var unit in Directory.GetFiles(ComposeFile.Folder, "*.service"))
        {
            var start = File.ReadLines(unit).Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
            AssertParses(start.Split(' ')[1..]);

            // The tool itself is not installed where tests run.
            File.WriteAllText(folder[Path.GetFileName(unit)], File.ReadAllText(unit).Replace(start.Split(' ')[0], "ExecStart=/bin/true", StringComparison.Ordinal));
        }

        var start2 = new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", folder["hqtrack.service"], folder["hqtrack-worker@1.service"]]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var verify = Process.Start(start2)!;
        var said = verify.StandardOutput.ReadToEnd() + verify.StandardError.ReadToEnd();
        verify.WaitForExit();
        Assert.Equal((0, string.Empty), (verify.ExitCode, string.Join('\n', said.Split('\n').Where(line => line.Contains("hqtrack", StringComparison.Ordinal)))));
    }

    private static string Line(string instruction) => Assert.Single(Docker, line => line.StartsWith(instruction + " ", StringComparison.Ordinal))[(instruction.Length + 1)..];

    private static void AssertParses(string[] command)
    {
        var parsed = CommandLine.Root(new Terminal(TextWriter.Null, TextWriter.Null)).Parse(command);
        Assert.True(parsed.Errors.Count == 0, string.Create(CultureInfo.InvariantCulture, $"'{string.Join(' ', command)}': {string.Join("; ", parsed.Errors.Select(error => error.Message))}"));
    }
}
