namespace HqTrack.Media;

/// <summary>A source whose first frame was looked at; sources that pass once lose nothing by it.</summary>
internal sealed class PeekedSource : FrameSource, IDisposable
{
    private readonly FrameSource _source;
    private readonly CancellationTokenSource _stop = new();
    private IEnumerator<Frame>? _frames;

    /// <summary>Decodes the first frame.</summary>
    /// <exception cref="MediaException">There is none, or it cannot be read.</exception>
    public PeekedSource(FrameSource source)
    {
        _source = source;
        _frames = source.Read(_stop.Token).GetEnumerator();
        try
        {
            First = _frames.MoveNext() ? _frames.Current : throw new MediaException($"'{source.Name}' holds no frame; give a video with pictures.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The first frame.</summary>
    public Frame First { get; }

    public override string Name => _source.Name;

    public override int? Count => _source.Count;

    public override int? LastIndex => _source.LastIndex;

    public override int Width => First.Width;

    public override int Height => First.Height;

    public override double? FramesPerSecond => _source.FramesPerSecond;

    public override string FrameName(int index) => _source.FrameName(index);

    internal override bool PassesOnce => _source.PassesOnce;

    internal override string? FilesDigest => _source.FilesDigest;

    internal override long BackwardBytes => _source.BackwardBytes;

    internal override bool MayHold(int index) => _source.MayHold(index);

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _frames, null) is not { } frames)
        {
            foreach (var frame in _source.Read(cancellationToken))
            {
                yield return frame;
            }

            yield break;
        }

        using var registration = cancellationToken.Register(_stop.Cancel);
        using (frames)
        {
            do
            {
                yield return frames.Current;
                cancellationToken.ThrowIfCancellationRequested();
            }
            while (frames.MoveNext());
        }
    }

    public override IEnumerable<Frame> ReadFrom(int index, CancellationToken cancellationToken = default) =>
        index <= First.Index ? Read(cancellationToken)
        : PassesOnce ? Read(cancellationToken).SkipWhile(frame => frame.Index < index)
        : _source.ReadFrom(index, cancellationToken);

    public override IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default) => _source.ReadBackward(index, cancellationToken);

    public void Dispose()
    {
        Interlocked.Exchange(ref _frames, null)?.Dispose();
        _stop.Dispose();
    }
}
