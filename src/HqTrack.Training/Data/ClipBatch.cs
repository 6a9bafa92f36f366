namespace HqTrack.Training.Data;

/// <summary>B clips packed as the network takes them: planar, normalised with ImageNet's mean and spread. The buffers are used again by
/// every <see cref="Pack"/>.</summary>
internal sealed class ClipBatch
{
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Spread = [0.229f, 0.224f, 0.225f];
    private static readonly float[] Normalized = NormalizedValues();

    /// <summary>Makes the buffers.</summary>
    public ClipBatch(int clips, ClipShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clips, 1);
        (Clips, Shape) = (clips, shape);
        Images = new float[shape.Frames * clips * 3 * shape.Size * shape.Size];
        Labels = new byte[shape.Frames * clips * shape.Size * shape.Size];
        ObjectCounts = new int[clips];
    }

    /// <summary>B.</summary>
    public int Clips { get; }

    public ClipShape Shape { get; }

    /// <summary>[T, B, 3, S, S]: (x / 255 - mean) / spread.</summary>
    public float[] Images { get; }

    /// <summary>[T, B, S, S]: object ids, 0 is background.</summary>
    public byte[] Labels { get; }

    /// <summary>[B]: objects of each clip.</summary>
    public int[] ObjectCounts { get; }

    /// <summary>Packs clips of the batch's shape.</summary>
    /// <exception cref="ArgumentException">Another number of clips, or another shape.</exception>
    public void Pack(IReadOnlyList<Clip> clips)
    {
        if (clips.Count != Clips)
        {
            throw new ArgumentException($"{clips.Count} clips, expected {Clips}.", nameof(clips));
        }

        var pixels = Shape.Size * Shape.Size;
        for (var b = 0; b < Clips; b++)
        {
            var clip = clips[b];
            if (clip.Frames.Length != Shape.Frames || clip.Frames[0].Width != Shape.Size)
            {
                throw new ArgumentException($"a clip of {clip.Frames.Length} x {clip.Frames[0].Width} pixels, expected {Shape.Frames} x {Shape.Size}.", nameof(clips));
            }

            ObjectCounts[b] = clip.ObjectCount;
            for (var t = 0; t < Shape.Frames; t++)
            {
                var slot = (t * Clips) + b;
                ToPlanes(clip.Frames[t].Rgb, Images.AsSpan(slot * 3 * pixels, 3 * pixels));
                clip.Labels[t].Ids.CopyTo(Labels, slot * pixels);
            }
        }
    }

    private static void ToPlanes(ReadOnlySpan<byte> rgb, Span<float> planes)
    {
        var pixels = planes.Length / 3;
        for (var channel = 0; channel < 3; channel++)
        {
            var values = Normalized.AsSpan(channel * 256, 256);
            var plane = planes.Slice(channel * pixels, pixels);
            for (var i = 0; i < plane.Length; i++)
            {
                plane[i] = values[rgb[(i * 3) + channel]];
            }
        }
    }

    private static float[] NormalizedValues()
    {
        var values = new float[3 * 256];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (((i & 255) / 255f) - Mean[i >> 8]) / Spread[i >> 8];
        }

        return values;
    }
}
