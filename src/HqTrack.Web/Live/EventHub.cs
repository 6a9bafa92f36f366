using System.Text.Json;
using System.Threading.Channels;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Live;

/// <summary>Something that listeners are told: the name of the event and its data as JSON.</summary>
internal sealed record LiveEvent(string Name, string Data)
{
    /// <summary>Nothing: a comment in the stream.</summary>
    public static LiveEvent Beat { get; } = new(string.Empty, string.Empty);
}

/// <summary>
/// Tells listeners what happens in a project. A listener that does not keep up loses the oldest events: they only say what to ask for anew.
/// </summary>
internal sealed class EventHub : IDisposable
{
    private const int Kept = 64;

    private readonly Lock gate = new();
    private readonly HashSet<Channel<LiveEvent>> listeners = [];
    private bool closed;

    /// <summary>Number of listeners.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return listeners.Count;
            }
        }
    }

    /// <summary>Tells all listeners.</summary>
    public void Send(string name, object data)
    {
        lock (gate)
        {
            if (listeners.Count == 0)
            {
                return;
            }

            var sent = new LiveEvent(name, JsonSerializer.Serialize(data, Journal.Format));
            foreach (var listener in listeners)
            {
                listener.Writer.TryWrite(sent);
            }
        }
    }

    /// <summary>Shows all listeners' proxies that the stream is alive.</summary>
    public void Beat()
    {
        lock (gate)
        {
            foreach (var listener in listeners)
            {
                listener.Writer.TryWrite(LiveEvent.Beat);
            }
        }
    }

    /// <summary>Listens until the reader is given back by <see cref="Leave"/>.</summary>
    public Channel<LiveEvent> Join()
    {
        var listener = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (gate)
        {
            if (closed)
            {
                listener.Writer.Complete();
            }
            else
            {
                listeners.Add(listener);
            }
        }

        return listener;
    }

    /// <summary>Ends listening.</summary>
    public void Leave(Channel<LiveEvent> listener)
    {
        lock (gate)
        {
            listeners.Remove(listener);
        }
    }

    /// <summary>Ends every stream: the project is gone or the server stops.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            foreach (var listener in listeners)
            {
                listener.Writer.TryComplete();
            }

            listeners.Clear();
        }
    }
}
