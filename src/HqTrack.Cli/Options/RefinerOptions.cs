using System.CommandLine;
using HqTrack.Refiner;

namespace HqTrack.Cli.Options;

/// <summary>The options that choose a mask refiner and its policy; every command that tracks has them.</summary>
internal sealed class RefinerOptions
{
    private readonly Option<string> refiner = Opt.Choice("--refiner", "The mask refiner [default: off; with --model hqtrack the published one, sam-hq-vit-h]", "NAME", RefinerModel.Names, fallback: null);
    private readonly Option<string> weights = new("--refiner-weights") { Description = "File with the refiner's weights, .pth or .safetensors", HelpName = "FILE" };
    private readonly Option<RefinementGate> gate = Gate();
    private readonly Option<RefinementSchedule> schedule = Parsed(
        "--refine", "What is refined: every, every:K, uncertain[:P] [default: uncertain; with --model hqtrack every]", "WHEN", RefinementSchedule.Parse);

    /// <summary>Makes the options and adds them to a command.</summary>
    public RefinerOptions(Command command)
    {
        foreach (var option in (Option[])[refiner, weights, gate, schedule])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>--gate.</summary>
    public static Option<RefinementGate> Gate() => Parsed(
        "--gate", "Which refined masks are kept: hqtrack, iou-best[:T], always [default: iou-best; with --model hqtrack hqtrack]", "GATE", RefinementGate.Parse);

    /// <summary>Puts what was chosen into the tracker's options.</summary>
    public void Apply(ParseResult parsed, HqTrackerOptions options)
    {
        options.Refiner = parsed.GetValue(refiner);
        options.RefinerWeightsPath = parsed.GetValue(weights);
        options.Gate = parsed.GetValue(gate);
        options.Refine = parsed.GetValue(schedule);
    }

    private static Option<T> Parsed<T>(string name, string description, string helpName, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (ArgumentException e)
            {
                result.AddError($"{name}: {e.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}");
                return default;
            }
        },
    };
}
