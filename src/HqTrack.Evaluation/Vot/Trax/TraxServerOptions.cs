namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>What a server says of itself in its hello line, and how long it waits.</summary>
internal sealed class TraxServerOptions
{
    /// <summary>The protocol's version.</summary>
    public const int Version = 4;

    /// <summary>The tracker's name.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>What the tracker is.</summary>
    public string Description { get; set; } = string.Empty;

    /// <summary>Kind of tracker.</summary>
    public string Family { get; set; } = string.Empty;

    /// <summary>Whether several objects are tracked together (default true).</summary>
    public bool IsMultiObject { get; set; } = true;

    /// <summary>Region kinds that are accepted (default mask): rectangle, polygon, mask.</summary>
    public IReadOnlyList<string> Regions { get; set; } = ["mask"];

    /// <summary>Ways in which images are accepted (default path, memory, buffer).</summary>
    public IReadOnlyList<TraxImageKind> Images { get; set; } = [TraxImageKind.Path, TraxImageKind.Memory, TraxImageKind.Buffer];

    /// <summary>Channels that are needed, one image each in a frame message (default color).</summary>
    public IReadOnlyList<string> Channels { get; set; } = ["color"];

    /// <summary>Further named arguments of the hello line (default none).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Custom { get; set; } = [];

    /// <summary>Most objects at a time (default 255).</summary>
    public int MaxObjects { get; set; } = Media.LabelMap.MaxId;

    /// <summary>How long the peer may leave the server waiting, for a message or to take an answer (default one hour).</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The hello line.</summary>
    public TraxMessage Hello()
    {
        var properties = new List<KeyValuePair<string, string>>
        {
            new("trax.version", $"{Version}"),
            new("trax.region", List(Regions)),
            new("trax.image", List(Images.Select(kind => kind.ToString().ToLowerInvariant()))),
            new("trax.channels", List(Channels)),
            new("trax.name", Name),
            new("trax.description", Description),
            new("trax.family", Family),
        };
        if (IsMultiObject)
        {
            properties.Add(new("trax.multiobject", "1"));
        }

        return new(TraxMessageType.Hello, [], new([.. Custom, .. properties]));
    }

    private static string List(IEnumerable<string> words) => string.Concat(words.Select(word => word + ";"));
}
