namespace HqTrack.Training.Data;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): a generator whose whole state is one number, so that a run can be saved, and whose streams
/// can be split by (seed, index), so that clip i is the same whichever thread makes it.
/// </summary>
internal struct Rng(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>The state; <c>new Rng(state)</c> continues from here.</summary>
    public ulong State { get; private set; } = seed;

    /// <summary>An own stream for item <paramref name="index"/> of a run.</summary>
    public static Rng For(ulong seed, long index) => new(Mix(seed ^ Mix(unchecked((ulong)index + 1) * Golden)));

    public ulong NextUInt64()
    {
        State = unchecked(State + Golden);
        return Mix(State);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Range(float low, float high) => low + ((high - low) * NextSingle());

    /// <summary>Uniform in the logarithm, in [low, high), both positive.</summary>
    public float LogRange(float low, float high) => MathF.Exp(Range(MathF.Log(low), MathF.Log(high)));

    /// <summary>Uniform integer in [0, count), count at least 1.</summary>
    public int Below(int count) => (int)(((NextUInt64() >> 32) * (ulong)count) >> 32);

    public bool Chance(float probability) => NextSingle() < probability;

    /// <summary>Standard normal (Box-Muller; the second value is not kept, which keeps the state one number).</summary>
    public float Normal()
    {
        var radius = MathF.Sqrt(-2 * MathF.Log(1 - NextSingle()));
        return radius * MathF.Cos(2 * MathF.PI * NextSingle());
    }

    /// <summary>A number in [0, weights.Length), each with its share of the weights' sum.</summary>
    public int Weighted(ReadOnlySpan<float> weights)
    {
        var sum = 0f;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var left = NextSingle() * sum;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                last = i;
                left -= weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    /// <summary>Fisher-Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
