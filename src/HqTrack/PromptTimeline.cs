using System.Security.Cryptography;
using System.Text.Json;

namespace HqTrack;

/// <summary>How a prompt is meant.</summary>
internal enum PromptKind
{
    /// <summary>The first prompt of an object adds it, later ones correct it.</summary>
    Any,

    /// <summary>It adds its objects; there is no other such prompt for them.</summary>
    Add,

    /// <summary>It corrects its objects, which another prompt points out too.</summary>
    Correct,
}

/// <summary>Everything a person says about the objects of one video, by frame. Turned into passes by <see cref="Plan"/>.</summary>
internal sealed class PromptTimeline
{
    private readonly List<(int Frame, PromptKind Kind, Prompt Prompt, IReadOnlyList<int> Ids)> prompts = [];
    private readonly SortedDictionary<int, int> removals = []; // id -> frame

    /// <summary>Frames with prompts, ascending.</summary>
    public IReadOnlyList<int> Frames => [.. prompts.Select(entry => entry.Frame).Concat(removals.Values).Distinct().Order()];

    /// <summary>The prompts as they were said.</summary>
    public IEnumerable<(int Frame, Prompt Prompt)> Prompts => prompts.Select(entry => (entry.Frame, entry.Prompt));

    /// <summary>Objects and the frames in which they are removed.</summary>
    public IReadOnlyDictionary<int, int> Removals => removals;

    /// <summary>Everything that is said by boxes and points.</summary>
    public IEnumerable<ObjectPrompt> ObjectPrompts => prompts.SelectMany(entry => entry.Prompt.ObjectPrompts);

    /// <summary>Prompts that each add their objects.</summary>
    public static PromptTimeline Of(IEnumerable<KeyValuePair<int, Prompt>> prompts)
    {
        var timeline = new PromptTimeline();
        foreach (var (frame, prompt) in prompts)
        {
            timeline.Add(frame, prompt);
        }

        return timeline;
    }

    /// <summary>Adds a prompt.</summary>
    /// <exception cref="PromptException">One of its objects is pointed out in that frame already, or added twice.</exception>
    public void Add(int frame, Prompt prompt, PromptKind kind = PromptKind.Any)
    {
        var ids = prompt.Ids;
        if (ids.Count == 0)
        {
            throw PromptReader.NoObject();
        }

        if (ids.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Twice(twice.Key, frame);
        }

        foreach (var (otherFrame, otherKind, _, others) in prompts)
        {
            if (ids.Intersect(others).FirstOrDefault() is not (> 0 and var id))
            {
                continue;
            }

            if (otherFrame == frame)
            {
                throw Twice(id, frame);
            }

            if (kind == PromptKind.Add && otherKind == PromptKind.Add)
            {
                throw new PromptException($"object {id} is added in frame {otherFrame} and again in frame {frame}; correct it there, or give the new object an id of its own.");
            }
        }

        prompts.Add((frame, kind, prompt, ids));
    }

    /// <summary>Says that an object is not to be tracked from a frame on (seen from its first prompt).</summary>
    /// <exception cref="PromptException">It is removed already.</exception>
    public void Remove(int frame, int id)
    {
        if (!removals.TryAdd(id, frame))
        {
            throw new PromptException($"object {id} is removed in frame {removals[id]} and again in frame {frame}; leave one of them out.");
        }
    }

    /// <summary>A hash of everything that was said.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (frame, kind, prompt, _) in prompts.OrderBy(entry => entry.Frame).ThenBy(entry => entry.Ids[0]))
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new { frame, kind, objects = prompt.ObjectPrompts }));
            foreach (var labels in prompt.Masks)
            {
                hash.AppendData(labels.Ids);
            }
        }

        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(removals));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>Says what happens in which frame of which pass.</summary>
    /// <exception cref="PromptException">What is said does not fit together; the message names object and frame.</exception>
    public TrackingPlan Plan(TrackingDirection direction)
    {
        var firsts = First(prompts.OrderBy(entry => entry.Frame));
        foreach (var (frame, kind, _, ids) in prompts)
        {
            if (kind == PromptKind.Correct && ids.FirstOrDefault(id => prompts.Count(entry => entry.Ids.Contains(id)) == 1) is > 0 and var alone)
            {
                throw new PromptException($"object {alone} is corrected in frame {frame} but nothing adds it; add it.");
            }
        }

        foreach (var (id, frame) in removals)
        {
            if (!firsts.TryGetValue(id, out var first))
            {
                throw new PromptException($"object {id} is removed in frame {frame} but nothing adds it; check the id.");
            }

            CheckRemoval(direction, id, frame, first);
        }

        var forward = direction == TrackingDirection.Backward ? null : Pass(prompts.OrderBy(entry => entry.Frame), isBackward: false, _ => true);
        var backward = direction switch
        {
            TrackingDirection.Forward => null,
            TrackingDirection.Backward => Pass(prompts.OrderByDescending(entry => entry.Frame), isBackward: true, _ => true),
            // Each object starts where it is first pointed out; what comes after that is the forward pass's.
            _ => Pass(prompts.OrderByDescending(entry => entry.Frame), isBackward: true, entry => firsts[entry.Id] == entry.Frame),
        };
        return new(forward, backward);
    }

    private static PromptException Twice(int id, int frame) =>
        new($"object {id} is pointed out twice in frame {frame}; put its boxes and points into one prompt, or give the other object an id of its own.");

    private void CheckRemoval(TrackingDirection direction, int id, int frame, int first)
    {
        var own = prompts.Where(entry => entry.Ids.Contains(id)).Select(entry => entry.Frame).ToList();
        var isBefore = frame <= first;
        var isMeant = direction switch
        {
            TrackingDirection.Forward => !isBefore,
            TrackingDirection.Backward => frame < own.Max(),
            _ => frame != first,
        };
        if (!isMeant)
        {
            throw new PromptException($"object {id} is removed in frame {frame}, before it is tracked ({direction.ToString().ToLowerInvariant()} from frame {(direction == TrackingDirection.Backward ? own.Max() : first)}); remove it later or leave it out.");
        }

        var later = direction == TrackingDirection.Backward ? own.Where(prompt => prompt <= frame) : isBefore ? [] : own.Where(prompt => prompt >= frame);
        if (later.Cast<int?>().FirstOrDefault() is { } after)
        {
            throw new PromptException($"object {id} is removed in frame {frame} and pointed out in frame {after}; ids are not used again: give the new object an id of its own.");
        }
    }

    private TrackingPass? Pass(
        IEnumerable<(int Frame, PromptKind Kind, Prompt Prompt, IReadOnlyList<int> Ids)> ordered, bool isBackward, Func<(int Frame, int Id), bool> counts)
    {
        var actions = new Dictionary<int, FrameActions>();
        var known = new HashSet<int>();
        foreach (var atFrame in ordered.GroupBy(entry => entry.Frame))
        {
            var prompt = Prompt.Combine([.. atFrame.Select(entry => entry.Prompt)]);
            var ids = prompt.Ids.Where(id => counts((atFrame.Key, id))).ToList();
            var (corrected, added) = (ids.Where(known.Contains).ToList(), ids.Where(id => !known.Contains(id)).ToList());
            known.UnionWith(ids);
            if (ids.Count > 0)
            {
                actions[atFrame.Key] = new(prompt.Only(added), prompt.Only(corrected), []);
            }
        }

        if (actions.Count == 0)
        {
            return null;
        }

        var starts = First(isBackward ? ordered.Where(entry => entry.Ids.Any(id => counts((entry.Frame, id)))) : ordered);
        foreach (var (id, frame) in removals.Where(entry => known.Contains(entry.Key) && (isBackward ? entry.Value < starts[entry.Key] : entry.Value > starts[entry.Key])))
        {
            var there = actions.GetValueOrDefault(frame) ?? new FrameActions(null, null, []);
            actions[frame] = there with { Remove = [.. there.Remove, id] };
        }

        return new(isBackward ? actions.Keys.Max() : actions.Keys.Min(), actions);
    }

    private static Dictionary<int, int> First(IEnumerable<(int Frame, PromptKind Kind, Prompt Prompt, IReadOnlyList<int> Ids)> ordered)
    {
        var first = new Dictionary<int, int>();
        foreach (var (frame, _, _, ids) in ordered)
        {
            foreach (var id in ids)
            {
                first.TryAdd(id, frame);
            }
        }

        return first;
    }
}
