namespace HqTrack.Media;

/// <summary>The five row filters of PNG (specification section 9), undone in place.</summary>
internal static class PngFilter
{
    public const byte None = 0;
    public const byte Sub = 1;
    public const byte Up = 2;
    public const byte Average = 3;
    public const byte Paeth = 4;

    /// <summary>Undoes a filter for samples of at most one byte a pixel.</summary>
    /// <param name="filter">0..4.</param>
    /// <param name="row">The row's bytes, filtered on entry.</param>
    /// <param name="above">The row above as decoded; zeros above the first.</param>
    /// <returns>False where the filter is unknown.</returns>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        byte left = 0, aboveLeft = 0;
        switch (filter)
        {
            case None:
                return true;
            case Sub:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = left = (byte)(row[i] + left);
                }

                return true;
            case Up:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                return true;
            case Average:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = left = (byte)(row[i] + ((left + above[i]) >> 1));
                }

                return true;
            case Paeth:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = left = (byte)(row[i] + Predict(left, above[i], aboveLeft));
                    aboveLeft = above[i];
                }

                return true;
            default:
                return false;
        }
    }

    private static byte Predict(byte left, byte above, byte aboveLeft)
    {
        var estimate = left + above - aboveLeft;
        var (toLeft, toAbove, toAboveLeft) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - aboveLeft));
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }
}
