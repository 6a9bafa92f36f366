namespace HqTrack.Media;

/// <summary>Some frames of a source, under the indices and time stamps they have there.</summary>
internal sealed class FrameRange : FrameSource
{
    private readonly FrameSource _source;
    private readonly int _start;
    private readonly int _end;
    private readonly int _every;

    /// <summary>Takes every <paramref name="every"/>th frame from <paramref name="start"/> to <paramref name="end"/>, both included.</summary>
    /// <exception cref="MediaException">No frame is left.</exception>
    public FrameRange(FrameSource source, int start, int? end, int every)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        (_source, _start, _end, _every) = (source, start, end ?? int.MaxValue, every);
        if (_end < _start || _start >= source.Count)
        {
            throw new MediaException($"frames {start} to {end?.ToString() ?? "the end"} of '{source.Name}' are none{(source.Count is { } count ? $": it has the frames 0 to {count - 1}" : string.Empty)}; give a start that is there and an end behind it.");
        }
    }

    public override string Name => _source.Name;

    public override int? Count => _source.Count is { } count ? ((Math.Min(_end, count - 1) - _start) / _every) + 1
        : _end < int.MaxValue ? ((_end - _start) / _every) + 1 : null;

    public override int Width => _source.Width;

    public override int Height => _source.Height;

    public override double? FramesPerSecond => _source.FramesPerSecond / _every;

    public override int? LastIndex => _source.LastIndex is { } last ? Math.Min(_end, last) : _end < int.MaxValue ? _end : null;

    public override string FrameName(int index) => _source.FrameName(index);

    internal override bool PassesOnce => _source.PassesOnce;

    internal override string? FilesDigest => _source.FilesDigest;

    internal override long BackwardBytes => _source.BackwardBytes;

    internal override bool MayHold(int index) => Contains(index) && _source.MayHold(index);

    private bool Contains(int index) => index >= _start && index <= _end && (index - _start) % _every == 0;

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => ReadFrom(_start, cancellationToken);

    public override IEnumerable<Frame> ReadFrom(int index, CancellationToken cancellationToken = default) =>
        _source.ReadFrom(Math.Max(index, _start), cancellationToken).TakeWhile(frame => frame.Index <= _end).Where(frame => Contains(frame.Index));

    public override IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default) =>
        _source.ReadBackward(Math.Min(index, _end), cancellationToken).TakeWhile(frame => frame.Index >= _start).Where(frame => Contains(frame.Index));
}
