using HqTrack.Media;

namespace HqTrack.Evaluation.Baselines;

/// <summary>What needs no learning, to compare a tracker with.</summary>
internal interface IBaseline
{
    /// <summary>The label map of a frame, of its size.</summary>
    LabelMap Predict(Frame frame);
}
