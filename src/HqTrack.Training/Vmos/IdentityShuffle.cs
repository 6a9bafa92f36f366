using HqTrack.Training.Data;

namespace HqTrack.Training.Vmos;

/// <summary>Draws which channel of the identity bank each object of a clip gets, so that every channel is trained.</summary>
internal static class IdentityShuffle
{
    /// <summary>Channels of B samples, row after row: background is 0, ids 1..n get different channels of 1..max, missing ids -1.</summary>
    /// <param name="rng">Drawn from.</param>
    /// <param name="objectCounts">Objects of each sample.</param>
    /// <param name="maxObjects">Channels of the identity bank without the background.</param>
    /// <returns>[B, n + 1] with n the most objects of any sample.</returns>
    public static long[,] Draw(ref Rng rng, ReadOnlySpan<int> objectCounts, int maxObjects)
    {
        var most = 0;
        foreach (var count in objectCounts)
        {
            most = Math.Max(most, count);
        }

        var channels = new long[objectCounts.Length, most + 1];
        var order = new long[maxObjects];
        for (var b = 0; b < objectCounts.Length; b++)
        {
            for (var i = 0; i < maxObjects; i++)
            {
                order[i] = i + 1;
            }

            rng.Shuffle(order.AsSpan());
            for (var id = 1; id <= most; id++)
            {
                channels[b, id] = id <= objectCounts[b] ? order[id - 1] : -1;
            }
        }

        return channels;
    }
}
