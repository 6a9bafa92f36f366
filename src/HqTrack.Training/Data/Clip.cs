using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>How long and how large clips are.</summary>
internal readonly record struct ClipShape
{
    /// <param name="frames">Frames of a clip, T, at least 1.</param>
    /// <param name="size">Side of the square frames in pixels, S = 16 k + 1, as the networks' align-corners strides want it.</param>
    /// <exception cref="ArgumentOutOfRangeException">No frame, or a side that is not 16 k + 1.</exception>
    public ClipShape(int frames, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        if (size < 17 || size % 16 != 1)
        {
            throw new ArgumentOutOfRangeException(nameof(size), $"clips of {size} pixels, expected 16 k + 1 (such as 241); choose {Math.Max(17, (size / 16 * 16) + 1)}.");
        }

        Frames = frames;
        Size = size;
    }

    public int Frames { get; }

    public int Size { get; }
}

/// <summary>A training example: T frames of S x S with the exact ids of every pixel.</summary>
/// <param name="Frames">T frames.</param>
/// <param name="Labels">T label maps; the ids are 1..ObjectCount, and every one of them is seen in frame 0.</param>
/// <param name="ObjectCount">1 to <see cref="MaxObjects"/>.</param>
internal sealed record Clip(Frame[] Frames, LabelMap[] Labels, int ObjectCount)
{
    /// <summary>Objects that one pass of the network holds.</summary>
    public const int MaxObjects = 10;
}

/// <summary>Makes clips; safe to use from several threads at once.</summary>
internal interface IClipSource
{
    string Name { get; }

    /// <summary>A clip that depends on nothing but the generator's state and the shape.</summary>
    Clip Next(ref Rng rng, ClipShape shape);
}
