namespace HqTrack.Training.Data;

/// <summary>Annotated material that clips are made of.</summary>
internal interface IFootage
{
    string Name { get; }

    /// <summary>Consecutive pictures of one random take; the same one T times where the material is stills.</summary>
    Picture[] Take(ref Rng rng, int frames);
}

/// <summary>Still images with masks.</summary>
internal sealed class StillFootage(string name, IReadOnlyList<PictureFile> files, PictureCache cache) : IFootage
{
    public string Name => name;

    public Picture[] Take(ref Rng rng, int frames)
    {
        var still = new Picture[frames];
        Array.Fill(still, cache.Get(files[rng.Below(files.Count)]));
        return still;
    }
}

/// <summary>
/// Videos with a mask per frame; a take steps through one with random gaps, forwards or backwards. In some takes the first frame is from
/// anywhere in the video: what the long-term memory has to bridge when the reference lies far back.
/// </summary>
/// <param name="name">What the footage is called.</param>
/// <param name="sequences">The frames of each video, in order.</param>
/// <param name="cache">Where decoded pictures are kept.</param>
/// <param name="maxGap">Most frames between two of a clip.</param>
internal sealed class VideoFootage(string name, IReadOnlyList<PictureFile[]> sequences, PictureCache cache, int maxGap) : IFootage
{
    private const float FarShare = 0.3f;

    public string Name => name;

    public Picture[] Take(ref Rng rng, int frames)
    {
        var sequence = sequences[rng.Below(sequences.Count)];
        var gap = 1 + rng.Below(maxGap);
        var jitter = rng.Chance(0.5f);
        var direction = rng.Chance(0.5f) ? 1 : -1;
        var at = rng.Below(sequence.Length);
        var take = new Picture[frames];
        for (var t = 0; t < frames; t++)
        {
            take[t] = cache.Get(sequence[Fold(at, sequence.Length)]);
            at += direction * (jitter ? 1 + rng.Below(maxGap) : gap);
        }

        if (rng.Chance(FarShare))
        {
            take[0] = cache.Get(sequence[rng.Below(sequence.Length)]);
        }

        return take;
    }

    // Past an end the video runs back: short sequences serve for long clips too.
    private static int Fold(int at, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        var period = 2 * (length - 1);
        var folded = ((at % period) + period) % period;
        return folded < length ? folded : period - folded;
    }
}
