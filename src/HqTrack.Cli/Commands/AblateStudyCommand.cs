using System.CommandLine;
using System.Text;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Ablations;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Reports;
using HqTrack.Media;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>One study: what is the same for all of them.</summary>
internal sealed class AblateStudyCommand
{
    private static readonly IReadOnlyList<EvalDatasetOptions> Layouts = [new EvalDavisOptions(), new EvalYouTubeVosOptions(), new EvalLvosOptions(), new EvalVotsOptions()];

    private readonly Func<ParseResult, HqTrackerOptions, AblationStudy> study;
    private readonly ExperimentOptions dataset = new();
    private readonly Option<string> output = new("--output", "-o") { Description = "Folder for the masks of each setting, ablation.json, table.md and report.html", HelpName = "DIR" };
    private readonly Option<bool> resume = new("--resume") { Description = "Take settings and sequences that are finished from the output folder" };
    private readonly Option<string> degrade = new("--degrade") { Description = "Make proposals worse before they are refined: erode:P, dilate:P, shift:P (percent of an object's size)", HelpName = "HOW" };
    private readonly Option<int?> seed = Opt.Integer("--seed", "Of --degrade [default: 1]", 0);
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private AblateStudyCommand(Terminal terminal, Func<ParseResult, HqTrackerOptions, AblationStudy> study) => (this.terminal, this.study) = (terminal, study);

    /// <summary>Makes a study's command.</summary>
    public static Command Create(Terminal terminal, string name, string description, IReadOnlyList<Option> own, Func<ParseResult, HqTrackerOptions, AblationStudy> study)
    {
        var ablate = new AblateStudyCommand(terminal, study);
        var command = new Command(name, description);
        ablate.dataset.AddTo(command);
        foreach (var option in (IEnumerable<Option>)[.. own, ablate.output, ablate.resume, ablate.degrade, ablate.seed])
        {
            command.Options.Add(option);
        }

        var model = new ModelOptions(command);
        command.Options.Add(ablate.quiet);
        command.Options.Add(ablate.json);
        command.SetAction((parsed, cancellation) => ablate.RunAsync(parsed, model, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        var folder = parsed.GetValue(output);
        if (parsed.GetValue(resume) && folder is null)
        {
            throw new UsageException("--resume needs --output: the folder of the run to go on with.");
        }

        var worse = Degradation(parsed);
        var plan = study(parsed, model.Options(parsed));
        if (folder is not null)
        {
            AtomicFile.CreateFolder(folder); // before the work, which would be lost otherwise
        }

        var subject = $"{(plan.Cases.All(entry => entry.Model is null) ? $"{model.Name(parsed)} on " : string.Empty)}{Path.GetFileName(Path.GetFullPath(dataset.Root(parsed)))}{(worse is null ? string.Empty : $", proposals made worse by {worse}")}";
        var (rows, absent) = await new AblationRun(terminal, plan, model.Name(parsed), folder)
        {
            IsQuiet = parsed.GetValue(quiet),
            IsResumed = parsed.GetValue(resume),
            Options = () =>
            {
                var options = model.Options(parsed);
                options.Degrade = worse is null ? null : worse.Apply;
                return options;
            },
            Open = (output, name) => dataset.Open(parsed, output, parsed.GetValue(resume), $"ablate-{plan.Name}-{name}"),
        }.RunAsync(cancellation).ConfigureAwait(false);
        string[] missing = [.. absent.GroupBy(entry => entry.Reason, entry => entry.Value).Select(group => $"{string.Join(", ", group)}: {group.Key}")];
        if (rows.Count == 0)
        {
            throw new WeightsMissingException($"nothing of the study '{plan.Name}' can be run, weights are missing for {missing[0].TrimEnd('.')}{(missing.Length > 1 ? $"; and for {missing.Length - 1} more, each for its own reason" : string.Empty)}.");
        }

        Report(parsed, plan, rows, subject, missing, folder);
        return ExitCode.Ok;
    }

    private MaskDegradation? Degradation(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(degrade) is { } text ? MaskDegradation.Parse(text, parsed.GetValue(seed) ?? 1) : null;
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--degrade {e.Message.Split(" (Parameter", 2)[0]}");
        }
    }

    private void Report(ParseResult parsed, AblationStudy plan, IReadOnlyList<AblationRow> rows, string subject, string[] missing, string? folder)
    {
        var report = new AblationReport(plan.Name, subject, rows, missing, plan.Published, plan.Differs, plan.OnePass is not null);
        var (header, cells) = AblationPage.Table(rows);
        if (folder is not null)
        {
            AtomicFile.Write(Path.Combine(folder, "ablation.json"), Encoding.UTF8.GetBytes(Json.Serialize(report) + "\n"));
            AtomicFile.Write(Path.Combine(folder, "table.md"), Encoding.UTF8.GetBytes(MarkdownTable.Of(header, cells)));
            AblationPage.Make(plan, rows, subject, missing).Save(Path.Combine(folder, "report.html"));
        }

        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        terminal.WriteTable([.. header.Select(name => name.ToUpperInvariant())], cells);
        terminal.Out.WriteLine();
        if (plan.OnePass is not null)
        {
            terminal.Out.WriteLine($"frames/s: {AblationPage.OnePassNote}");
        }

        terminal.Out.WriteLine($"the paper: {plan.Published}");
        terminal.Out.WriteLine($"what differs: {plan.Differs}");
        foreach (var text in missing)
        {
            terminal.Out.WriteLine($"not run: {text}");
        }
    }

    /// <summary>The dataset's options: --layout chooses which kind.</summary>
    private sealed class ExperimentOptions
    {
        private readonly Option<string> layout = Opt.Choice("--layout", "Kind of dataset: davis, ytvos, lvos, vots", "NAME", [.. Layouts.Select(entry => entry.Name)], "davis");
        private readonly Option<string> root = new("--root") { Description = "The dataset's folder", HelpName = "DIR", Required = true };
        private readonly Option<string> set = new("--set") { Description = "The set [default: the layout's validation set]", HelpName = "NAME" };
        private readonly Option<string> sequences = new("--sequences") { Description = "Only these, separated by commas", HelpName = "NAMES" };

        public void AddTo(Command command)
        {
            foreach (var option in (IEnumerable<Option>)[root, layout, set, sequences])
            {
                command.Options.Add(option);
            }
        }

        public string Root(ParseResult parsed) => parsed.GetRequiredValue(root);

        public IExperiment Open(ParseResult parsed, string? folder, bool isResumed, string tracker) => Layouts.First(entry => entry.Name == parsed.GetValue(layout)).Open(
            new DatasetChoice(Root(parsed), parsed.GetValue(set), DatasetChoice.Names(parsed.GetValue(sequences)), folder, isResumed, tracker));
    }
}

/// <summary>ablate --json.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Subject">Model and dataset.</param>
/// <param name="Rows">A row a setting.</param>
/// <param name="Missing">Settings that could not be run, and why.</param>
/// <param name="Published">What the paper found.</param>
/// <param name="Differs">What differs.</param>
/// <param name="OnePass">All settings came from one pass, whose frames per second every row has.</param>
internal sealed record AblationReport(
    string Study, string Subject, IReadOnlyList<AblationRow> Rows, IReadOnlyList<string> Missing, string Published, string Differs, bool OnePass);
