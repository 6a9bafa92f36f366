using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>Random fields over (u, v) that repeat with period 1.</summary>
/// <param name="seed">Chooses the field.</param>
internal sealed class Noise(ulong seed)
{
    private readonly uint key = (uint)SceneRandom.Mix(seed);

    /// <summary>A number in [0, 1) for a cell of a grid.</summary>
    public float Cell(int x, int y)
    {
        unchecked
        {
            var h = ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u) ^ key;
            h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
            h = (h ^ (h >> 12)) * 0x297A2D39u;
            return ((h ^ (h >> 15)) >> 8) * (1f / (1 << 24));
        }
    }

    /// <summary>Smooth value noise in [0, 1) with <paramref name="cellsU"/> x <paramref name="cellsV"/> cells.</summary>
    public float Value(float u, float v, int cellsU, int cellsV)
    {
        var (x, y) = (u * cellsU, v * cellsV);
        var (floorX, floorY) = (MathF.Floor(x), MathF.Floor(y));
        var (fx, fy) = (Fade(x - floorX), Fade(y - floorY));
        var (x0, y0) = (Wrap((int)floorX, cellsU), Wrap((int)floorY, cellsV));
        var (x1, y1) = (x0 + 1 == cellsU ? 0 : x0 + 1, y0 + 1 == cellsV ? 0 : y0 + 1);
        var top = Cell(x0, y0) + ((Cell(x1, y0) - Cell(x0, y0)) * fx);
        var bottom = Cell(x0, y1) + ((Cell(x1, y1) - Cell(x0, y1)) * fx);
        return top + ((bottom - top) * fy);
    }

    /// <summary>Octaves of value noise, each twice as fine and half as strong, in [0, 1).</summary>
    public float Fractal(float u, float v, int cellsU, int cellsV, int octaves)
    {
        var (sum, weight, total) = (0f, 1f, 0f);
        for (var i = 0; i < octaves; i++)
        {
            sum += weight * Value(u + (0.37f * i), v + (0.61f * i), cellsU << i, cellsV << i);
            total += weight;
            weight *= 0.5f;
        }

        return sum / total;
    }

    /// <summary>Distances to the nearest and second nearest of one random point per cell, in cells, and a number for the nearest.</summary>
    public (float Nearest, float Second, float Id) Worley(float u, float v, int cells)
    {
        var (x, y) = (u * cells, v * cells);
        var (cellX, cellY) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (nearest, second, id) = (9f, 9f, 0f);
        for (var j = cellY - 1; j <= cellY + 1; j++)
        {
            for (var i = cellX - 1; i <= cellX + 1; i++)
            {
                var (wx, wy) = (Wrap(i, cells), Wrap(j, cells));
                var own = Cell(wx, wy);
                var (dx, dy) = (i + own - x, j + Cell(wx + 7919, wy) - y);
                var square = (dx * dx) + (dy * dy);
                if (square < nearest)
                {
                    (nearest, second, id) = (square, nearest, own);
                }
                else if (square < second)
                {
                    second = square;
                }
            }
        }

        return (MathF.Sqrt(nearest), MathF.Sqrt(second), id);
    }

    public static int Wrap(int i, int period)
    {
        var wrapped = i % period;
        return wrapped < 0 ? wrapped + period : wrapped;
    }

    private static float Fade(float t) => t * t * t * ((t * ((6 * t) - 15)) + 10);
}
