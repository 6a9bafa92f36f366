namespace HqTrack.Media;

/// <summary>Holds a stream of pictures to the size of its first one.</summary>
internal sealed class SameSize
{
    private (int Width, int Height)? _size;

    /// <summary>Width, 0 before the first picture.</summary>
    public int Width => _size?.Width ?? 0;

    /// <summary>Height, 0 before the first picture.</summary>
    public int Height => _size?.Height ?? 0;

    /// <summary>Makes a frame of a picture.</summary>
    /// <exception cref="MediaException">It has another size.</exception>
    public Frame Frame((byte[] Rgb, int Width, int Height, TimeSpan? Time) picture, int index) =>
        (_size ??= (picture.Width, picture.Height)) is var (width, height) && (width, height) == (picture.Width, picture.Height)
            ? new Frame(picture.Rgb, width, height, index, picture.Time)
            : throw new MediaException($"frame {index} is {picture.Width}x{picture.Height}, expected {width}x{height} like the frames before it; track the parts as separate videos.");
}
