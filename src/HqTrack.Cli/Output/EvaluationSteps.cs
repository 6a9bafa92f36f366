using HqTrack.Evaluation.Tracking;

namespace HqTrack.Cli.Output;

/// <summary>Turns "frame 7 of sequence x" into frames since the last call; unlike <see cref="Progress{T}"/>, in order and on the caller's thread.</summary>
internal sealed class EvaluationSteps(Advance advance) : IProgress<EvaluationProgress>
{
    private int last;

    public void Report(EvaluationProgress value)
    {
        if (value.Frame > last)
        {
            advance(value.Frame - last, $"{value.Sequence} ({Math.Min(value.Finished + 1, value.Sequences)} of {value.Sequences})");
        }

        last = value.Frame < value.Frames ? value.Frame : 0;
    }
}
