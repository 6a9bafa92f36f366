using System.Diagnostics;
using AnnotatorClient;
using HqTrack.Media;
using HqTrack.Scenes;
using HqTrack.Tests.Media;
using HqTrack.Web;
using HqTrack.Web.Security;
using Microsoft.Extensions.Logging;

namespace HqTrack.AppTests.Web.Browser;

/// <summary>A server with the real weights of the light tracker, a rendered clip whose every mask is known, and a browser.</summary>
internal sealed class BrowserSession : IAsyncDisposable
{
    public const int Width = 320;
    public const int Height = 180;
    public const int Frames = 36;

    private readonly TempFolder folder = new();
    private WebServer? server;
    private HttpClient? http;

    private BrowserSession()
    {
    }

    public Scene Scene { get; } = Scene.Create(new SceneOptions { Seed = 3, Width = Width, Height = Height, Frames = Frames, Objects = 1, Props = 2, Occlusion = false });

    public Uri Address { get; private set; } = null!;

    public Chromium Chromium { get; private set; } = null!;

    public AnnotatorPage Page { get; private set; } = null!;

    public HqTrackClient Client { get; private set; } = null!;

    /// <summary>Where the browser puts downloads.</summary>
    public string Downloads => folder["downloads"];

    /// <summary>The clip as a video.</summary>
    public string Clip => folder["clip.mp4"];

    /// <summary>Starts all; skips the test where there is no browser.</summary>
    /// <param name="refiner">Weights for points and boxes; null for those of the catalogue, if there are any.</param>
    /// <param name="example">Whether the server makes its example project.</param>
    /// <param name="tokens">Who may come in; null lets everybody in.</param>
    public static async Task<BrowserSession> StartAsync(string? refiner = null, bool example = false, IReadOnlyList<AccessToken>? tokens = null)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? string.Empty);
        var session = new BrowserSession();
        try
        {
            Directory.CreateDirectory(session.Downloads);
            await session.ServeAsync(0, refiner, example, tokens);
            session.Chromium = new(session.Downloads, session.Address);
            session.Page = new(session.Chromium, Width, Height);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a project of the clip's first frame and opens it.</summary>
    public async Task<string> OneFrameAsync()
    {
        var project = (await Client.CreateProjectAsync("one frame")).Id;
        await Client.AddImageAsync(project, "0.png", ImageFile.EncodePng(Scene.Render(0).Frame), "image/png");
        Chromium.Go(new(Address, $"/#/project/{project}"));
        Page.WaitForFrames(1);
        return project;
    }

    /// <summary>Gives the client a token.</summary>
    public void LogIn(string token) => Client = new(http!, token);

    /// <summary>Stops the server.</summary>
    public async Task StopAsync()
    {
        http?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        server = null;
    }

    /// <summary>Starts the server again where it was.</summary>
    public Task StartAgainAsync() => ServeAsync(Address.Port);

    /// <summary>Writes the clip's video.</summary>
    public void WriteClip()
    {
        for (var i = 0; i < Frames; i++)
        {
            ImageFile.WritePng(folder[$"clip/{i:D5}.png"], Scene.Render(i).Frame);
        }

        using var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-framerate", "20", "-i", folder["clip/%05d.png"], "-c:v", "libx264", "-crf", "8", "-pix_fmt", "yuv420p", Clip])!;
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
    }

    /// <summary>How well a mask of the server fits the truth: intersection over union.</summary>
    public async Task<double> IouAsync(string project, int frame)
    {
        var known = (await Client.GetFrameObjectsAsync(project, frame, masks: true)).SingleOrDefault(entry => entry.Object == 1);
        return known?.Mask is { } mask ? Iou(mask.Counts, frame) : 0;
    }

    /// <summary>Likewise of run lengths.</summary>
    public double Iou(string counts, int frame) => Rle.Iou(Rle.Parse(counts, Width, Height), Rle.Of(Scene.Render(frame).Labels, 1));

    /// <summary>Asserts that the browser saw no error and asked no other server.</summary>
    public void AssertClean()
    {
        Assert.Empty(Chromium.Errors());
        var asked = Chromium.Requests();
        Assert.NotEmpty(asked);
        Assert.All(asked, url => Assert.True(url.Scheme is "blob" or "data" || url.Authority == Address.Authority, $"{url} is on another server"));
    }

    public async ValueTask DisposeAsync()
    {
        Chromium?.Dispose();
        await StopAsync();
        folder.Dispose();
    }

    private async Task ServeAsync(int port, string? refiner = null, bool example = false, IReadOnlyList<AccessToken>? tokens = null)
    {
        server = await WebServer.StartAsync(
            new ServeOptions { Data = folder["data"], Port = port, Example = example, Tokens = tokens ?? [], Models = new() { RefinerWeightsPath = refiner }, Logging = logging => logging.ClearProviders() },
            TestContext.Current.CancellationToken);
        Address = new(server.Address);
        http = new() { BaseAddress = Address };
        Client = new(http);
    }
}
