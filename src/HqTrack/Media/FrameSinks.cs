namespace HqTrack.Media;

/// <summary>Takes the tracked frames of a video one by one, in order. Disposing finishes what is still open.</summary>
internal interface IFrameSink : IDisposable
{
    /// <summary>Writes one frame's result; <paramref name="labels"/> has the frame's size.</summary>
    /// <exception cref="MediaException">It cannot be written; what was written before stays valid.</exception>
    void Write(Frame frame, LabelMap labels);
}

/// <summary>DIR/masks/NNNNN.png: indexed PNGs with the DAVIS palette, named by the frame's index.</summary>
internal sealed class MaskSink : IFrameSink
{
    private readonly string _folder;

    /// <summary>Makes the folder "masks" in <paramref name="directory"/>.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public MaskSink(string directory)
    {
        _folder = Path.Combine(directory, "masks");
        AtomicFile.CreateFolder(_folder);
    }

    public void Write(Frame frame, LabelMap labels) => MaskFile.Write(Path.Combine(_folder, $"{frame.Index:D5}.png"), labels);

    public void Dispose()
    {
    }
}

/// <summary>DIR/overlay/NNNNN.jpg: the frames with the objects drawn over them, named by the frame's index.</summary>
internal sealed class OverlaySink : IFrameSink
{
    private readonly string _folder;

    /// <summary>Makes the folder "overlay" in <paramref name="directory"/>.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public OverlaySink(string directory)
    {
        _folder = Path.Combine(directory, "overlay");
        AtomicFile.CreateFolder(_folder);
    }

    public void Write(Frame frame, LabelMap labels) =>
        ImageFile.WriteJpeg(Path.Combine(_folder, $"{frame.Index:D5}.jpg"), Overlay.Draw(frame, labels));

    public void Dispose()
    {
    }
}

/// <summary>DIR/overlay.webp: the overlays as one animation, which appears when the sink is disposed.</summary>
internal sealed class OverlayAnimationSink : IFrameSink
{
    private readonly AnimatedWebp _animation;

    /// <summary>Starts the animation in <paramref name="directory"/>.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public OverlayAnimationSink(string directory, double framesPerSecond = 20) =>
        _animation = new AnimatedWebp(Path.Combine(directory, "overlay.webp"), framesPerSecond);

    public void Write(Frame frame, LabelMap labels) => _animation.Add(Overlay.Draw(frame, labels));

    public void Dispose() => _animation.Dispose();
}
