namespace HqTrack.Web.Ingest;

/// <summary>One request at a time changes what is here of an upload.</summary>
internal sealed class UploadGate
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>Enters, unless somebody else is in.</summary>
    /// <param name="id">The upload.</param>
    /// <returns>Leaves when it is disposed; null where somebody else is in.</returns>
    public IDisposable? TryEnter(string id)
    {
        var entry = Take(id);
        if (entry.Door.Wait(0))
        {
            return new Visit(this, id, entry);
        }

        GiveBack(id, entry);
        return null;
    }

    /// <summary>Waits until nobody else is in, and enters.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<IDisposable> EnterAsync(string id, CancellationToken cancellation)
    {
        var entry = Take(id);
        try
        {
            await entry.Door.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            GiveBack(id, entry);
            throw;
        }

        return new Visit(this, id, entry);
    }

    private Entry Take(string id)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(id, out var entry))
            {
                entries.Add(id, entry = new());
            }

            entry.Users++;
            return entry;
        }
    }

    private void GiveBack(string id, Entry entry)
    {
        lock (gate)
        {
            if (--entry.Users == 0)
            {
                entries.Remove(id);
                entry.Door.Dispose();
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Door { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Visit(UploadGate owner, string id, Entry entry) : IDisposable
    {
        private bool left;

        public void Dispose()
        {
            if (!left)
            {
                left = true;
                entry.Door.Release();
                owner.GiveBack(id, entry);
            }
        }
    }
}
