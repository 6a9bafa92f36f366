using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Vmos;

namespace HqTrack.AppTests.Commands;

public sealed class ModelsTests
{
    [Fact]
    public async Task List_shows_every_model()
    {
        var text = await Hqtrack.RunAsync("models", "list");
        var json = await Hqtrack.RunAsync("models", "list", "--json");
        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (text.ExitCode, json.ExitCode));
        var names = json.Json.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString()!).ToList();
        Assert.Empty(VmosConfig.All.Select(config => config.Name).Except(names));
        Assert.All(names, name => Assert.Contains(name, text.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Info_shows_one_model()
    {
        var run = await Hqtrack.RunAsync("models", "info", "lite", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal("lite", run.Json.GetProperty("name").GetString());
        var hasWeights = run.Json.GetProperty("present").GetBoolean();
        Assert.Equal(hasWeights ? 64 : "unknown".Length, run.Json.GetProperty("sha256").GetString()!.Length);
    }
}
