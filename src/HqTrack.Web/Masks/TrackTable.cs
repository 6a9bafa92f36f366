using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Masks;

/// <summary>What is known of all objects over frames, from the runs' lists; masks are read only of objects that are set where they were not tracked.</summary>
internal static class TrackTable
{
    private const int WorstFrames = 50;

    /// <summary>Makes the table.</summary>
    public static TracksDocument Of(Project project, ProjectState state, int from, int count)
    {
        var table = state.Objects.Keys.ToDictionary(id => id, _ => new Row(count));
        var events = new ObjectEvents();
        var told = new List<ObjectEvent>();
        var worst = new List<WorstFrame>();
        for (var i = 0; i < count; i++)
        {
            var layers = FrameLayers.Of(state, project.Runs, from + i);
            if (layers.IsEmpty)
            {
                continue;
            }

            var objects = Known(layers, project);
            foreach (var (id, area, _, confidence, source) in objects.Where(entry => table.ContainsKey(entry.Id)))
            {
                table[id].Set(i, confidence, area, source);
                if (source == MaskSource.Tracked)
                {
                    worst.Add(new(from + i, id, confidence));
                }
            }

            told.AddRange(events.Add(new TrackedFrame(from + i, new LabelMap(state.Width, state.Height), [.. objects.Select(entry => new TrackedObject(entry.Id, entry.Area, entry.Box, entry.Confidence, false))])));
        }

        told.AddRange(events.AtTheEnd());
        return new(
            from,
            count,
            [.. table.OrderBy(entry => entry.Key).Select(entry => entry.Value.Document(entry.Key))],
            [.. told.Where(entry => entry.Kind != ObjectEventKind.Removed || table.GetValueOrDefault(entry.Id)?.IsTracked(entry.Frame - 1 - from) == true).OrderBy(entry => entry.Frame).Select(entry => new TrackEvent(entry.Frame, entry.Id, entry.Name))],
            [.. worst.OrderBy(entry => entry.Confidence).ThenBy(entry => entry.Frame).Take(WorstFrames)]);
    }

    private static List<ComposedObject> Known(FrameLayers layers, Project project)
    {
        var known = new SortedDictionary<int, ComposedObject>();
        foreach (var entry in layers.Runs.SelectMany(run => run.Objects))
        {
            known[entry.Id] = new(entry.Id, entry.Area, entry.Box, entry.Confidence, MaskSource.Tracked);
        }

        foreach (var prompt in layers.Prompts)
        {
            known[prompt.Object] = new(prompt.Object, prompt.Area, BoxOf(prompt, known.GetValueOrDefault(prompt.Object)?.Box, project), 1, MaskSource.Prompt);
        }

        if (layers.Lock is not null)
        {
            foreach (var id in known.Keys.ToList())
            {
                known[id] = known[id] with { Confidence = 1, Source = MaskSource.Locked };
            }
        }

        return [.. known.Values];
    }

    // The tracked object's box is near enough; where it was not tracked the prompt's own is read.
    private static Box? BoxOf(PromptSet prompt, Box? tracked, Project project) =>
        prompt.Area == 0 ? null : tracked ?? Box.Of(project.Masks.Kept(prompt.Mask))[prompt.Object];

    private sealed class Row(int count)
    {
        private readonly double?[] confidence = new double?[count];
        private readonly int?[] area = new int?[count];
        private readonly char[] source = [.. Enumerable.Repeat('-', count)];

        public void Set(int at, double sure, int pixels, MaskSource from)
        {
            (confidence[at], area[at]) = (sure, pixels);
            source[at] = from switch
            {
                MaskSource.Tracked => 't',
                MaskSource.Prompt => 'p',
                _ => 'l',
            };
        }

        // An object that is only set has not ended after that frame: it is not tracked yet.
        public bool IsTracked(int at) => at >= 0 && source[at] == 't';

        public ObjectTrack Document(int id) => new(id, confidence, area, new string(source));
    }
}
