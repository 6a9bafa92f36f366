using HqTrack.Media;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Vmos;

/// <summary>The same clip again and again.</summary>
internal sealed class OneClip((Frame Frame, LabelMap Labels)[] frames) : IClipSource
{
    public string Name => "one clip";

    public Clip Next(ref Rng rng, ClipShape shape) =>
        new([.. frames.Select(entry => entry.Frame)], [.. frames.Select(entry => entry.Labels)], frames[0].Labels.ObjectIds().Count);
}
