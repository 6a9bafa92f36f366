using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack;

/// <summary>Something that happened to an object.</summary>
/// <param name="Frame">The frame where it began.</param>
/// <param name="Id">The object.</param>
/// <param name="Kind">What it was; <see cref="ObjectEvents"/> has the rules.</param>
public readonly record struct ObjectEvent(int Frame, int Id, ObjectEventKind Kind)
{
    /// <summary>The kind as files have it.</summary>
    internal string Name => Kind.ToString().ToLowerInvariant();
}

/// <summary>What can happen to an object.</summary>
public enum ObjectEventKind
{
    /// <summary>It is tracked from this frame on.</summary>
    Added,

    /// <summary>It is not to be seen any more.</summary>
    Lost,

    /// <summary>It is to be seen again.</summary>
    Reappeared,

    /// <summary>Perhaps something is in front of it.</summary>
    Occluded,

    /// <summary>It is no longer taken to be occluded.</summary>
    Clear,

    /// <summary>It is not tracked any more.</summary>
    Removed,
}

/// <summary>
/// What happens to the objects of one video, told from their areas and places alone. The rules:
/// <list type="bullet">
/// <item>added: the first frame in which the object is tracked; removed: the first in which it no longer is.</item>
/// <item>lost: no pixel in three frames one after another, or in all that are left at the end; told for the first of them.</item>
/// <item>reappeared: a pixel again after lost.</item>
/// <item>occluded: a guess. The area falls below half of its mean over the last 15 frames that were clear, while the box does not touch the
/// frame's border (where an object leaves instead); clear: it is above 0.7 of that mean again.</item>
/// </list>
/// </summary>
public sealed class ObjectEvents
{
    private const int LostAfter = 3;
    private const int MeanFrames = 15;
    private const double OccludedBelow = 0.5;
    private const double ClearAbove = 0.7;

    private readonly SortedDictionary<int, Track> tracks = [];

    /// <summary>Starts a video.</summary>
    public ObjectEvents()
    {
    }

    /// <summary>Goes on with a state of <see cref="Save"/>; null starts a video.</summary>
    internal ObjectEvents(JsonObject? state)
    {
        foreach (var (id, track) in state ?? [])
        {
            tracks[int.Parse(id, CultureInfo.InvariantCulture)] = Track.Read(track!);
        }
    }

    /// <summary>Takes the next frame.</summary>
    /// <param name="frame">Its result, after prompts.</param>
    /// <returns>What is known now: a loss when it has lasted for three frames, everything else in its own frame.</returns>
    public IReadOnlyList<ObjectEvent> Add(TrackedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var events = new List<ObjectEvent>();
        var present = new HashSet<int>();
        foreach (var entry in frame.Objects)
        {
            present.Add(entry.Id);
            if (!tracks.TryGetValue(entry.Id, out var track))
            {
                tracks[entry.Id] = track = new();
                events.Add(new(frame.Index, entry.Id, ObjectEventKind.Added));
            }

            events.AddRange(track.Add(frame, entry).Select(change => new ObjectEvent(change.Frame, entry.Id, change.Kind)));
        }

        foreach (var (id, track) in tracks.Where(track => !present.Contains(track.Key) && !track.Value.IsRemoved))
        {
            track.IsRemoved = true;
            events.Add(new(frame.Index, id, ObjectEventKind.Removed));
        }

        return events;
    }

    /// <summary>Objects that are gone at the end of the video for too short a time to be lost before; the state stays as it is.</summary>
    public IEnumerable<ObjectEvent> AtTheEnd() =>
        tracks.Where(track => track.Value is { IsRemoved: false, IsLost: false, Absent: > 0 }).Select(track => new ObjectEvent(track.Value.AbsentSince, track.Key, ObjectEventKind.Lost));

    /// <summary>What the constructor takes.</summary>
    internal JsonObject Save() => new([.. tracks.Select(track => KeyValuePair.Create(track.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)track.Value.Write()))]);

    private sealed class Track
    {
        private readonly Queue<int> areas = new();
        private bool isOccluded;

        public bool IsRemoved { get; set; }

        public bool IsLost { get; private set; }

        public int Absent { get; private set; }

        public int AbsentSince { get; private set; }

        public static Track Read(JsonNode state)
        {
            var track = new Track
            {
                IsRemoved = state["removed"]!.GetValue<bool>(),
                IsLost = state["lost"]!.GetValue<bool>(),
                Absent = state["absent"]!.GetValue<int>(),
                AbsentSince = state["since"]!.GetValue<int>(),
                isOccluded = state["occluded"]!.GetValue<bool>(),
            };
            foreach (var area in state["areas"]!.AsArray())
            {
                track.areas.Enqueue(area!.GetValue<int>());
            }

            return track;
        }

        public JsonObject Write() => new()
        {
            ["removed"] = IsRemoved,
            ["lost"] = IsLost,
            ["absent"] = Absent,
            ["since"] = AbsentSince,
            ["occluded"] = isOccluded,
            ["areas"] = new JsonArray([.. areas.Select(area => JsonValue.Create(area))]),
        };

        public IEnumerable<(int Frame, ObjectEventKind Kind)> Add(TrackedFrame frame, TrackedObject entry)
        {
            if (entry.Box is not { } box)
            {
                AbsentSince = Absent++ == 0 ? frame.Index : AbsentSince;
                if (Absent == LostAfter)
                {
                    IsLost = true;
                    yield return (AbsentSince, ObjectEventKind.Lost);
                }

                yield break;
            }

            Absent = 0;
            if (IsLost)
            {
                (IsLost, isOccluded) = (false, false);
                areas.Clear();
                yield return (frame.Index, ObjectEventKind.Reappeared);
            }

            var mean = areas.Count == 0 ? entry.Area : areas.Average();
            var touchesBorder = box.X == 0 || box.Y == 0 || box.X + box.Width == frame.Labels.Width || box.Y + box.Height == frame.Labels.Height;
            if (!isOccluded && entry.Area < OccludedBelow * mean && !touchesBorder)
            {
                isOccluded = true;
                yield return (frame.Index, ObjectEventKind.Occluded);
            }
            else if (isOccluded && entry.Area > ClearAbove * mean)
            {
                isOccluded = false;
                yield return (frame.Index, ObjectEventKind.Clear);
            }

            if (!isOccluded)
            {
                areas.Enqueue(entry.Area);
                if (areas.Count > MeanFrames)
                {
                    areas.Dequeue();
                }
            }
        }
    }
}
