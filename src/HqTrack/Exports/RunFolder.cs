using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// DIR/.hqtrack: what an unfinished run needs so that the same command goes on where it stopped, even if it was killed. state.json, replaced
/// as a whole, says how far everything was; it is removed with the folder when the run is complete.
/// </summary>
internal sealed partial class RunFolder
{
    private const string StateFile = "state.json";

    private readonly JsonObject identity;
    private readonly string folder;

    private RunFolder(string directory, JsonObject identity, JsonObject? state)
    {
        folder = Path.Combine(directory, ExportTarget.WorkFolder);
        this.identity = identity;
        State = state;
    }

    /// <summary>What the last checkpoint of an unfinished run said; null for a run from the start.</summary>
    public JsonObject? State { get; private set; }

    /// <summary>The last frame that is done; null before the first checkpoint.</summary>
    public int? Frame => State?["frame"]?.GetValue<int>();

    /// <summary>Whether everything is written and only the folder is left to remove.</summary>
    public bool IsComplete => State?["complete"]?.GetValue<bool>() == true;

    /// <summary>Opens the folder.</summary>
    /// <param name="directory">The output folder.</param>
    /// <param name="identity">Inputs and options by name: a run goes on with the same ones only.</param>
    /// <param name="resumes">Whether to go on with an unfinished run; else it is given up.</param>
    /// <exception cref="MediaException">There is an unfinished run with other inputs or options, or the folder cannot be written.</exception>
    public static RunFolder Open(string directory, JsonObject identity, bool resumes)
    {
        var path = Path.Combine(directory, ExportTarget.WorkFolder);
        var state = resumes ? Read(Path.Combine(path, StateFile)) : null;
        if (state is not null && Difference(state["run"]!.AsObject(), identity) is { } difference)
        {
            throw new MediaException($"'{directory}' holds an unfinished run with {difference}; choose another output folder, go on with the same options, or start anew with --no-resume.");
        }

        var run = new RunFolder(directory, identity, state?["frame"] is null && state?["backward"] is null && state?["backward_done"] is null ? null : state);
        if (run.State is null && Directory.Exists(path))
        {
            Guarded(path, () => Directory.Delete(path, recursive: true));
        }

        if (Directory.Exists(directory))
        {
            RemoveTemporaries(directory);
        }

        AtomicFile.CreateFolder(path);
        foreach (var file in Directory.GetFiles(path, "session-*").Where(file => Path.GetFileName(file) != run.State?["session"]?.GetValue<string>()))
        {
            Guarded(file, () => File.Delete(file)); // saved, but killed before it counted
        }

        if (run.State is null)
        {
            run.Commit([]);
        }

        return run;
    }

    /// <summary>Inputs and options of the unfinished run in an output folder; null where there is none.</summary>
    public static JsonObject? IdentityOf(string directory) => Read(Path.Combine(directory, ExportTarget.WorkFolder, StateFile))?["run"]?.AsObject();

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Replaces the state.</summary>
    public void Commit(JsonObject state)
    {
        state["run"] = identity.DeepClone();
        AtomicFile.Write(PathOf(StateFile), JsonSerializer.SerializeToUtf8Bytes(state));
        State = state;
    }

    /// <summary>Removes the folder: the run is complete.</summary>
    public void Remove() => Guarded(folder, () => Directory.Delete(folder, recursive: true));

    // A damaged state is that of no run: it is written whole or not at all.
    private static JsonObject? Read(string path)
    {
        try
        {
            return File.Exists(path) && JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject state && state["run"] is JsonObject ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Difference(JsonObject old, JsonObject own)
    {
        foreach (var name in old.Select(entry => entry.Key).Union(own.Select(entry => entry.Key)))
        {
            var (before, now) = (old[name]?.ToString() ?? "none", own[name]?.ToString() ?? "none");
            if (before != now)
            {
                return $"{name} {before}, this one has {now}";
            }
        }

        return null;
    }

    // What a killed process left of files it was writing.
    private static void RemoveTemporaries(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, ".*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(file => Temporary().IsMatch(Path.GetFileName(file))))
        {
            Guarded(file, () => File.Delete(file));
        }
    }

    private static void Guarded(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    [GeneratedRegex(@"^\..+\.\d+\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex Temporary();
}
