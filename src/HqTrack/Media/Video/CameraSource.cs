namespace HqTrack.Media.Video;

/// <summary>A camera (Video4Linux) through ffmpeg: it passes once and does not end by itself. A consumer that is too slow loses frames in the driver.</summary>
internal sealed class CameraSource(string device) : FrameSource
{
    private readonly SameSize size = new();

    public override string Name => device;

    public override int? Count => null;

    public override int Width => size.Width;

    public override int Height => size.Height;

    /// <summary>Whether a path names a camera.</summary>
    public static bool IsCamera(string path) => path.StartsWith("/dev/video", StringComparison.Ordinal);

    internal override bool PassesOnce => true;

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
    {
        using var frames = new FfmpegFrames(device, ["-f", "v4l2", "-i", device], null);
        for (var index = 0; frames.Next(index) is { } picture; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return size.Frame(picture, index);
        }
    }
}
