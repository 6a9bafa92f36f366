using HqTrack.Media;

namespace HqTrack.Web.Masks;

/// <summary>Where an object's pixels in a frame come from.</summary>
internal enum MaskSource
{
    /// <summary>The tracker.</summary>
    Tracked,

    /// <summary>A person.</summary>
    Prompt,

    /// <summary>A locked frame.</summary>
    Locked,
}

/// <summary>An object in a frame.</summary>
/// <param name="Id">The object.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Box">Tight box; null without a pixel.</param>
/// <param name="Confidence">0..1; 1 for what a person said.</param>
/// <param name="Source">Where it comes from.</param>
internal sealed record ComposedObject(int Id, int Area, Box? Box, double Confidence, MaskSource Source);

/// <summary>A frame's masks as they count.</summary>
internal sealed record ComposedFrame(LabelMap Labels, IReadOnlyList<ComposedObject> Objects);
