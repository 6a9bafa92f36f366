using HqTrack.Weights.Torch;

namespace HqTrack.Weights.Pickle;

/// <summary>
/// Bounds what a pickle may build: four times its file's size. Instructions of one byte make objects of many, so the bytes read alone
/// are no bound. Small files have a floor, far below what the process itself needs.
/// </summary>
internal sealed class PickleBudget(string file, long fileSize)
{
    private const long Floor = 8L << 20;

    private readonly long limit = Math.Max(4 * fileSize, Floor);
    private long used;

    /// <summary>Counts bytes about to be allocated.</summary>
    /// <exception cref="CheckpointFormatException">Too many.</exception>
    public void Charge(long bytes)
    {
        used += bytes;
        if (used > limit)
        {
            throw TorchFormat.Bad(file, $"a pickle that builds more than {limit} bytes of objects in a file of {fileSize}");
        }
    }
}
