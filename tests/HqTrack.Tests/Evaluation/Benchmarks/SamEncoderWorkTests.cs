using HqTrack.Evaluation.Benchmarks;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Evaluation.Benchmarks;

/// <summary>The floor's work: every layer has its grid, and the sum is that of the layers' shapes.</summary>
[Collection("torch")]
public sealed class SamEncoderWorkTests
{
    [Theory]
    [InlineData("sam-vit-b", 768, 12, 12)]
    [InlineData("sam-vit-l", 1024, 24, 16)]
    [InlineData("sam-vit-h", 1280, 32, 16)]
    public void Transformers_add_up(string name, double channels, int depth, int heads)
    {
        const double Positions = 64 * 64, Windows = 25, Window = 14 * 14;
        const int Global = 4;
        var layers = 2 * Positions * ((12 * channels * channels * depth) + (768 * channels) + (channels * 256) + (256 * 256 * 9)); // blocks, patches, neck
        var scores = 4 * channels * ((Positions * Positions * Global) + (Windows * Window * Window * (depth - Global)));
        var relative = 4 * channels * ((Positions * 64 * Global) + (Windows * Window * 14 * (depth - Global)));
        Assert.Equal(0, channels % heads);
        Assert.Equal(1, Gigaflops(name) / ((layers + scores + relative) / 1e9), 0.001);
    }

    [Theory]
    [InlineData("sam-hq-vit-tiny", 78.11)]
    [InlineData("sam-lite", 12.32)]
    public void Light_encoders_stay_as_light_as_they_were_first_counted(string name, double gigaflops) =>
        Assert.Equal(gigaflops, Gigaflops(name), 0.005);

    private static double Gigaflops(string name)
    {
        NativeRuntime.EnsureLoaded();
        set_default_device(new Device(DeviceType.META));
        try
        {
            using var network = new SamNetwork(SamConfig.All.Single(config => config.Name == name));
            var work = SamEncoderWork.Of(network);
            return work.Sum(entry => entry.Key.Flops * entry.Value) / 1e9;
        }
        finally
        {
            set_default_device(CPU);
        }
    }
}
