namespace HqTrack.Evaluation.Tracking;

/// <summary>How far an evaluation is.</summary>
/// <param name="Sequence">The sequence at hand.</param>
/// <param name="Finished">Sequences that are finished.</param>
/// <param name="Sequences">Sequences in all.</param>
/// <param name="Frame">Frames of this sequence that are finished.</param>
/// <param name="Frames">Frames of this sequence in all.</param>
internal readonly record struct EvaluationProgress(string Sequence, int Finished, int Sequences, int Frame, int Frames);
