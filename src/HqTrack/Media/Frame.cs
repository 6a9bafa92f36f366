namespace HqTrack.Media;

/// <summary>One image of a video: packed RGB, 8 bits a channel, row-major, H x W x 3.</summary>
public sealed class Frame
{
    /// <summary>Wraps pixels without copying them; the frame owns the array from here on.</summary>
    /// <param name="rgb">Width * Height * 3 bytes, rows from the top, channels R, G, B.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="index">Number of the frame in its source, from 0.</param>
    /// <param name="timestamp">Presentation time, where the source knows one.</param>
    /// <exception cref="ArgumentException">The array's length is not Width * Height * 3.</exception>
    public Frame(byte[] rgb, int width, int height, int index = 0, TimeSpan? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (rgb.Length != width * height * 3)
        {
            throw new ArgumentException($"{rgb.Length} bytes of pixels, expected {width}x{height}x3 = {width * height * 3}.", nameof(rgb));
        }

        Rgb = rgb;
        Width = width;
        Height = height;
        Index = index;
        Timestamp = timestamp;
    }

    /// <summary>The pixels, H x W x 3.</summary>
    public byte[] Rgb { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Number of the frame in its source, from 0.</summary>
    public int Index { get; }

    /// <summary>Presentation time, or null where the source has none (a folder of images).</summary>
    public TimeSpan? Timestamp { get; }
}
