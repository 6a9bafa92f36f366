using System.Threading.Channels;
using HqTrack.Media;
using HqTrack.Runtime;

namespace HqTrack;

/// <summary>Decoding ahead of whoever reads a channel.</summary>
internal static class FrameQueue
{
    /// <summary>Reads frames into a channel; what goes wrong reaches the reader after the frames before it.</summary>
    public static async Task FillAsync(IEnumerable<Frame> frames, ChannelWriter<Frame> queue, CancellationToken cancellationToken, StageTimes? times = null)
    {
        try
        {
            using var enumerator = frames.GetEnumerator();
            while (times is null ? enumerator.MoveNext() : times.Measure("decode", enumerator.MoveNext))
            {
                await queue.WriteAsync(enumerator.Current, cancellationToken).ConfigureAwait(false);
            }

            queue.Complete();
        }
        catch (Exception e)
        {
            queue.Complete(e);
        }
    }
}
