using System.Collections.Immutable;

namespace HqTrack.Web.Projects;

/// <summary>An object as a person sees it.</summary>
internal sealed record ProjectObject(int Id, string Name, string Color, bool Locked = false, bool Hidden = false);

/// <summary>A prompt that holds, with the revision that set it.</summary>
internal sealed record Placed(PromptSet Prompt, int Revision);

/// <summary>A run that holds.</summary>
internal sealed record PlacedRun(TrackRequested Request, int Number);

/// <summary>What a project is after some edits. Never changes; <see cref="Apply"/> gives the next one.</summary>
internal sealed record ProjectState
{
    private PromptIndex? index;

    /// <summary>A project before its first edit.</summary>
    public static ProjectState Empty { get; } = new();

    public string Name { get; private init; } = string.Empty;

    /// <summary>Uploads in the order of the frames.</summary>
    public ImmutableList<FramesAdded> Uploads { get; private init; } = [];

    /// <summary>Frames in all.</summary>
    public int FrameCount { get; private init; }

    public ImmutableSortedDictionary<int, ProjectObject> Objects { get; private init; } = ImmutableSortedDictionary<int, ProjectObject>.Empty;

    /// <summary>Prompts by frame and object.</summary>
    public ImmutableDictionary<(int Frame, int Object), Placed> Prompts { get; private init; } = ImmutableDictionary<(int, int), Placed>.Empty;

    /// <summary>Locked frames and the hashes of their masks.</summary>
    public ImmutableDictionary<int, string> Locks { get; private init; } = ImmutableDictionary<int, string>.Empty;

    /// <summary>Runs, oldest first.</summary>
    public ImmutableList<PlacedRun> Runs { get; private init; } = [];

    /// <summary>Width of every frame in pixels; 0 without frames.</summary>
    public int Width => Uploads.Count == 0 ? 0 : Uploads[0].Width;

    /// <summary>Height of every frame in pixels; 0 without frames.</summary>
    public int Height => Uploads.Count == 0 ? 0 : Uploads[0].Height;

    /// <summary>Rate of the first video; null for images.</summary>
    public double? FramesPerSecond => Uploads.Select(upload => upload.FramesPerSecond).FirstOrDefault(rate => rate is not null);

    /// <summary>Prompts in one frame, oldest first.</summary>
    public IEnumerable<Placed> PromptsAt(int frame)
    {
        // The index is copied with the state; it counts for the prompts that it was made of.
        var own = index;
        if (own is null || !ReferenceEquals(own.Of, Prompts))
        {
            index = own = new(Prompts, Prompts.Values.OrderBy(placed => placed.Revision).ToLookup(placed => placed.Prompt.Frame));
        }

        return own.ByFrame[frame];
    }

    /// <summary>The state after an edit. What refers to something that is not there (any more) is passed over.</summary>
    public ProjectState Apply(Edit edit, int revision) => edit switch
    {
        ProjectCreated created => this with { Name = created.Name },
        ProjectRenamed renamed => this with { Name = renamed.Name },
        FramesAdded added => this with { Uploads = Uploads.Add(added), FrameCount = FrameCount + added.Count },
        ObjectAdded added => this with { Objects = Objects.SetItem(added.Id, new(added.Id, added.Name, added.Color)) },
        ObjectChanged changed when Objects.TryGetValue(changed.Id, out var before) => this with
        {
            Objects = Objects.SetItem(changed.Id, new(
                changed.Id, changed.Name ?? before.Name, changed.Color ?? before.Color, changed.Locked ?? before.Locked, changed.Hidden ?? before.Hidden)),
        },
        ObjectDeleted deleted => this with
        {
            Objects = Objects.Remove(deleted.Id),
            Prompts = Prompts.RemoveRange(Prompts.Keys.Where(key => key.Object == deleted.Id)),
        },
        PromptSet prompt when Objects.ContainsKey(prompt.Object) => this with { Prompts = Prompts.SetItem((prompt.Frame, prompt.Object), new(prompt, revision)) },
        PromptRemoved removed => this with { Prompts = Prompts.Remove((removed.Frame, removed.Object)) },
        FrameLocked locked => this with { Locks = Locks.SetItem(locked.Frame, locked.Mask) },
        FrameUnlocked unlocked => this with { Locks = Locks.Remove(unlocked.Frame) },
        TrackRequested request => this with { Runs = Runs.Add(new(request, revision)) },
        _ => this,
    };

    private sealed record PromptIndex(object Of, ILookup<int, Placed> ByFrame);
}
