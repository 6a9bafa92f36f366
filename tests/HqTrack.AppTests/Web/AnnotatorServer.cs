using System.Collections.Concurrent;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;
using HqTrack.Tests.Media;
using HqTrack.Web;
using HqTrack.Web.Security;
using Microsoft.Extensions.Logging;

namespace HqTrack.AppTests.Web;

/// <summary>A server in this process with networks of arbitrary weights, on a free port and a data folder of its own.</summary>
public sealed class AnnotatorServer : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private LiteWeights? lite;
    private SamLiteWeights? sam;
    private WebServer? server;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The data folder.</summary>
    public string Data => folder["data"];

    /// <summary>A folder beside the data folder that nothing may touch.</summary>
    public string Outside => folder.Root;

    /// <summary>The tracker's weights.</summary>
    public string LiteWeights => lite!.Path;

    /// <summary>Everything that was logged.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    internal HqTrackClient Client { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    /// <summary>Starts a server of other options beside this one, with the same weights.</summary>
    internal async Task<(WebServer Server, HttpClient Http)> StartAsync(string data, ServeLimits? limits = null, IReadOnlyList<AccessToken>? tokens = null, bool points = true, IReadOnlyList<string>? allowed = null, bool tracks = true, TimeSpan? lost = null)
    {
        var started = await WebServer.StartAsync(
            new ServeOptions
            {
                Data = data,
                Port = 0,
                Example = false,
                AllowedHosts = allowed ?? [],
                Limits = limits ?? new(),
                Tokens = tokens ?? [],
                Tracks = tracks,
                Lost = lost ?? TimeSpan.FromSeconds(5),
                Models = new() { WeightsPath = lite!.Path, RefinerWeightsPath = points ? sam!.Path : Path.Combine(folder.Root, "none"), Threads = 1 },
                LogLevel = LogLevel.Information,
                Logging = logging => logging.ClearProviders().AddProvider(new LogCollector(Log)),
            },
            CancellationToken.None);
        return (started, new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(started.Address) });
    }

    public async ValueTask InitializeAsync()
    {
        (lite, sam) = (new(), new());
        (server, Http) = await StartAsync(Data, new ServeLimits { SlowBodyTime = TimeSpan.FromSeconds(2), HeadersTime = TimeSpan.FromSeconds(2), RequestsPerSecond = 10_000 });
        Address = Http.BaseAddress!;
        Client = new(Http);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server!.DisposeAsync();
        lite!.Dispose();
        sam!.Dispose();
        folder.Dispose();
    }

    /// <summary>A project with frames of the small clip, and its two objects prompted in the first frame.</summary>
    internal async Task<Project> ClipAsync(int frames, HqTrackClient? client = null, bool prompted = true)
    {
        client ??= Client;
        var project = await client.CreateProjectAsync("clip");
        for (var i = 0; i < frames; i++)
        {
            await client.AddImageAsync(project.Id, $"{i:D5}.jpg", ImageFile.EncodeJpeg(SmallClip.Draw(i, out _)), "image/jpeg");
        }

        if (prompted)
        {
            foreach (var id in (int[])[1, 2])
            {
                await client.AddObjectAsync(project.Id);
                await client.PromptAsync(project.Id, 0, id, Square(0, id));
            }
        }

        return await client.GetProjectAsync(project.Id);
    }

    /// <summary>The true mask of an object of the small clip.</summary>
    internal static Mask Square(int frame, int id)
    {
        SmallClip.Draw(frame, out var labels);
        var rle = Rle.Of(labels, id);
        return new([rle.Height, rle.Width], rle.ToText());
    }

    private sealed class LogCollector(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
