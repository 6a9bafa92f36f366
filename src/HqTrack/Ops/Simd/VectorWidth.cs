using System.Runtime.Intrinsics;

namespace HqTrack.Ops.Simd;

/// <summary>Floats that a kernel handles at once.</summary>
internal enum VectorWidth
{
    Scalar = 1,
    Bits128 = 4,
    Bits256 = 8,
    Bits512 = 16,
}

/// <summary>Chooses the width at run time.</summary>
internal static class VectorWidths
{
    /// <summary>The widest that this processor runs at full speed.</summary>
    public static VectorWidth Best { get; } = Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;

    /// <summary>The widest not above <paramref name="limit"/> that a row of so many channels fills at least once.</summary>
    public static VectorWidth For(long channels, VectorWidth limit)
    {
        foreach (var width in (ReadOnlySpan<VectorWidth>)[VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128])
        {
            if (width <= limit && channels >= (int)width)
            {
                return width;
            }
        }

        return VectorWidth.Scalar;
    }

    /// <summary>The widest not above <paramref name="limit"/> that divides so many channels.</summary>
    public static VectorWidth Dividing(long channels, VectorWidth limit)
    {
        foreach (var width in (ReadOnlySpan<VectorWidth>)[VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128])
        {
            if (width <= limit && channels % (int)width == 0)
            {
                return width;
            }
        }

        return VectorWidth.Scalar;
    }
}
