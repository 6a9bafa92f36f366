using System.Globalization;

namespace HqTrack.Media.Video;

/// <summary>A video file through ffmpeg. It is decoded anew for each reading; backwards in stretches that fit the memory.</summary>
internal sealed class VideoSource : FrameSource
{
    private const long StretchBytes = 256L << 20; // frames held while reading backwards
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    private readonly VideoProbe probe;
    private readonly SameSize size = new();

    private VideoSource(string path, VideoProbe probe)
    {
        Name = path;
        this.probe = probe;
    }

    public override string Name { get; }

    public override int? Count => probe.Count;

    public override int Width => probe.Width;

    public override int Height => probe.Height;

    public override double? FramesPerSecond => probe.FramesPerSecond;

    internal override long BackwardBytes => Math.Min(StretchLength, Count ?? int.MaxValue) * FrameBytes;

    private long FrameBytes => Math.Max(1, 3L * Width * Height);

    private int StretchLength => (int)Math.Max(8, StretchBytes / FrameBytes);

    /// <summary>Opens a file.</summary>
    /// <exception cref="MediaException">ffmpeg is missing, or the file is no video.</exception>
    public static new VideoSource Open(string path) => new(path, VideoProbe.Of(path));

    /// <summary>Video editors and annotation tools count a video's frames so.</summary>
    public override string FrameName(int index) => $"frame_{index:D6}";

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => ReadFrom(0, cancellationToken);

    public override IEnumerable<Frame> ReadFrom(int index, CancellationToken cancellationToken = default)
    {
        // Frames before the first wanted one are decoded and dropped inside ffmpeg: exact whatever the time stamps.
        using var frames = new FfmpegFrames(Name, Input(null), index == 0 ? null : Invariant($"select=gte(n\\,{index})"));
        var next = index;
        for (; ; next++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (frames.Next(next) is not { } picture)
            {
                break;
            }

            yield return size.Frame(picture, next);
        }

        if (next == 0)
        {
            throw new MediaException($"'{Name}' holds no frame ({frames.Errors.LastOrDefault() ?? "its video stream is empty"}); give a video with pictures.");
        }

        if (frames.Errors is [.., var error] && (Count is { } count ? next < count : IsCut(error)))
        {
            throw new MediaException($"'{Name}' is damaged or cut short: it ends after frame {next - 1}{(Count is { } all ? $" of {all}" : string.Empty)} ({error}); copy or record it again.");
        }
    }

    public override IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default)
    {
        var length = StretchLength;
        var starts = Times(index);
        for (var end = Math.Min(index + 1, starts.Count); end > 0; end -= length)
        {
            var start = Math.Max(0, end - length);
            var stretch = Stretch(start, end, starts[start], cancellationToken);
            for (var i = stretch.Count - 1; i >= 0; i--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return stretch[i];
                stretch.RemoveAt(i);
            }
        }
    }

    // Time stamps of the frames up to one, as ffprobe lists them without decoding pictures to RGB.
    private List<TimeSpan?> Times(int last)
    {
        using var frames = new FfmpegFrames(Name, Input(null), "scale=16:16:flags=neighbor");
        var times = new List<TimeSpan?>();
        while (times.Count <= last && frames.Next(times.Count) is { } picture)
        {
            times.Add(picture.Time);
        }

        return times;
    }

    private List<Frame> Stretch(int start, int end, TimeSpan? time, CancellationToken cancellationToken)
    {
        // Seeking saves decoding from the start; where it does not land on the very frame, decode from the start after all.
        if (time is { } at && start > 0)
        {
            using var sought = new FfmpegFrames(Name, Input(at - Tolerance), null);
            var frames = Take(sought, start, end, cancellationToken);
            if (frames.Count == end - start && frames[0].Timestamp is { } first && (first - at).Duration() < Tolerance)
            {
                return frames;
            }
        }

        using var all = new FfmpegFrames(Name, Input(null), start == 0 ? null : Invariant($"select=gte(n\\,{start})"));
        return Take(all, start, end, cancellationToken);
    }

    private List<Frame> Take(FfmpegFrames frames, int start, int end, CancellationToken cancellationToken)
    {
        var taken = new List<Frame>(end - start);
        while (taken.Count < end - start && frames.Next(start + taken.Count) is { } picture)
        {
            cancellationToken.ThrowIfCancellationRequested();
            taken.Add(size.Frame(picture, start + taken.Count));
        }

        return taken;
    }

    private string[] Input(TimeSpan? from)
    {
        string[] seek = from is { } time && time > TimeSpan.Zero ? ["-ss", time.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture)] : [];
        return ["-protocol_whitelist", "file,pipe", .. seek, "-copyts", "-i", $"file:{Name}"];
    }

    private static bool IsCut(string error) =>
        new[] { "partial file", "prematurely", "truncat", "nvalid data", "corrupt", "Packet mismatch" }.Any(sign => error.Contains(sign, StringComparison.Ordinal));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
