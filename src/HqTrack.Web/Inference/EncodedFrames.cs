namespace HqTrack.Web.Inference;

/// <summary>Frames that were encoded for prompts lately, so that the second click on one is answered at once.</summary>
internal sealed class EncodedFrames : IDisposable
{
    /// <summary>Frames kept; one of the light network is about 4 MB.</summary>
    public const int Capacity = 16;

    private readonly Lock gate = new();
    private readonly LinkedList<(string Key, Entry Entry)> entries = new(); // newest first

    /// <summary>The frame of a key; encodes it where it is not kept.</summary>
    public Entry Of(string key, Func<EncodedImage> encode)
    {
        Entry? old = null;
        Entry entry;
        lock (gate)
        {
            for (var node = entries.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    entries.Remove(node);
                    entries.AddFirst(node);
                    return node.Value.Entry;
                }
            }

            entry = new Entry(encode);
            entries.AddFirst((key, entry));
            if (entries.Count > Capacity)
            {
                old = entries.Last!.Value.Entry;
                entries.RemoveLast();
            }
        }

        old?.Dispose();
        return entry;
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var (_, entry) in entries)
            {
                entry.Dispose();
            }

            entries.Clear();
        }
    }

    /// <summary>One frame; used by one caller at a time.</summary>
    internal sealed class Entry(Func<EncodedImage> encode) : IDisposable
    {
        private readonly Lock use = new();
        private EncodedImage? image;
        private bool disposed;

        /// <summary>Asks about the frame; encodes it the first time.</summary>
        public T Use<T>(Func<EncodedImage, T> ask)
        {
            lock (use)
            {
                if (disposed)
                {
                    using var own = encode(); // pushed out while the caller came
                    return ask(own);
                }

                return ask(image ??= encode());
            }
        }

        public void Dispose()
        {
            lock (use)
            {
                disposed = true;
                image?.Dispose();
            }
        }
    }
}
