using System.Collections.Concurrent;
using System.Text.Json;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>
/// What the runs of a project have written so far. Runs may belong to another process or machine, so the files are the only source: a look at a run
/// reads what its list of frames has grown by.
/// </summary>
internal sealed class RunResults(ProjectFolder folder)
{
    private readonly ConcurrentDictionary<int, Lines> runs = new();

    private readonly ConcurrentDictionary<int, RunEnd> ends = new();

    /// <summary>Paths of a run.</summary>
    public RunPaths Paths(int run) => new(folder.Run(run));

    /// <summary>A frame of a run; null where it has not come to it.</summary>
    public RunFrame? Frame(int run, int frame) => Look(run).Of(frame);

    /// <summary>All frames of a run so far, by index.</summary>
    public IReadOnlyDictionary<int, RunFrame> Frames(int run) => Look(run).All();

    /// <summary>Number of frames of a run so far.</summary>
    public int Count(int run) => Look(run).Count;

    /// <summary>How a run ended; null while it has not.</summary>
    public RunEnd? End(int run)
    {
        // The file is asked for each time: a job that is tried again has no end any more.
        if (!File.Exists(Paths(run).End))
        {
            ends.TryRemove(run, out _);
            return null;
        }

        return ends.TryGetValue(run, out var end) || (end = RunEnd.Read(Paths(run))) is null ? end : ends[run] = end;
    }

    /// <summary>The frame of a run that was written last; null before the first.</summary>
    public int? Last(int run) => Look(run).Last;

    private Lines Look(int run)
    {
        var lines = runs.GetOrAdd(run, number => new Lines(Paths(number).Frames));
        lines.Refresh();
        return lines;
    }

    private sealed class Lines(string path)
    {
        private readonly ConcurrentDictionary<int, RunFrame> frames = new();
        private readonly Lock gate = new();
        private long position;

        public int Count => frames.Count;

        public int? Last { get; private set; }

        public RunFrame? Of(int frame) => frames.GetValueOrDefault(frame);

        public IReadOnlyDictionary<int, RunFrame> All() => frames;

        public void Refresh()
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length <= Volatile.Read(ref position))
            {
                return;
            }

            lock (gate)
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (stream.Length <= position)
                {
                    return;
                }

                var grown = new byte[stream.Length - position];
                stream.Position = position;
                stream.ReadExactly(grown);
                var at = 0;
                for (int end; (end = grown.AsSpan(at).IndexOf((byte)'\n')) >= 0; at += end + 1)
                {
                    // A line that a killed process cut short is followed by those of the next one: it counts for nothing.
                    if (TryParse(grown.AsSpan(at, end)) is { } frame)
                    {
                        frames[frame.Frame] = frame;
                        Last = frame.Frame;
                    }
                }

                Volatile.Write(ref position, position + at);
            }
        }

        private static RunFrame? TryParse(ReadOnlySpan<byte> line)
        {
            try
            {
                return JsonSerializer.Deserialize<RunFrame>(line, Journal.Format);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
