namespace HqTrack.Web;

/// <summary>What a server takes in. Everything is checked before anything is decoded.</summary>
internal sealed record ServeLimits
{
    /// <summary>Bytes of a video (default 2 GiB).</summary>
    public long VideoBytes { get; init; } = 2L << 30;

    /// <summary>Bytes of an image or a mask (default 64 MiB).</summary>
    public long ImageBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of a JSON document (default 1 MiB).</summary>
    public long JsonBytes { get; init; } = 1L << 20;

    /// <summary>Pixels of a frame (default 34 million: 8K).</summary>
    public int Pixels { get; init; } = 34_000_000;

    /// <summary>Frames of a project (default 20,000).</summary>
    public int Frames { get; init; } = 20_000;

    /// <summary>Length of a video (default 1 hour).</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Projects (default 10,000).</summary>
    public int Projects { get; init; } = 10_000;

    /// <summary>Uploads of a project that are not finished (default 64).</summary>
    public int OpenUploads { get; init; } = 64;

    /// <summary>Exports kept of a project (default 50).</summary>
    public int Exports { get; init; } = 50;

    /// <summary>Processor time for decoding one video (default 1 hour).</summary>
    public TimeSpan DecodeTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Memory of the process that decodes a video (default 4 GiB of address space).</summary>
    public long DecodeBytes { get; init; } = 4L << 30;

    /// <summary>Requests a second that one client may send on average (default 200); it may be ahead by four seconds' worth.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>How long a client may take for its headers (default 15 s).</summary>
    public TimeSpan HeadersTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a body may come at less than 1 KB a second (default 10 s).</summary>
    public TimeSpan SlowBodyTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of frames that a worker pushes in one request (default 64 MiB).</summary>
    public long PushBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of a session that a worker saves (default 4 GiB).</summary>
    public long SessionBytes { get; init; } = 4L << 30;

    /// <summary>Workers on other machines at a time (default 64).</summary>
    public int RemoteWorkers { get; init; } = 64;

    /// <summary>Event streams open at a time (default 1,000).</summary>
    public int EventStreams { get; init; } = 1_000;
}
