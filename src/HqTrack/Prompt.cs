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

    /// <summary>One object by a box around it. Needs a tracker with a refiner.</summary>
    public static Prompt Box(int id, Box box) => Objects(new ObjectPrompt(id, [box], []));

    /// <summary>One object by points on it and beside it. Needs a tracker with a refiner.</summary>
    public static Prompt Points(int id, params IReadOnlyList<PromptPoint> points) => Objects(new ObjectPrompt(id, [], points));

    /// <summary>Objects by boxes and points, several of each per object. Needs a tracker with a refiner.</summary>
    public static Prompt Objects(params IReadOnlyList<ObjectPrompt> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return new ObjectsPrompt(objects);
    }

    /// <summary>Several prompts for one frame, with different objects. Where they overlap, given masks lie over predicted ones.</summary>
    public static Prompt Combine(params IReadOnlyList<Prompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return new CombinedPrompt(prompts);
    }

    /// <summary>The masks that are part of the prompt.</summary>
    internal abstract IEnumerable<LabelMap> Masks { get; }

    /// <summary>The objects that need the refiner.</summary>
    internal abstract IEnumerable<ObjectPrompt> ObjectPrompts { get; }

    private sealed record MaskPrompt(LabelMap Labels) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => [Labels];

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => [];
    }

    private sealed record ObjectsPrompt(IReadOnlyList<ObjectPrompt> List) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => [];

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => List;
    }

    private sealed record CombinedPrompt(IReadOnlyList<Prompt> Parts) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => Parts.SelectMany(part => part.Masks);

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => Parts.SelectMany(part => part.ObjectPrompts);
    }
}
