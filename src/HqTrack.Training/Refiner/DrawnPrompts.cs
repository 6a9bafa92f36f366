using HqTrack.Evaluation.Prompts;
using HqTrack.Refiner.Sam;
using HqTrack.Training.Data;

namespace HqTrack.Training.Refiner;

/// <summary>What the first prompt of an image's objects is.</summary>
internal enum PromptKind
{
    /// <summary>A box, true or jittered.</summary>
    Box,

    /// <summary>A click on the object.</summary>
    Click,

    /// <summary>A coarse mask, in half of the cases with a box.</summary>
    Mask,
}

/// <summary>Draws prompts for a true mask (bytes, S x S, not 0 where the object is). A prompt's numbers are in pixels of the network's square.</summary>
internal static class DrawnPrompts
{
    private const float MaxJitter = 0.2f;

    /// <summary>A box: true in half of the cases, else each side moved by up to 20 % of the box's size, inside the square.</summary>
    public static Corners Box(ref Rng rng, ReadOnlySpan<byte> truth, int size)
    {
        var (left, top, right, bottom) = SimulatedPrompts.Box(truth, size);
        if (rng.Chance(0.5f))
        {
            return new(left, top, right, bottom);
        }

        var jitter = rng.Range(0, MaxJitter);
        float across = jitter * (right - left + 1), down = jitter * (bottom - top + 1);
        double Move(ref Rng draw, int side, float most) => Math.Clamp(Math.Round(side + draw.Range(-most, most)), 0, size - 1);
        double a = Move(ref rng, left, across), b = Move(ref rng, top, down), c = Move(ref rng, right, across), d = Move(ref rng, bottom, down);
        return new(Math.Min(a, c), Math.Min(b, d), Math.Max(a, c), Math.Max(b, d));
    }

    /// <summary>A first click: at the centre of mass, at the deepest point, or anywhere on the object.</summary>
    public static PromptPoint FirstClick(ref Rng rng, ReadOnlySpan<byte> truth, int size)
    {
        if (rng.Chance(0.4f))
        {
            return SimulatedPrompts.FirstClick(truth, size);
        }

        var region = PixelRegion.Largest(truth, size)!;
        return Point(ref rng, region, size, deepest: 0.5f);
    }

    /// <summary>A corrective click in the largest wrong region: its deepest point, or any; on the object where nothing is wrong.</summary>
    public static PromptPoint Correction(ref Rng rng, ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, int size)
    {
        var region = PixelRegion.LargestWrong(truth, predicted, size) ?? PixelRegion.Largest(truth, size)!;
        return Point(ref rng, region, size, deepest: 0.6f);
    }

    /// <summary>
    /// A coarse mask as logits on the prompt encoder's grid: shifted by up to 10 % of the object's size, smoothed and cut at another level than half (thinner or fatter), now and
    /// then with a part missing.
    /// </summary>
    /// <param name="rng">Drawn from.</param>
    /// <param name="truth">[grid, grid], not 0 where the object is; at least one pixel.</param>
    /// <param name="grid">Side of the grid.</param>
    public static float[] CoarseMask(ref Rng rng, ReadOnlySpan<byte> truth, int grid)
    {
        var (left, top, right, bottom) = SimulatedPrompts.Box(truth, grid);
        var extent = MathF.Sqrt((right - left + 1f) * (bottom - top + 1));
        int shiftX = (int)MathF.Round(rng.Range(-0.1f, 0.1f) * extent), shiftY = (int)MathF.Round(rng.Range(-0.1f, 0.1f) * extent);
        var soft = new float[truth.Length];
        for (var y = 0; y < grid; y++)
        {
            for (var x = 0; x < grid; x++)
            {
                var (u, v) = (x - shiftX, y - shiftY);
                soft[(y * grid) + x] = u >= 0 && v >= 0 && u < grid && v < grid && truth[(v * grid) + u] != 0 ? 1 : 0;
            }
        }

        var radius = (int)MathF.Round(rng.Range(0.01f, 0.08f) * extent);
        if (radius > 0)
        {
            BoxBlur(soft, grid, radius);
        }

        var level = rng.Range(0.25f, 0.75f);
        var (angle, cut) = (rng.Range(0, 2 * MathF.PI), rng.Chance(0.25f) ? rng.Range(0, 0.4f) * extent : float.PositiveInfinity);
        var (sin, cos) = MathF.SinCos(angle);
        var strength = rng.LogRange(1.5f, 12);
        var found = false;
        for (var i = 0; i < soft.Length; i++)
        {
            var (dx, dy) = ((i % grid) - ((left + right) / 2f), (i / grid) - ((top + bottom) / 2f));
            var inside = soft[i] > level && (dx * cos) + (dy * sin) < cut;
            found |= inside;
            soft[i] = inside ? strength : -strength;
        }

        if (!found)
        {
            for (var i = 0; i < soft.Length; i++)
            {
                soft[i] = truth[i] != 0 ? strength : -strength;
            }
        }

        return soft;
    }

    private static PromptPoint Point(ref Rng rng, PixelRegion region, int size, float deepest)
    {
        var pixel = rng.Chance(deepest) ? region.Deepest() : region.Pixels[rng.Below(region.Pixels.Length)];
        return new(pixel % size, pixel / size, region.IsInside);
    }

    // Mean over (2 r + 1)^2 pixels, 0 beyond the edge.
    private static void BoxBlur(float[] values, int size, int radius)
    {
        var line = new float[size];
        void Pass(int start, int step)
        {
            var sum = 0f;
            for (var i = -radius; i < size; i++)
            {
                sum += i + radius < size ? values[start + ((i + radius) * step)] : 0;
                sum -= i - radius - 1 >= 0 ? values[start + ((i - radius - 1) * step)] : 0;
                if (i >= 0)
                {
                    line[i] = sum / ((2 * radius) + 1);
                }
            }

            for (var i = 0; i < size; i++)
            {
                values[start + (i * step)] = line[i];
            }
        }

        for (var i = 0; i < size; i++)
        {
            Pass(i * size, 1);
            Pass(i, size);
        }
    }
}
