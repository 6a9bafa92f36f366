namespace HqTrack.Training.Data;

/// <summary>B clips packed frame by frame, as bytes; <see cref="BatchTensors"/> makes them the network's input. The buffers are used again by every <see cref="Pack"/>.</summary>
internal sealed class ClipBatch
{
    /// <summary>Makes the buffers.</summary>
    public ClipBatch(int clips, ClipShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clips, 1);
        (Clips, Shape) = (clips, shape);
        Images = new byte[shape.Frames * clips * shape.Size * shape.Size * 3];
        Labels = new byte[shape.Frames * clips * shape.Size * shape.Size];
        ObjectCounts = new int[clips];
    }

    /// <summary>B.</summary>
    public int Clips { get; }

    public ClipShape Shape { get; }

    /// <summary>[T, B, S, S, 3]: RGB.</summary>
    public byte[] Images { get; }

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
                clip.Frames[t].Rgb.CopyTo(Images, slot * 3 * pixels);
                clip.Labels[t].Ids.CopyTo(Labels, slot * pixels);
            }
        }
    }
}
