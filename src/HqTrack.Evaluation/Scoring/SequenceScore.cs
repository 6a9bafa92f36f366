using HqTrack.Evaluation.Measures;

namespace HqTrack.Evaluation.Scoring;

/// <summary>Scores of one sequence.</summary>
/// <param name="Name">Name of the sequence.</param>
/// <param name="Frames">Names of the frames that count, for any object.</param>
/// <param name="Objects">The objects.</param>
internal sealed record SequenceScore(string Name, IReadOnlyList<string> Frames, IReadOnlyList<ObjectScore> Objects)
{
    /// <summary>Mean over the objects of (J + F) / 2.</summary>
    public double JAndF => Objects.Average(score => (score.J.Mean + score.F.Mean) / 2);
}

/// <summary>Scores of one object.</summary>
/// <param name="Name">SEQUENCE_ID, as the official tables name it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Frames">Names of the frames that count for it.</param>
/// <param name="FrameJ">J of each of them.</param>
/// <param name="FrameF">F of each of them.</param>
/// <param name="J">Region similarity over time.</param>
/// <param name="F">Contour accuracy over time.</param>
internal sealed record ObjectScore(
    string Name,
    int Id,
    IReadOnlyList<string> Frames,
    IReadOnlyList<double> FrameJ,
    IReadOnlyList<double> FrameF,
    MeasureStatistics J,
    MeasureStatistics F);
