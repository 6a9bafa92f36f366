using HqTrack.Evaluation.Tracking;

namespace HqTrack.Evaluation.Experiments;

/// <summary>A dataset with its rules: what is tracked, what counts, what the official programs write.</summary>
internal interface IExperiment
{
    /// <summary>Name of the dataset's kind: DAVIS, YouTube-VOS, LVOS, VOTS.</summary>
    string Kind { get; }

    /// <summary>The dataset's folder.</summary>
    string Root { get; }

    /// <summary>Its subset.</summary>
    string Set { get; }

    /// <summary>Frames that a run tracks, at most: leading frames without an object are not tracked.</summary>
    int Frames { get; }

    /// <summary>Tracks and scores.</summary>
    /// <param name="tracker">Tracks the videos.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancellationToken">Ends the run between two frames; what was written stays valid.</param>
    /// <exception cref="EvaluationException">The dataset does not fit; the message names the sequence and file.</exception>
    /// <exception cref="Media.MediaException">A frame cannot be read or a result not written.</exception>
    Task<ExperimentResult> TrackAsync(IVideoTracker tracker, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Scores results that are on disk.</summary>
    /// <param name="results">Their folder.</param>
    /// <param name="progress">Told after each sequence.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="EvaluationException">A result is missing or does not fit.</exception>
    ExperimentResult Score(string results, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken);

    /// <summary>A frame with its annotation and its result; null where one of them is not on disk.</summary>
    /// <param name="sequence">Name of the sequence.</param>
    /// <param name="frame">Name of the frame.</param>
    /// <param name="results">Folder of the results, or null.</param>
    ScoredFrame? Picture(string sequence, string frame, string? results);
}
