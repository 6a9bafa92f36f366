using HqTrack.Media;

namespace HqTrack;

/// <summary>How objects are pointed out in a frame.</summary>
public abstract record Prompt
{
    private Prompt()
    {
    }

    /// <summary>Every object by its pixels.</summary>
    /// <param name="labels">Ids per pixel, of the frame's size; each id other than 0 becomes an object with that id.</param>
    public static Prompt Mask(LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new MaskPrompt(labels);
    }

    /// <summary>A label map as prompt.</summary>
    internal sealed record MaskPrompt(LabelMap Labels) : Prompt;
}
