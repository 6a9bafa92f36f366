using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>Tracks the videos of a dataset, one after the other.</summary>
internal interface IVideoTracker
{
    /// <summary>Tracks a whole video.</summary>
    /// <param name="video">The video, and where its results go.</param>
    /// <param name="cancellationToken">Ends the run between two frames; what was tracked has been handed over.</param>
    /// <exception cref="MediaException">A frame cannot be read or a result not written.</exception>
    Task<TrackingSummary> TrackAsync(VideoTask video, CancellationToken cancellationToken);
}

/// <summary>A video to be tracked.</summary>
/// <param name="Index">Its place in the dataset.</param>
/// <param name="Frames">Image files in order.</param>
/// <param name="Prompts">Objects to add, by the index in <paramref name="Frames"/>.</param>
/// <param name="Sinks">Get every frame in order.</param>
/// <param name="Tracked">Called for every frame after the sinks.</param>
internal sealed record VideoTask(
    int Index, IReadOnlyList<string> Frames, IReadOnlyDictionary<int, Prompt> Prompts, IReadOnlyList<IFrameSink> Sinks, Action<Frame, TrackedFrame> Tracked);

/// <summary>Tracks each video in a session of its own.</summary>
internal sealed class SessionTracker(Func<TrackingSession> startSession) : IVideoTracker
{
    public async Task<TrackingSummary> TrackAsync(VideoTask video, CancellationToken cancellationToken)
    {
        using var session = startSession();
        var pipeline = new TrackingPipeline(FrameSource.FromFiles(video.Frames), session, video.Prompts) { Sinks = video.Sinks, Tracked = video.Tracked };
        return await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
