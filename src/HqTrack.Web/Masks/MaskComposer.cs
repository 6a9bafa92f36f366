using HqTrack.Media;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Masks;

/// <summary>Puts a frame's masks together from a project's files.</summary>
internal sealed class MaskComposer(ProjectFolder folder, RunResults results)
{
    /// <summary>The frame as it counts; all background where nothing is known.</summary>
    /// <exception cref="MediaException">A file of the project is missing or damaged.</exception>
    public ComposedFrame Compose(ProjectState state, int frame)
    {
        var layers = FrameLayers.Of(state, results, frame);
        var labels = Tracked(state, frame, layers);
        var said = new Dictionary<int, (double Confidence, MaskSource Source)>();
        foreach (var (_, objects, _) in layers.Runs)
        {
            foreach (var entry in objects)
            {
                said[entry.Id] = (entry.Confidence, MaskSource.Tracked);
            }
        }

        foreach (var prompt in layers.Prompts)
        {
            labels = LabelMerge.Replace(labels, Kept(prompt.Mask), [prompt.Object]);
            said[prompt.Object] = (1, MaskSource.Prompt);
        }

        if (layers.Lock is { } hash)
        {
            var locked = Kept(hash);
            var ids = locked.ObjectIds().Where(state.Objects.ContainsKey).ToList();
            labels = LabelMerge.Replace(labels, locked, ids);
            foreach (var id in ids)
            {
                said[id] = (1, MaskSource.Locked);
            }
        }

        return Describe(labels, said);
    }

    /// <summary>The file that holds exactly the frame's masks, where there is one: a run that owns all it wrote, and nothing over it.</summary>
    public string? File(FrameLayers layers, int frame) =>
        layers is { Runs: [(var run, _, true)], Prompts.Count: 0, Lock: null } ? results.Paths(run).Mask(frame) : null;

    /// <summary>A mask among the project's blobs.</summary>
    /// <exception cref="MediaException">It is missing or damaged.</exception>
    public LabelMap Kept(string hash) => IndexedPng.Read(folder.Blob(hash));

    private LabelMap Tracked(ProjectState state, int frame, FrameLayers layers)
    {
        var labels = new LabelMap(state.Width, state.Height);
        foreach (var (run, objects, _) in layers.Runs)
        {
            var own = IndexedPng.Read(results.Paths(run).Mask(frame));
            var isOwn = new bool[LabelMap.MaxId + 1];
            foreach (var entry in objects)
            {
                isOwn[entry.Id] = true;
            }

            // A newer run lies over an older one, but not over objects that are locked.
            for (var i = 0; i < labels.Ids.Length; i++)
            {
                var (there, id) = (labels.Ids[i], own.Ids[i]);
                if (isOwn[id] && (there == 0 || !state.Objects[there].Locked))
                {
                    labels.Ids[i] = id;
                }
            }
        }

        return labels;
    }

    private static ComposedFrame Describe(LabelMap labels, Dictionary<int, (double Confidence, MaskSource Source)> said)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        return new(labels, [.. said.OrderBy(entry => entry.Key).Select(entry => new ComposedObject(
            entry.Key,
            areas[entry.Key],
            boxes.TryGetValue(entry.Key, out var box) ? box : null,
            areas[entry.Key] == 0 && entry.Value.Source == MaskSource.Tracked ? 0 : entry.Value.Confidence,
            entry.Value.Source))]);
    }
}
