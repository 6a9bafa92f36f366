using HqTrack.Media;
using HqTrack.Refiner;

namespace HqTrack;

/// <summary>From a prompt to a label map.</summary>
internal static class PromptReader
{
    /// <summary>Checks a prompt and gives the ids of its objects.</summary>
    /// <param name="frame">The frame it was made for.</param>
    /// <param name="prompt">Masks, boxes, points.</param>
    /// <param name="tracked">Ids that are taken.</param>
    /// <param name="hasRefiner">Whether boxes and points can be answered.</param>
    /// <exception cref="MediaException">A mask has no object or another size than the frame, or an id is tracked already.</exception>
    /// <exception cref="PromptException">A box or point cannot be meant, or there is no refiner to ask.</exception>
    public static IReadOnlyList<int> Check(Frame frame, Prompt prompt, IEnumerable<int> tracked, bool hasRefiner)
    {
        var ids = new List<int>();
        foreach (var labels in prompt.Masks)
        {
            CheckSize(frame, labels);
            ids.AddRange(labels.ObjectIds());
            if (ids.Count == 0)
            {
                throw NoObject();
            }
        }

        foreach (var entry in prompt.ObjectPrompts)
        {
            entry.Validate(frame.Width, frame.Height);
            CheckRefiner([entry], hasRefiner);
            ids.Add(entry.Id);
        }

        if (ids.Count == 0)
        {
            throw new PromptException("the prompt has no object; expected a mask, a box or a point.");
        }

        if (ids.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new PromptException($"object {twice.Key} is pointed out twice; put its boxes and points into one prompt, or give the other object an id of its own.");
        }

        return ids.Intersect(tracked).FirstOrDefault() is > 0 and var taken
            ? throw new MediaException($"object {taken} is tracked already; give a new object an id of its own.")
            : ids;
    }

    /// <summary>Refuses boxes and points where there is no refiner to ask.</summary>
    /// <exception cref="PromptException">There is none.</exception>
    public static void CheckRefiner(IEnumerable<ObjectPrompt> prompts, bool hasRefiner)
    {
        if (!hasRefiner && prompts.FirstOrDefault() is { } prompt)
        {
            throw new PromptException($"object {prompt.Id} is pointed out by a box or points, which needs a mask refiner; load one (--refiner NAME), or give a mask.");
        }
    }

    /// <summary>A mask that is all background.</summary>
    public static MediaException NoObject() => new("the mask has no object: every pixel is 0; expected the index of an object (1, 2, ...) on its pixels.");

    /// <summary>Refuses a mask of another size than its frame.</summary>
    /// <exception cref="MediaException">It has.</exception>
    public static void CheckSize(Frame frame, LabelMap labels)
    {
        if (labels.Width != frame.Width || labels.Height != frame.Height)
        {
            throw new MediaException($"the mask is {labels.Width}x{labels.Height}, the frame is {frame.Width}x{frame.Height}; draw the mask on the frame's own size.");
        }
    }

    /// <summary>The objects of a checked prompt: given masks over masks predicted from boxes and points. Belongs on the inference thread.</summary>
    /// <exception cref="PromptException">An object came out empty.</exception>
    public static LabelMap Labels(Frame frame, Prompt prompt, MaskRefiner? refiner)
    {
        var objects = prompt.ObjectPrompts.ToList();
        var masks = prompt.Masks.ToList();
        if (objects.Count == 0 && masks.Count == 1)
        {
            return masks[0];
        }

        var labels = objects.Count == 0 ? new LabelMap(frame.Width, frame.Height) : refiner!.Segment(frame, objects);
        foreach (var mask in masks)
        {
            for (var i = 0; i < mask.Ids.Length; i++)
            {
                labels.Ids[i] = mask.Ids[i] == 0 ? labels.Ids[i] : mask.Ids[i];
            }
        }

        return labels;
    }
}
