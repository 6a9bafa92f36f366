using HqTrack.Web.Jobs;
using HqTrack.Web.Security;

namespace HqTrack.Web;

/// <summary>How a server runs.</summary>
internal sealed class ServeOptions
{
    /// <summary>Folder of the projects.</summary>
    public required string Data { get; init; }

    /// <summary>Address to listen on: "localhost" (default), "*" for every address, or one address.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Port, default 8420; 0 takes a free one.</summary>
    public int Port { get; init; } = 8420;

    /// <summary>Other names that the server is reached by, behind a proxy for instance.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Who may come in; none lets everybody in, which is for this machine only.</summary>
    public IReadOnlyList<AccessToken> Tokens { get; init; } = [];

    /// <summary>The tracker's model.</summary>
    public string Model { get; init; } = "lite";

    /// <summary>The network for points and boxes.</summary>
    public string Refiner { get; init; } = "sam-lite";

    /// <summary>How the models are loaded.</summary>
    public HqTrackerOptions Models { get; init; } = new();

    /// <summary>Whether a rendered project is made in an empty data folder (default true).</summary>
    public bool Example { get; init; } = true;

    /// <summary>Where jobs wait; null for this process's memory.</summary>
    public JobStore? Jobs { get; init; }

    /// <summary>Whether this process tracks (default true); else workers do.</summary>
    public bool Tracks { get; init; } = true;

    /// <summary>After how long without a sign of life a worker is taken for dead.</summary>
    public TimeSpan Lost { get; init; } = TimeSpan.FromSeconds(JobStore.DefaultLostSeconds);

    /// <summary>What is taken in.</summary>
    public ServeLimits Limits { get; init; } = new();

    /// <summary>Adds to the logging; null adds nothing.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>Least severe message that is logged to stderr.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}
