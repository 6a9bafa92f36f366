namespace HqTrack.Training.Data;

/// <summary>
/// Decoded pictures, kept up to a number of bytes; the one not used for longest goes first. Decoding costs many times more than
/// making a clip of what is decoded. What is cached never changes what a clip looks like.
/// </summary>
/// <param name="maxBytes">Bytes of pixels and ids to keep.</param>
/// <param name="maxShortSide">Larger pictures are scaled down to this shorter side.</param>
internal sealed class PictureCache(long maxBytes = PictureCache.DefaultBytes, int maxShortSide = PictureCache.DefaultShortSide)
{
    /// <summary>Holds some 4,000 pictures of 500 x 360.</summary>
    public const long DefaultBytes = 2_400_000_000;

    /// <summary>A crop of the whole shorter side then fits clips of 241 to 401 pixels without aliasing or blur to speak of.</summary>
    public const int DefaultShortSide = 360;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Path, Picture Picture)>> _byPath = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Path, Picture Picture)> _byUse = new();
    private long _bytes;

    /// <summary>Bytes held now.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>The picture, decoded now or before. Two threads may decode the same one at once; both get the one kept.</summary>
    /// <exception cref="Media.MediaException">A file is missing, damaged, or the mask does not fit the image.</exception>
    public Picture Get(PictureFile file)
    {
        lock (_gate)
        {
            if (_byPath.TryGetValue(file.Image, out var known))
            {
                _byUse.Remove(known);
                _byUse.AddFirst(known);
                return known.Value.Picture;
            }
        }

        var picture = Picture.Read(file.Image, file.Mask, maxShortSide);
        lock (_gate)
        {
            if (_byPath.TryGetValue(file.Image, out var known))
            {
                return known.Value.Picture;
            }

            _byPath[file.Image] = _byUse.AddFirst((file.Image, picture));
            _bytes += picture.Size;
            while (_bytes > maxBytes && _byUse.Last is { } oldest && oldest != _byUse.First)
            {
                _byUse.RemoveLast();
                _byPath.Remove(oldest.Value.Path);
                _bytes -= oldest.Value.Picture.Size;
            }
        }

        return picture;
    }
}

/// <summary>Where an image and its mask lie.</summary>
internal readonly record struct PictureFile(string Image, string Mask);
