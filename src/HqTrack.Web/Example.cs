using System.Globalization;
using HqTrack.Media;
using HqTrack.Scenes;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;

namespace HqTrack.Web;

/// <summary>
/// The first start in an empty data folder makes a project of a rendered clip whose objects are given in its first frame, and tracks it: a newcomer sees
/// what the page is about. It is made once; deleted it stays away.
/// </summary>
internal sealed class Example(ProjectStore store, IJobQueue queue, ServeOptions options, ILogger<Example> logger) : BackgroundService
{
    private const int Seed = 4; // one that the light model follows well
    private const int Frames = 60;
    private const int JpegQuality = 95;
    private const double Rate = 20;

    private string Marker => Path.Combine(options.Data, "example");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Example || store.Count > 0 || File.Exists(Marker))
        {
            return;
        }

        try
        {
            await Task.Run(() => Make(stoppingToken), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Made at the next start.
        }
        catch (Exception e) when (e is MediaException or AggregateException { InnerException: MediaException })
        {
            logger.NoExample((e.InnerException ?? e).Message);
        }
    }

    private void Make(CancellationToken cancellation)
    {
        var scene = Scene.Create(new SceneOptions { Seed = Seed, Frames = Frames });
        var project = store.Create("Example: toys", null, folder =>
        {
            Parallel.For(0, Frames, new ParallelOptions { CancellationToken = cancellation }, index => ImageFile.WriteJpeg(folder.Frame(index, ".jpg"), scene.Render(index).Frame, JpegQuality));
            return
            [
                new FramesAdded(0, Frames, "toys", ".jpg", scene.Width, scene.Height, Rate, new string('0', 64)),
                .. Objects(folder, scene),
                new TrackRequested(0, null, TrackingDirection.Forward, [.. Enumerable.Range(1, scene.Objects)]),
            ];
        });
        AtomicFile.Write(Marker, []);
        queue.Enqueue(new(JobKind.Track, project.Id, project.Now.State.Runs[0].Number.ToString(CultureInfo.InvariantCulture)));
    }

    private static IEnumerable<Edit> Objects(ProjectFolder folder, Scene scene)
    {
        var truth = scene.Render(0).Labels;
        foreach (var id in truth.ObjectIds())
        {
            var (red, green, blue) = Palette.Color(id);
            yield return new ObjectAdded(id, $"Toy {id}", $"#{red:x2}{green:x2}{blue:x2}");
            var mask = LabelMerge.Only(truth, [id]);
            yield return new PromptSet(0, id, Blobs.Keep(folder, IndexedPng.Encode(mask)), mask.Ids.Count(pixel => pixel != 0), [], []);
        }
    }
}

internal static partial class ExampleLog
{
    [LoggerMessage(2, LogLevel.Warning, "The example project was not made: {Reason}")]
    public static partial void NoExample(this ILogger logger, string reason);
}
