using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

// What a server and a worker that does not share its data folder say to each other; docs/api.md describes the paths.

/// <summary>Who wants to work.</summary>
/// <param name="Machine">Name of the machine.</param>
/// <param name="Process">Id of the process.</param>
/// <param name="Version">Version of the program; must be the server's.</param>
/// <param name="Model">Model and options that decide about results; must be the server's.</param>
internal sealed record WorkerHello(string Machine, int Process, string Version, string Model)
{
    /// <summary>This process.</summary>
    public static WorkerHello Of(HqTracker tracker) => new(Environment.MachineName, Environment.ProcessId, typeof(WorkerHello).Assembly.GetName().Version!.ToString(3), tracker.Fingerprint);
}

/// <summary>A worker that the server knows.</summary>
/// <param name="Worker">Its id, for its requests.</param>
/// <param name="LostAfterSeconds">After how long without a request the server takes it for dead.</param>
internal sealed record WorkerDocument(string Worker, double LostAfterSeconds);

/// <summary>A run that a worker has until it ends it or is taken for dead.</summary>
/// <param name="Lease">Its id, for requests about it.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Run">The run's number.</param>
/// <param name="Journal">The project's journal up to the run.</param>
/// <param name="Layers">The run's first frame as earlier runs left it.</param>
/// <param name="Checkpoint">Where to go on; null for the beginning.</param>
internal sealed record LeaseDocument(string Lease, string Project, int Run, string Journal, IReadOnlyList<LayerDocument> Layers, CheckpointDocument? Checkpoint);

/// <summary>What an earlier run wrote of a frame.</summary>
internal sealed record LayerDocument(int Run, TrackedDocument Frame);

/// <summary>A checkpoint and the file that goes with it.</summary>
internal sealed record CheckpointDocument(string Pass, int Frame, string Sha256);

/// <summary>An object in a frame; its area and box are counted from the mask.</summary>
internal sealed record TrackedObjectDocument(int Id, double Confidence);

/// <summary>A frame's result.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Objects">Every object that is followed there.</param>
/// <param name="Mask">Indexed PNG; the index is the object's id.</param>
/// <param name="Sha256">Of the mask's bytes.</param>
internal sealed record TrackedDocument(int Frame, IReadOnlyList<TrackedObjectDocument> Objects, byte[] Mask, string Sha256)
{
    /// <summary>Makes one.</summary>
    public static TrackedDocument Of(RunFrame frame, byte[] mask) =>
        new(frame.Frame, [.. frame.Objects.Select(entry => new TrackedObjectDocument(entry.Id, entry.Confidence))], mask, HashOf(mask));

    /// <summary>A hash as the documents have it.</summary>
    public static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Whether the mask came as it was sent.</summary>
    public bool IsWhole => HashOf(Mask) == Sha256;

    /// <summary>The line that a run keeps of it.</summary>
    /// <exception cref="MediaException">The mask is damaged.</exception>
    public RunFrame Line(LabelMap labels)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        return new(Frame, [.. Objects.Select(entry => new RunObject(entry.Id, areas[entry.Id], boxes.TryGetValue(entry.Id, out var box) ? box : null, entry.Confidence))]);
    }
}

/// <summary>Frames that a worker pushes.</summary>
internal sealed record PushDocument(IReadOnlyList<TrackedDocument> Frames);

/// <summary>What a server answers to whatever a worker tells of its run.</summary>
/// <param name="Stop">Whether a person asked the run to end.</param>
internal sealed record LeaseState(bool Stop);

/// <summary>How a worker ends its run.</summary>
/// <param name="State">done, stopped, failed; or broken for a failure that another attempt may not have.</param>
/// <param name="Error">One line; null but for failed and broken.</param>
internal sealed record LeaseEnd(string State, string? Error)
{
    public const string Broken = "broken";
}
