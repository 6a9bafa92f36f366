namespace HqTrack.Ops;

/// <summary>Sizes of windowed attention: grid, window, and the layouts its kernel works in.</summary>
/// <param name="Batch">B</param>
/// <param name="Height">H</param>
/// <param name="Width">W</param>
/// <param name="Radius">The window has 2 * Radius + 1 positions a side.</param>
/// <param name="KeyDim">D, channels of queries and keys.</param>
/// <param name="Channels">C, channels of values.</param>
internal readonly record struct WindowShape(int Batch, int Height, int Width, int Radius, int KeyDim, int Channels)
{
    /// <summary>Queries that are handled together.</summary>
    public const int Block = 4;

    /// <summary>K, positions a side.</summary>
    public int Side => (2 * Radius) + 1;

    /// <summary>K * K</summary>
    public int Positions => Side * Side;

    /// <summary>Grid positions of one image, H * W.</summary>
    public int Length => Height * Width;

    /// <summary>Blocks of a row.</summary>
    public int Blocks => (Width + Block - 1) / Block;

    /// <summary>Columns that the windows of a block cover together.</summary>
    public int Span => Side + Block - 1;

    /// <summary>
    /// Weights of one row of one query's window in a band: its K weights, then Block - 1 zeros, which the block's other queries read
    /// for columns outside their own windows. A band begins with as many zeros.
    /// </summary>
    public int BandRow => Side + Block - 1;

    /// <summary>A length with room for what whole registers write beyond its end, a multiple of 16.</summary>
    public static int RoundUp(int length) => (length + 15) & ~15;

    /// <summary>Grid rows of the window around row y: first and one past the last.</summary>
    public (int First, int End) Rows(int y) => (Math.Max(0, y - Radius), Math.Min(Height, y + Radius + 1));
}
