using System.CommandLine;
using HqTrack.Refiner;
using HqTrack.Weights;

namespace HqTrack.Cli.Options;

/// <summary>The options that choose and place a network of the SAM family where it works alone.</summary>
internal sealed class SamOptions
{
    private readonly Option<string> refiner = Opt.Choice("--refiner", "The network", "NAME", [.. RefinerModel.Names.Skip(1)], "sam-lite");
    private readonly Option<string> weights = new("--weights") { Description = "File with its weights, .pth or .safetensors", HelpName = "FILE" };
    private readonly Option<string> device = ModelOptions.Device();
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);

    /// <summary>Makes the options and adds them to a command.</summary>
    public SamOptions(Command command)
    {
        foreach (var option in (Option[])[refiner, weights, device, threads])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Name of the network that was chosen.</summary>
    public string Name(ParseResult parsed) => parsed.GetRequiredValue(refiner);

    /// <summary>Weights file, device and threads that were chosen.</summary>
    public HqTrackerOptions Options(ParseResult parsed) => new()
    {
        RefinerWeightsPath = parsed.GetValue(weights),
        Device = parsed.GetRequiredValue(device),
        Threads = parsed.GetValue(threads),
    };

    /// <summary>Loads what was chosen.</summary>
    /// <exception cref="WeightsMissingException">It has no weights here.</exception>
    public ImageSegmenter Load(ParseResult parsed) => ImageSegmenter.Load(Name(parsed), Options(parsed));
}
