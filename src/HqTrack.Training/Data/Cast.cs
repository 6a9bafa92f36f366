namespace HqTrack.Training.Data;

/// <summary>Decides how many objects are pasted into a clip, and which of them look alike.</summary>
internal static class Cast
{
    private const float CrowdShare = 0.2f;
    private const float TwinShare = 0.25f;
    private const float TwinTracked = 0.6f;

    /// <summary>Weights of 0, 1, 2 ... pasted objects where there is something to track already.</summary>
    public static ReadOnlySpan<float> Few => [0f, 0.7f, 0.3f];

    /// <summary>Weights of 0, 1, 2 ... pasted objects where there is one object.</summary>
    public static ReadOnlySpan<float> Some => [0.3f, 0.3f, 0.2f, 0.12f, 0.08f];

    /// <summary>Adds pasted objects in front of the layers so far; their ids count up from <paramref name="firstFreeId"/>.</summary>
    public static void Add(ref Rng rng, List<Layer> layers, CutOutMaker maker, ClipShape shape, int firstFreeId, ReadOnlySpan<float> weights)
    {
        var count = rng.Weighted(weights);
        var id = firstFreeId;
        (float X, float Y) focus = (rng.Range(0.25f, 0.75f), rng.Range(0.25f, 0.75f));
        if (count > 0 && rng.Chance(CrowdShare))
        {
            // Look-alikes, each to be told from the others: three to six of one object.
            Repeat(ref rng, layers, maker, shape, focus, ref id, 3 + rng.Below(4));
            return;
        }

        for (var i = 0; i < count; i++)
        {
            Repeat(ref rng, layers, maker, shape, focus, ref id, 1);
        }
    }

    private static void Repeat(
        ref Rng rng, List<Layer> layers, CutOutMaker maker, ClipShape shape, (float X, float Y) focus, ref int id, int copies)
    {
        if (maker.Pick(ref rng, shape.Frames) is not { } material)
        {
            return;
        }

        // Copies are about as large as each other: size alone must not tell them apart.
        var extent = copies > 1 ? rng.LogRange(0.13f, 0.28f) : rng.LogRange(0.1f, 0.4f);
        for (var i = 0; i < copies && id <= byte.MaxValue; i++)
        {
            layers.Add(maker.Place(ref rng, material, shape, (byte)id++, extent * rng.LogRange(0.85f, 1.18f), focus));
        }

        if (copies == 1 && rng.Chance(TwinShare) && id <= byte.MaxValue)
        {
            var twinId = rng.Chance(TwinTracked) ? (byte)id++ : (byte)0;
            layers.Add(maker.Place(ref rng, material, shape, twinId, extent * rng.LogRange(0.7f, 1.4f), focus));
        }
    }
}
