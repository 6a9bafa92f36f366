using HqTrack.Media;

namespace HqTrack.Evaluation.Baselines;

/// <summary>The baseline that believes nothing moves: the first mask for every frame.</summary>
internal sealed class CopyFirstMask(LabelMap first) : IBaseline
{
    public LabelMap Predict(Frame frame) => first;
}
