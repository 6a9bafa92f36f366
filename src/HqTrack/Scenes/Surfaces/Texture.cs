using System.Runtime.CompilerServices;
using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>
/// A square picture that repeats, with its mip levels. Colours are kept as square roots of light (gamma 2), which interpolate well and
/// need one multiplication to become light.
/// </summary>
internal sealed class Texture
{
    // Four lanes of 16 bits hold 8 bits each, so that one multiplication weighs all channels: 255 * 256 fits a lane.
    private readonly ulong[][] levels;
    private readonly int size;

    private Texture(ulong[][] levels, int size) => (this.levels, this.size) = (levels, size);

    /// <summary>Paints a texture.</summary>
    /// <param name="size">Side in texels, a power of two.</param>
    /// <param name="paint">Colour (0..1 as displayed) at (u, v) in [0, 1)^2.</param>
    public static Texture Bake(int size, Func<float, float, Vec3> paint)
    {
        var levels = new List<ulong[]>();
        var level = new ulong[size * size];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var color = paint((x + 0.5f) / size, (y + 0.5f) / size);
                level[(y * size) + x] = Lane(color.X) | (Lane(color.Y) << 16) | (Lane(color.Z) << 32);
            }
        }

        levels.Add(level);
        for (var side = size / 2; side >= 1; side /= 2)
        {
            var (finer, coarser) = (levels[^1], new ulong[side * side]);
            for (var y = 0; y < side; y++)
            {
                for (var x = 0; x < side; x++)
                {
                    var at = (y * 4 * side) + (2 * x);
                    var sum = finer[at] + finer[at + 1] + finer[at + (2 * side)] + finer[at + (2 * side) + 1] + 0x0002_0002_0002_0002;
                    coarser[(y * side) + x] = (sum >> 2) & 0x00FF_00FF_00FF_00FF;
                }
            }

            levels.Add(coarser);
        }

        return new([.. levels], size);

        static ulong Lane(float value) => (ulong)((Math.Clamp(value, 0f, 1f) * 255) + 0.5f);
    }

    // Not inlined, as the shader would outgrow what the compiler optimises.
    /// <summary>Light at (u, v), filtered over the footprint of a pixel given by the derivatives of u and v along x and y.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Vec3 Sample(float u, float v, float ux, float vx, float uy, float vy)
    {
        var alongX = ((ux * ux) + (vx * vx)) * size * size;
        var alongY = ((uy * uy) + (vy * vy)) * size * size;
        var (major, minor) = alongX > alongY ? (alongX, alongY) : (alongY, alongX);

        // Up to four taps along the longer side of the footprint keep a receding floor sharp; between them they blend levels well enough.
        var taps = major > 8 * minor ? 4 : major > 2.5f * minor ? 2 : 1;
        var lod = 0.5f * Log2(major / (taps * taps));
        if (taps == 1 || lod <= -1)
        {
            return Square(Trilinear(u, v, lod));
        }

        var level = Math.Clamp((int)(lod + 0.4f), 0, levels.Length - 1);

        var (du, dv) = alongX > alongY ? (ux / taps, vx / taps) : (uy / taps, vy / taps);
        var (atU, atV) = (u - (du * 0.5f * (taps - 1)), v - (dv * 0.5f * (taps - 1)));
        var sum = default(Vec3);
        for (var i = 0; i < taps; i++)
        {
            sum += Unpack(Bilinear(level, atU, atV));
            atU += du;
            atV += dv;
        }

        return Square(sum * (1f / taps));
    }

    private static Vec3 Square(Vec3 color) => color * color;

    private Vec3 Trilinear(float u, float v, float lod)
    {
        if (lod <= 0)
        {
            return Unpack(Bilinear(0, u, v));
        }

        var level = (int)lod;
        if (level >= levels.Length - 1)
        {
            return Unpack(levels[^1][0] << 8);
        }

        return Vec3.Lerp(Unpack(Bilinear(level, u, v)), Unpack(Bilinear(level + 1, u, v)), lod - level);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vec3 Unpack(ulong lanes) =>
        new((int)(lanes & 0xFFFF) * (1 / 65280f), (int)((lanes >> 16) & 0xFFFF) * (1 / 65280f), (int)((lanes >> 32) & 0xFFFF) * (1 / 65280f));

    // Weights of 1/256: lanes come out times 256.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Bilinear(int level, float u, float v)
    {
        var texels = levels[level];
        var side = size >> level;
        var mask = side - 1;
        var (x, y) = ((u * side) - 0.5f, (v * side) - 0.5f);
        var (floorX, floorY) = (MathF.Floor(x), MathF.Floor(y));
        var (fx, fy) = (Whole((x - floorX) * 16), Whole((y - floorY) * 16));
        var (x0, y0) = (Whole(floorX) & mask, (Whole(floorY) & mask) * side);
        var (x1, y1) = ((x0 + 1) & mask, (y0 + side) & (mask * side));
        var (w11, w10, w01) = (fx * fy, fx * (16 - fy), (16 - fx) * fy);
        return (texels[y0 + x0] * (ulong)(256 - w11 - w10 - w01)) + (texels[y0 + x1] * (ulong)w10) + (texels[y1 + x0] * (ulong)w01) + (texels[y1 + x1] * (ulong)w11);
    }

    // Skips the checks for numbers that no int holds; there are none here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Whole(float x) => float.ConvertToIntegerNative<int>(x);

    // Piecewise linear between powers of two, at most 0.09 off.
    private static float Log2(float x)
    {
        var bits = BitConverter.SingleToInt32Bits(x);
        return (bits >> 23) - 127 + ((bits & 0x7FFFFF) * (1f / 0x800000));
    }
}
