using HqTrack.Media;
using HqTrack.Scenes;

namespace HqTrack.Evaluation.Datasets;

/// <summary>A rendered scene on disk: FOLDER/frames/NNNNN.jpg and its exact labels, FOLDER/truth/NNNNN.png.</summary>
internal sealed class RenderedClip
{
    private const int JpegQuality = 95;

    private readonly string folder;

    private RenderedClip(string folder, Scene scene)
    {
        this.folder = folder;
        Scene = scene;
        Frames = [.. Enumerable.Range(0, scene.Frames).Select(i => Path.Combine(folder, "frames", $"{i:D5}.jpg"))];
    }

    /// <summary>The scene.</summary>
    public Scene Scene { get; }

    /// <summary>The frames' files, in order.</summary>
    public IReadOnlyList<string> Frames { get; }

    /// <summary>Renders on every core and writes frames and labels.</summary>
    /// <param name="scene">What to render.</param>
    /// <param name="folder">Where to; made where it is missing.</param>
    /// <param name="rendered">Called after each frame, one call at a time.</param>
    /// <param name="cancellationToken">Ends the work between two frames.</param>
    /// <exception cref="MediaException">A file cannot be written.</exception>
    public static RenderedClip Write(Scene scene, string folder, Action? rendered = null, CancellationToken cancellationToken = default)
    {
        var clip = new RenderedClip(folder, scene);
        AtomicFile.CreateFolder(Path.Combine(folder, "frames"));
        AtomicFile.CreateFolder(Path.Combine(folder, "truth"));
        var gate = new Lock();
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, scene.Frames, parallel, i =>
            {
                var (frame, labels) = scene.Render(i);
                ImageFile.WriteJpeg(clip.Frames[i], frame, JpegQuality);
                IndexedPng.Write(clip.TruthPath(i), labels);
                lock (gate)
                {
                    rendered?.Invoke();
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<MediaException>().FirstOrDefault() is { } first)
        {
            throw new MediaException(first.Message, e);
        }

        return clip;
    }

    /// <summary>The exact labels of a frame.</summary>
    public LabelMap Truth(int index) => IndexedPng.Decode(ImageFile.ReadBytes(TruthPath(index)), TruthPath(index));

    private string TruthPath(int index) => Path.Combine(folder, "truth", $"{index:D5}.png");
}
