using HqTrack.Media;

namespace HqTrack.Cli.Output;

/// <summary>Sinks that are opened and closed together; when one cannot be opened, those before it are closed.</summary>
internal sealed class SinkList : IDisposable
{
    private readonly List<IFrameSink> sinks = [];

    /// <summary>Opens sinks one after another.</summary>
    public SinkList(IEnumerable<IFrameSink> opening)
    {
        try
        {
            foreach (var sink in opening)
            {
                sinks.Add(sink);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The open sinks.</summary>
    public IReadOnlyList<IFrameSink> All => sinks;

    public void Dispose() => sinks.ForEach(sink => sink.Dispose());
}
