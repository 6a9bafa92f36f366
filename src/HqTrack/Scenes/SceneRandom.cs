using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014) with streams of its own for each part of a scene, so that a change to one part leaves the others.</summary>
internal sealed class SceneRandom(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>A stream of its own for a numbered part; drawing from it does not move this one.</summary>
    public SceneRandom Fork(int part) => new(Mix(state ^ Mix(unchecked(((ulong)(uint)part + 1) * Golden))));

    public ulong Next()
    {
        state = unchecked(state + Golden);
        return Mix(state);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float Unit() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Range(float low, float high) => low + ((high - low) * Unit());

    /// <summary>Uniform in the logarithm, both bounds positive.</summary>
    public float LogRange(float low, float high) => low * (float)PortableMath.Exp(Unit() * PortableMath.Log(high / low));

    /// <summary>Uniform in [0, count).</summary>
    public int Below(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    public bool Chance(float probability) => Unit() < probability;

    public float Sign() => Chance(0.5f) ? 1 : -1;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Items in random order.</summary>
    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        T[] order = [.. items];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>A uniform direction.</summary>
    public Vec3 Direction()
    {
        var y = Range(-1, 1);
        var (sin, cos) = PortableMath.SinCos(Unit() * 2 * Math.PI);
        var r = MathF.Sqrt(1 - (y * y));
        return new(r * (float)cos, y, r * (float)sin);
    }

    internal static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
