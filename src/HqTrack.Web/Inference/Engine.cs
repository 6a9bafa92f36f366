using HqTrack.Weights;

namespace HqTrack.Web.Inference;

/// <summary>The models of a server, loaded once. One thread owns them; what a person waits for goes ahead of tracking frames.</summary>
internal sealed class Engine : IDisposable
{
    private readonly EncodedFrames encoded = new();

    private Engine(HqTracker tracker, ImageSegmenter? segmenter, string? missing)
    {
        (Tracker, Segmenter, Missing) = (tracker, segmenter, missing);
    }

    /// <summary>Follows objects.</summary>
    public HqTracker Tracker { get; }

    /// <summary>Turns points and boxes into masks; null where its weights are missing.</summary>
    public ImageSegmenter? Segmenter { get; }

    /// <summary>One line that says what points and boxes wait for; null where nothing is missing.</summary>
    public string? Missing { get; }

    /// <summary>Loads the models.</summary>
    /// <param name="model">The segmenter's name.</param>
    /// <param name="options">How it is loaded.</param>
    /// <param name="segmenter">The network for points and boxes.</param>
    /// <exception cref="WeightsMissingException">The tracker's weights are missing; those for points and boxes may be.</exception>
    public static Engine Load(string model, HqTrackerOptions options, string segmenter)
    {
        var tracker = HqTracker.Load(model, options);
        try
        {
            return new(tracker, tracker.LoadSegmenter(segmenter), null);
        }
        catch (WeightsMissingException e)
        {
            return new(tracker, null, e.Message);
        }
        catch
        {
            tracker.Dispose();
            throw;
        }
    }

    /// <summary>A mask from points and boxes. A frame is encoded the first time it is asked about.</summary>
    /// <param name="key">Names the frame among all projects'.</param>
    /// <param name="load">Decodes it.</param>
    /// <param name="prompt">Points and boxes, inside the frame.</param>
    /// <exception cref="PromptException">The prompt cannot be meant, or finds nothing.</exception>
    /// <exception cref="InvalidOperationException">There is no segmenter.</exception>
    public SegmentedImage Segment(string key, Func<Media.Frame> load, ObjectPrompt prompt) =>
        encoded.Of(key, () => (Segmenter ?? throw new InvalidOperationException(Missing)).Encode(load())).Use(image => image.Segment(prompt));

    public void Dispose()
    {
        encoded.Dispose();
        Segmenter?.Dispose();
        Tracker.Dispose();
    }
}
