using System.Collections;
using System.Text;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>
/// Named arguments, enumerated in the order in which the official library writes them (trax 4.0.2 keeps them in a hash table of 32 buckets,
/// each in the order of arrival), so that our lines are its lines byte for byte. A later value of the same key takes the place of the earlier one.
/// </summary>
internal sealed class TraxProperties : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private const int Buckets = 32;

    private readonly List<KeyValuePair<string, string>>[] buckets = [.. Enumerable.Range(0, Buckets).Select(_ => new List<KeyValuePair<string, string>>())];

    /// <summary>Takes pairs over.</summary>
    public TraxProperties(params IEnumerable<KeyValuePair<string, string>> pairs)
    {
        foreach (var (key, value) in pairs)
        {
            Set(key, value);
        }
    }

    /// <summary>No named arguments.</summary>
    public static TraxProperties None { get; } = new();

    public int Count => buckets.Sum(bucket => bucket.Count);

    /// <summary>The value of a key, or null.</summary>
    public string? this[string key]
    {
        get
        {
            var bucket = Bucket(key);
            var index = bucket.FindIndex(pair => pair.Key == key);
            return index < 0 ? null : bucket[index].Value;
        }
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => buckets.SelectMany(bucket => bucket).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>These and one more.</summary>
    public TraxProperties With(string key, string value) => new([.. this, new(key, value)]);

    private void Set(string key, string value)
    {
        var bucket = Bucket(key);
        var index = bucket.FindIndex(pair => pair.Key == key);
        if (index < 0)
        {
            bucket.Add(new(key, value));
        }
        else
        {
            bucket[index] = new(key, value);
        }
    }

    private List<KeyValuePair<string, string>> Bucket(string key)
    {
        var hash = 5381UL;
        foreach (var letter in Encoding.UTF8.GetBytes(key))
        {
            hash = (hash * 33) + letter;
        }

        return buckets[hash % Buckets];
    }
}
