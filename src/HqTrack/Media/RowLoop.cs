namespace HqTrack.Media;

/// <summary>Does every row below a number once, in any order, on whatever threads; returns when all are done.</summary>
/// <param name="rows">Number of rows.</param>
/// <param name="row">Does one.</param>
internal delegate void RowLoop(int rows, Action<int> row);

/// <summary>Loops where no other is given.</summary>
internal static class RowLoops
{
    /// <summary>On the threads of .NET's pool.</summary>
    public static RowLoop Pool { get; } = (rows, row) => Parallel.For(0, rows, row);
}
