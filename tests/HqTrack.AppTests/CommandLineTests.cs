using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Weights;

namespace HqTrack.AppTests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("bogus", "bogus")]
    [InlineData("doctor --bogus", "--bogus")]
    [InlineData("models", "command")]
    [InlineData("models info", "NAME")]
    [InlineData("models info nosuch", "nosuch", "lite")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(string line, params string[] parts)
    {
        var run = await Hqtrack.RunAsync(line.Split(' '));
        run.AssertFails(ExitCode.Usage, parts);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task With_json_a_failure_is_a_document_too()
    {
        var run = await Hqtrack.RunAsync("models", "info", "nosuch", "--json");
        run.AssertFails(ExitCode.Usage, "nosuch");
        Assert.Equal(ExitCode.Usage, run.Json.GetProperty("exit_code").GetInt32());
        Assert.Contains(run.Json.GetProperty("error").GetString()!, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_command_on_stdout()
    {
        var run = await Hqtrack.RunAsync("--help");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.All(["models", "doctor"], command => Assert.Contains(command, run.Out, StringComparison.Ordinal));
        Assert.Empty(run.Error);
    }

    public static TheoryData<Exception, int> Failures => new()
    {
        { new MediaException("x"), 1 },
        { new IOException("x"), 1 },
        { new OutOfMemoryException(), 1 },
        { new InvalidOperationException("x"), 1 },
        { new UsageException("x"), 2 },
        { new WeightsMissingException("x"), 3 },
        { new CheckpointFormatException("x"), 3 },
        { new NativeRuntimeException("x"), 4 },
        { new DllNotFoundException("x"), 4 },
        { new TypeInitializationException("T", new DllNotFoundException("x")), 4 },
        { new AggregateException(new MediaException("x")), 1 },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Exceptions_map_to_exit_codes(Exception exception, int exitCode) => Assert.Equal(exitCode, Failure.Of(exception).ExitCode);

    [Fact]
    public void Messages_are_one_line() => Assert.DoesNotContain('\n', Failure.Of(new InvalidOperationException("a\nb\nc")).Message);
}
