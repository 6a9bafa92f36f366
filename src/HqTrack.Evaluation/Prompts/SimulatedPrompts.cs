namespace HqTrack.Evaluation.Prompts;

/// <summary>Prompts as someone would give them who knows the true mask.</summary>
internal static class SimulatedPrompts
{
    /// <summary>The box around an object by its corner pixels, both inclusive. The object has at least one pixel.</summary>
    /// <param name="truth">H x W, not 0 where the object is.</param>
    /// <param name="width">W</param>
    public static (int Left, int Top, int Right, int Bottom) Box(ReadOnlySpan<byte> truth, int width)
    {
        int left = width, top = int.MaxValue, right = -1, bottom = -1;
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] != 0)
            {
                var (x, y) = (i % width, i / width);
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), y);
            }
        }

        return right >= 0 ? (left, top, right, bottom) : throw new ArgumentException("no pixel of the object is there, expected at least one.", nameof(truth));
    }

    /// <summary>The first click: the object's pixel nearest to its centre of mass, the first one by rows on a tie.</summary>
    /// <param name="truth">H x W, not 0 where the object is.</param>
    /// <param name="width">W</param>
    public static PromptPoint FirstClick(ReadOnlySpan<byte> truth, int width)
    {
        double sumX = 0, sumY = 0;
        long count = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] != 0)
            {
                (sumX, sumY, count) = (sumX + (i % width), sumY + (i / width), count + 1);
            }
        }

        if (count == 0)
        {
            throw new ArgumentException("no pixel of the object is there, expected at least one.", nameof(truth));
        }

        var (nearest, least) = (0, double.PositiveInfinity);
        for (var i = 0; i < truth.Length; i++)
        {
            var (dx, dy) = ((i % width) - (sumX / count), (i / width) - (sumY / count));
            if (truth[i] != 0 && (dx * dx) + (dy * dy) < least)
            {
                (nearest, least) = (i, (dx * dx) + (dy * dy));
            }
        }

        return new(nearest % width, nearest / width);
    }

    /// <summary>A corrective click: the deepest point of the largest wrong region, positive where the mask lacks it; null where the mask is right.</summary>
    /// <param name="truth">H x W, not 0 where the object is.</param>
    /// <param name="predicted">H x W, not 0 where the mask is.</param>
    /// <param name="width">W</param>
    public static PromptPoint? CorrectiveClick(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, int width)
    {
        if (PixelRegion.LargestWrong(truth, predicted, width) is not { } region)
        {
            return null;
        }

        var pixel = region.Deepest();
        return new(pixel % width, pixel / width, region.IsInside);
    }
}
