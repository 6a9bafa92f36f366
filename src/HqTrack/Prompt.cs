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

    /// <summary>The same for some of its objects; null where none of them is in it.</summary>
    internal abstract Prompt? Only(IReadOnlyCollection<int> ids);

    /// <summary>Ids of all its objects.</summary>
    internal IReadOnlyList<int> Ids => [.. Masks.SelectMany(labels => labels.ObjectIds()).Concat(ObjectPrompts.Select(entry => entry.Id))];

    private sealed record MaskPrompt(LabelMap Labels) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => [Labels];

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => [];

        internal override Prompt? Only(IReadOnlyCollection<int> ids)
        {
            var present = Labels.ObjectIds();
            return present.All(ids.Contains) ? this : present.Any(ids.Contains) ? new MaskPrompt(LabelMerge.Only(Labels, ids)) : null;
        }
    }

    private sealed record ObjectsPrompt(IReadOnlyList<ObjectPrompt> List) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => [];

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => List;

        internal override Prompt? Only(IReadOnlyCollection<int> ids) =>
            List.Where(entry => ids.Contains(entry.Id)).ToList() is { Count: > 0 } kept ? new ObjectsPrompt(kept) : null;
    }

    private sealed record CombinedPrompt(IReadOnlyList<Prompt> Parts) : Prompt
    {
        internal override IEnumerable<LabelMap> Masks => Parts.SelectMany(part => part.Masks);

        internal override IEnumerable<ObjectPrompt> ObjectPrompts => Parts.SelectMany(part => part.ObjectPrompts);

        internal override Prompt? Only(IReadOnlyCollection<int> ids) =>
            Parts.Select(part => part.Only(ids)).OfType<Prompt>().ToList() is { Count: > 0 } kept ? new CombinedPrompt(kept) : null;
    }
}
