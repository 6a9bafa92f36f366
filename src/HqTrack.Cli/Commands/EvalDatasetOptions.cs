using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Lvos;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.YouTubeVos;

namespace HqTrack.Cli.Commands;

/// <summary>What is different about one kind of dataset: its options, and how it is opened.</summary>
internal abstract class EvalDatasetOptions(string name, string description)
{
    private readonly Option<string> root = new("--root") { Description = "The dataset's folder", HelpName = "DIR", Required = true };
    private readonly Option<string> sequences = new("--sequences") { Description = "Only these, separated by commas", HelpName = "NAMES" };

    /// <summary>The command's name.</summary>
    public string Name => name;

    /// <summary>The command's description.</summary>
    public string Description => description;

    /// <summary>Whether results are only kept in an output folder.</summary>
    public virtual bool NeedsOutputToResume => true;

    /// <summary>Options that only make sense when tracking.</summary>
    public virtual IReadOnlyList<Option> Tracking => NeedsOutputToResume ? [sequences] : [];

    /// <summary>The dataset's own options.</summary>
    protected virtual IReadOnlyList<Option> Own => [];

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(root);
        if (NeedsOutputToResume)
        {
            command.Options.Add(sequences);
        }

        foreach (var option in Own)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Opens the dataset that the command line names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Folder for results, or null.</param>
    /// <param name="resume">Whether finished sequences are taken from there.</param>
    /// <exception cref="Evaluation.EvaluationException">The dataset does not fit.</exception>
    public abstract IExperiment Open(ParseResult parsed, string? output, bool resume);

    /// <summary>Opens a dataset.</summary>
    /// <exception cref="Evaluation.EvaluationException">The dataset does not fit.</exception>
    public abstract IExperiment Open(DatasetChoice choice);

    /// <summary>What the command line says that every kind has.</summary>
    protected DatasetChoice Choice(ParseResult parsed, string? output, bool resume) => new(
        parsed.GetRequiredValue(root),
        null,
        NeedsOutputToResume ? DatasetChoice.Names(parsed.GetValue(sequences)) : null,
        output,
        resume,
        string.Empty);
}

/// <summary>A dataset and how it is run.</summary>
/// <param name="Root">Its folder.</param>
/// <param name="Set">Its set; null for the validation set.</param>
/// <param name="Sequences">Only these; null for all.</param>
/// <param name="Output">Folder for results; null for none.</param>
/// <param name="Resume">Whether finished sequences are taken from there.</param>
/// <param name="Tracker">Name of the results in a workspace of the VOT toolkit.</param>
internal sealed record DatasetChoice(string Root, string? Set, IReadOnlyList<string>? Sequences, string? Output, bool Resume, string Tracker)
{
    /// <summary>Names separated by commas; null stays null.</summary>
    public static IReadOnlyList<string>? Names(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fills a run's options.</summary>
    public T Fill<T>(T options)
        where T : EvaluationOptions
    {
        options.OutputFolder = Output;
        options.Resume = Resume;
        options.Sequences = Sequences;
        return options;
    }
}

/// <summary>eval davis.</summary>
internal sealed class EvalDavisOptions() : EvalDatasetOptions("davis", "J, F and J&F of a dataset in the layout of DAVIS")
{
    private readonly Option<string> set = new("--set") { Description = "A list of ImageSets [default: val, or every sequence where there are no lists]", HelpName = "NAME" };
    private readonly Option<int?> maxFrames = Opt.Integer("--max-frames", "Most frames of a sequence, for a quick look", 3);
    private readonly Option<int?> every = Opt.Integer("--every", "Track every n-th frame only, for a quick look", 1);
    private readonly Option<bool> parity = new("--parity") { Description = "Reproduce the official program's decay beyond 256 frames" };

    public override IReadOnlyList<Option> Tracking => [maxFrames, every];

    protected override IReadOnlyList<Option> Own => [set, maxFrames, every, parity];

    public override IExperiment Open(ParseResult parsed, string? output, bool resume) => Open(
        Choice(parsed, output, resume) with { Set = parsed.GetValue(set) },
        new() { MaxFrames = parsed.GetValue(maxFrames), Every = parsed.GetValue(every) ?? 1, Parity = parsed.GetValue(parity) });

    public override IExperiment Open(DatasetChoice choice) => Open(choice, new());

    private static DavisExperiment Open(DatasetChoice choice, DavisEvaluationOptions options) => new(DavisDataset.Open(choice.Root, choice.Set), choice.Fill(options));
}

/// <summary>eval ytvos.</summary>
internal sealed class EvalYouTubeVosOptions() : EvalDatasetOptions("ytvos", "J and F of seen and unseen categories of YouTube-VOS, or of MOSE in its layout")
{
    private readonly Option<string> set = new("--set") { Description = "The set's folder", HelpName = "NAME", DefaultValueFactory = _ => "valid" };

    protected override IReadOnlyList<Option> Own => [set];

    public override IExperiment Open(ParseResult parsed, string? output, bool resume) => Open(Choice(parsed, output, resume) with { Set = parsed.GetValue(set) });

    public override IExperiment Open(DatasetChoice choice)
    {
        var name = choice.Set ?? "valid";
        return new YouTubeVosExperiment(YouTubeVosDataset.Open(choice.Root, name), choice.Root, name, choice.Fill(new EvaluationOptions()));
    }
}

/// <summary>eval lvos.</summary>
internal sealed class EvalLvosOptions() : EvalDatasetOptions("lvos", "J, F and V of seen and unseen videos of LVOS")
{
    private readonly Option<string> set = new("--set") { Description = "The set's folder", HelpName = "NAME", DefaultValueFactory = _ => "valid" };

    protected override IReadOnlyList<Option> Own => [set];

    public override IExperiment Open(ParseResult parsed, string? output, bool resume) => Open(Choice(parsed, output, resume) with { Set = parsed.GetValue(set) });

    public override IExperiment Open(DatasetChoice choice)
    {
        var name = choice.Set ?? "valid";
        return new LvosExperiment(LvosDataset.Open(choice.Root, name), choice.Root, name, choice.Fill(new EvaluationOptions()));
    }
}

/// <summary>eval vots.</summary>
internal sealed class EvalVotsOptions() : EvalDatasetOptions("vots", "Quality, accuracy, robustness, NRE, DRE and ADQ of a workspace of the VOT toolkit; results stay in the workspace")
{
    private readonly Option<string> tracker = new("--tracker") { Description = "The tracker's name in the workspace", HelpName = "NAME", DefaultValueFactory = _ => "hqtrack" };

    public override bool NeedsOutputToResume => false;

    protected override IReadOnlyList<Option> Own => [tracker];

    public override IExperiment Open(ParseResult parsed, string? output, bool resume) => Open(Choice(parsed, output, resume) with { Tracker = parsed.GetValue(tracker)! });

    public override IExperiment Open(DatasetChoice choice) => new VotExperiment(VotWorkspace.Open(choice.Root), choice.Tracker, choice.Fill(new EvaluationOptions()));
}
