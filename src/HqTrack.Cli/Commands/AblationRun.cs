using System.Text;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Ablations;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;
using HqTrack.Vmos;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>Runs the cases of a study: in one pass where one pass gives them all, else each by itself. A case's row is kept in the output folder.</summary>
/// <param name="terminal">Shows how far it is.</param>
/// <param name="study">The study.</param>
/// <param name="model">The model, where the study does not choose it.</param>
/// <param name="folder">The output folder, or null.</param>
internal sealed class AblationRun(Terminal terminal, AblationStudy study, string model, string? folder)
{
    /// <summary>Shows nothing.</summary>
    public required bool IsQuiet { get; init; }

    /// <summary>Takes rows that are there.</summary>
    public required bool IsResumed { get; init; }

    /// <summary>Makes the user's options anew.</summary>
    public required Func<HqTrackerOptions> Options { get; init; }

    /// <summary>Opens the dataset for a case: its folder, or null, and its name as a file name.</summary>
    public required Func<string?, string, IExperiment> Open { get; init; }

    /// <summary>Runs every case whose row is not there.</summary>
    /// <returns>The rows in the order of the cases, and the cases that miss weights, with the reason.</returns>
    public async Task<(IReadOnlyList<AblationRow> Rows, IReadOnlyList<(string Value, string Reason)> Absent)> RunAsync(CancellationToken cancellation)
    {
        var rows = study.Cases.Select(Saved).ToArray();
        int[] open = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i] is null)];
        var absent = new List<(string Value, string Reason)>();
        if (study.OnePass is null || !await TogetherAsync(open, rows, cancellation).ConfigureAwait(false))
        {
            foreach (var i in open)
            {
                try
                {
                    rows[i] = await AloneAsync(study.Cases[i], cancellation).ConfigureAwait(false);
                }
                catch (WeightsMissingException e)
                {
                    absent.Add((study.Cases[i].Value, e.Message));
                }
            }
        }

        return ([.. rows.OfType<AblationRow>()], absent);
    }

    // False where weights are missing: case by case shows which can be run.
    private async Task<bool> TogetherAsync(int[] open, AblationRow?[] rows, CancellationToken cancellation)
    {
        if (open.Length == 0)
        {
            return true;
        }

        var options = Options();
        study.OnePass!(options);
        HqTracker tracker;
        try
        {
            tracker = HqTracker.Load(model, options);
        }
        catch (WeightsMissingException)
        {
            return false;
        }

        using (tracker)
        {
            (IExperiment Experiment, int Alternative)[] members = [.. open.Select(i => (OpenFor(study.Cases[i]), i))];
            var results = await FrameProgress.RunAsync(terminal, IsQuiet, study.Name, members[0].Experiment.Frames, advance =>
                SharedPass.RunAsync(new SessionTracker(tracker.StartSession), members, Steps(advance, study.Name), cancellation)).ConfigureAwait(false);
            foreach (var (i, result) in open.Zip(results))
            {
                rows[i] = Keep(study.Cases[i], result);
            }
        }

        return true;
    }

    private async Task<AblationRow> AloneAsync(AblationCase entry, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var name = entry.Model ?? model;
        if (VmosConfig.All.All(config => config.Name != name))
        {
            throw new WeightsMissingException("no model of that name is in the catalogue; 'hqtrack models list' has those that are.");
        }

        var experiment = OpenFor(entry);
        var options = Options();
        entry.Configure(options);
        using var tracker = HqTracker.Load(name, options);
        return Keep(entry, await FrameProgress.RunAsync(terminal, IsQuiet, entry.Value, experiment.Frames, advance =>
            experiment.TrackAsync(new SessionTracker(tracker.StartSession), Steps(advance, $"{study.Name} {entry.Value}"), cancellation)).ConfigureAwait(false));
    }

    private AblationRow? Saved(AblationCase entry) =>
        IsResumed && RowFile(entry) is { } path && File.Exists(path) ? Json.Deserialize<AblationRow>(File.ReadAllText(path)) : null;

    private AblationRow Keep(AblationCase entry, ExperimentResult result)
    {
        var row = AblationRow.Of(entry, result);
        if (RowFile(entry) is { } path)
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(Json.Serialize(row)));
        }

        return row;
    }

    private IExperiment OpenFor(AblationCase entry) => Open(FolderOf(entry), FileName(entry));

    private string? RowFile(AblationCase entry) => FolderOf(entry) is { } own ? Path.Combine(own, "row.json") : null;

    private string? FolderOf(AblationCase entry) => folder is null ? null : Path.Combine(folder, FileName(entry));

    private static EvaluationSteps Steps(Advance advance, string what) => new((frames, title) => advance(frames, title is null ? null : $"{what}: {title}"));

    private static string FileName(AblationCase entry) => entry.Value.Replace(':', '-');
}
