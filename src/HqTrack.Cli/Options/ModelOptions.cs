using System.CommandLine;
using System.CommandLine.Parsing;
using HqTrack.Vmos;
using HqTrack.Weights;

namespace HqTrack.Cli.Options;

/// <summary>The options that choose and place a model; every command that tracks has them all.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> model = Opt.Choice("--model", "The segmenter ('hqtrack models list')", "NAME", [.. VmosConfig.All.Select(config => config.Name)], "lite");
    private readonly Option<string> weights = new("--weights") { Description = "File with the model's weights, .pth or .safetensors", HelpName = "FILE" };
    private readonly RefinerOptions refiner;
    private readonly Option<int?> maxSize = Opt.Integer("--max-size", $"Short side the network works at, in pixels; for lite the largest [default: {new HqTrackerOptions().MaxSize}]", 32);
    private readonly Option<int?> memoryGap = Opt.Integer("--memory-gap", "Frames between two entries of the long-term memory [default: the model's]", 1);
    private readonly Option<int?> memoryBound = Opt.Integer("--memory-bound", "Most frames in the long-term memory, the first one among them [default: the model's]", 2);
    private readonly Option<string> tracking = Opt.Choice("--tracking", "All objects joint in one engine, or separate: an engine each", "HOW", ["joint", "separate"], "joint");
    private readonly Option<string> device = Device();
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);

    /// <summary>Makes the options and adds them to a command.</summary>
    public ModelOptions(Command command)
    {
        command.Options.Add(model);
        command.Options.Add(weights);
        refiner = new RefinerOptions(command);
        foreach (var option in (Option[])[maxSize, memoryGap, memoryBound, tracking, device, threads])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>--device.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device") { Description = "cpu, auto, cuda or cuda:N", HelpName = "NAME", DefaultValueFactory = _ => new HqTrackerOptions().Device };
        option.Validators.Add(CheckDevice);
        return option;
    }

    /// <summary>Loads what was chosen.</summary>
    /// <exception cref="WeightsMissingException">The model or the refiner has no weights here.</exception>
    public HqTracker Load(ParseResult parsed) => HqTracker.Load(Name(parsed), Options(parsed));

    /// <summary>The model's name.</summary>
    public string Name(ParseResult parsed) => parsed.GetValue(model)!;

    /// <summary>How it is to be loaded.</summary>
    public HqTrackerOptions Options(ParseResult parsed)
    {
        var options = new HqTrackerOptions
        {
            WeightsPath = parsed.GetValue(weights),
            Device = parsed.GetValue(device)!,
            Threads = parsed.GetValue(threads),
            MemoryGap = parsed.GetValue(memoryGap),
            MemoryBound = parsed.GetValue(memoryBound),
            Separate = parsed.GetValue(tracking) == "separate",
        };
        refiner.Apply(parsed, options);
        options.MaxSize = parsed.GetValue(maxSize) ?? options.MaxSize;
        return options;
    }

    /// <summary>What decides about results, so that an unfinished run is only gone on with for the same.</summary>
    public string Identity(ParseResult parsed, HqTracker tracker)
    {
        var options = Options(parsed);
        string Weights(string name, string? path) => ModelCatalog.HashOf(name, path)[..16];
        var refined = tracker.HasRefiner ? $" and {Weights(tracker.Refiner, options.RefinerWeightsPath)}" : string.Empty;
        return $"{tracker.Fingerprint}, weights {Weights(tracker.Model, options.WeightsPath)}{refined}, device {options.Device}, threads {options.Threads ?? Environment.ProcessorCount}";
    }

    private static void CheckDevice(OptionResult result)
    {
        if (result.Tokens is [{ Value: var name }] && name is not ("cpu" or "auto" or "cuda")
            && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out var index) && index >= 0))
        {
            result.AddError($"--device '{name}' is not known; expected cpu, auto, cuda or cuda:N");
        }
    }
}
