using HqTrack.Media;

namespace HqTrack.Web.Runs;

/// <summary>Where an attempt at a run finds what it needs and leaves what it makes: a project's folder, or a server that has one. It is this process's until somebody else takes it over.</summary>
internal interface IRunSite
{
    /// <summary>Whether a person asked the run to end.</summary>
    bool IsStopped { get; }

    /// <summary>What is to be done.</summary>
    /// <exception cref="MediaException">It cannot be read, or must not be tried again.</exception>
    RunPlan Plan();

    /// <summary>Decodes a frame.</summary>
    /// <exception cref="MediaException">Its file is missing or damaged.</exception>
    Task<Frame> LoadAsync(int index, CancellationToken cancellation);

    /// <summary>Where to go on, and the saved session's file; null for the beginning.</summary>
    (RunCheckpoint At, string Session)? Checkpoint();

    /// <summary>Keeps a frame's result.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    /// <exception cref="OperationCanceledException">The run is somebody else's now.</exception>
    ValueTask WriteAsync(TrackedFrame frame);

    /// <summary>Makes a checkpoint after a frame that was written.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    /// <exception cref="OperationCanceledException">The run is somebody else's now.</exception>
    void Save(RunCheckpoint at, Action<string> save);

    /// <summary>Says how the run ended; everything written is there when this returns.</summary>
    /// <exception cref="OperationCanceledException">The run is somebody else's now.</exception>
    Task EndAsync(string state, string? error, CancellationToken cancellation);
}

/// <summary>Where a run can be gone on with.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Frame">The frame after which the session was saved.</param>
internal sealed record RunCheckpoint(string Pass, int Frame)
{
    /// <summary>Name of the saved session's file.</summary>
    public string Session => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"session-{Pass}-{Frame}");
}
