using System.Diagnostics;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Vmos;
using HqTrack.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HqTrack;

/// <summary>
/// A loaded tracker: the weights and the thread that owns them. Load once, share among any number of sessions.
/// The paper's figure: a frame goes through the segmenter (VMOS) to one label map, and the mask refiner sharpens the masks it agrees with.
/// </summary>
public sealed class HqTracker : IDisposable
{
    private readonly InferenceThread inference;
    private readonly TrackerNetworks networks;
    private readonly HqTrackerOptions options;

    private HqTracker(InferenceThread inference, TrackerNetworks networks, HqTrackerOptions options)
    {
        this.inference = inference;
        this.networks = networks;
        this.options = options;
    }

    /// <summary>The model's name.</summary>
    public string Model => networks.Segmenter.Config.Name;

    /// <summary>The refiner's name, "off" without one.</summary>
    public string Refiner => networks.Refiner?.Config.Name ?? RefinerModel.Off;

    private ILogger Logger => options.LoggerFactory?.CreateLogger(Log.Category) ?? NullLogger.Instance;

    /// <summary>Short side that sessions started from now on work at; lowered to keep a memory budget.</summary>
    internal int MaxSize
    {
        get => options.MaxSize;
        set => options.MaxSize = value;
    }

    /// <summary>Whether boxes and points can be answered.</summary>
    internal bool HasRefiner => networks.Refiner is not null;

    /// <summary>Frames that are in the long-term memory at the end of a video; null where the video's length decides and is not known.</summary>
    /// <param name="frames">Of the video, or null.</param>
    internal int? RememberedOf(int? frames) => Config.LongTermBound ?? (frames / Config.LongTermGap) + 1;

    /// <summary>Everything that results depend on, as text.</summary>
    internal string Fingerprint => options.Fingerprint(Model, Refiner, Config.LongTermGap, Config.LongTermBound);

    // The model's own numbers, but for those that the options change.
    private VmosConfig Config => networks.Segmenter.Config with
    {
        LongTermGap = options.MemoryGap ?? networks.Segmenter.Config.LongTermGap,
        LongTermBound = options.MemoryBound ?? networks.Segmenter.Config.LongTermBound,
        MaxObjects = options.Separate ? 1 : networks.Segmenter.Config.MaxObjects,
    };

    /// <summary>Loads a model.</summary>
    /// <param name="model">A name of the catalogue; "lite" is embedded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The model, the refiner, or a value of the options is not known.</exception>
    /// <exception cref="WeightsMissingException">The model has no weights here; the message says how to get them.</exception>
    /// <exception cref="CheckpointMismatchException">The weights belong to another model.</exception>
    /// <exception cref="CheckpointFormatException">The file is damaged, or neither a checkpoint of torch.save nor a safetensors file.</exception>
    /// <exception cref="NativeRuntimeException">libtorch or the device is not available.</exception>
    public static HqTracker Load(string model = "lite", HqTrackerOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var start = Stopwatch.GetTimestamp();
        using var activity = Telemetry.Activities.StartActivity("hqtrack.load");
        var inference = new InferenceThread();
        try
        {
            var tracker = new HqTracker(inference, TrackerNetworks.Load(model, options, inference), options);
            activity?.SetTag("hqtrack.model", tracker.Model).SetTag("hqtrack.refiner", tracker.Refiner);
            tracker.Logger.Loaded(tracker.Model, tracker.Refiner, options.Device, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return tracker;
        }
        catch
        {
            inference.Dispose();
            throw;
        }
    }

    /// <summary>Starts a video.</summary>
    public TrackingSession StartSession() => NewSession(Config, options.MaxSize);

    /// <summary>Starts a session that remembers every frame: after as many as the memory takes it needs as much as any session ever does.</summary>
    /// <param name="shortSide">Short side the network works at.</param>
    internal TrackingSession StartProbe(int shortSide) => NewSession(Config with { LongTermGap = 1 }, shortSide);

    /// <summary>Pixels that the segmenter sees of a frame.</summary>
    internal long InputPixels(Media.Frame frame, int shortSide)
    {
        var (width, height) = InputSize.For(Config.Resize, frame.Width, frame.Height, shortSide);
        return (long)width * height;
    }

    /// <summary>Goes on with a session that <see cref="TrackingSession.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="Media.MediaException">It is no saved session, or belongs to another model or other options.</exception>
    public TrackingSession ResumeSession(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var session = StartSession();
        try
        {
            session.Restore(path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Loads a network for boxes and points that shares this tracker's thread; dispose it before the tracker.</summary>
    /// <param name="model">A refiner of the catalogue.</param>
    /// <exception cref="WeightsMissingException">The network has no weights here; the message says how to get them.</exception>
    internal ImageSegmenter LoadSegmenter(string model) => ImageSegmenter.Load(model, options.RefinerWeightsPath, inference, networks.Device);

    /// <summary>Frees the weights; sessions must be disposed before.</summary>
    public void Dispose()
    {
        inference.Run(networks.Dispose);
        inference.Dispose();
    }

    // frame -> VMOS -> label map -> mask refiner -> label map; the session adds time: prompts, what is remembered, what comes back.
    private TrackingSession NewSession(VmosConfig config, int shortSide)
    {
        var segmenter = new VmosTracker(networks.Segmenter, config, networks.Device, shortSide, TestTimeView.All(options.TestTimeScales, options.TestTimeFlip));
        var refiner = networks.Refiner is { } network ? new MaskRefiner(new SamPredictor(network, networks.Device), options.GateOf(Model), options.RefineOf(Model)) { Compared = options.Compared } : null;
        return new TrackingSession(inference, segmenter, refiner, new SessionState(Fingerprint), options, Logger);
    }
}
