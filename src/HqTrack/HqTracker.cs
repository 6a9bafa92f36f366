using System.Diagnostics;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Vmos;
using HqTrack.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>
/// A loaded tracker: the weights and the thread that owns them. Load once, share among any number of sessions.
/// The paper's figure: a frame goes through the segmenter (VMOS) to one label map, and the mask refiner sharpens the masks it agrees with.
/// </summary>
public sealed class HqTracker : IDisposable
{
    private readonly InferenceThread inference;
    private readonly VmosNetwork network;
    private readonly SamNetwork? refiner;
    private readonly Device device;
    private readonly HqTrackerOptions options;

    private HqTracker(InferenceThread inference, VmosNetwork network, SamNetwork? refiner, Device device, HqTrackerOptions options)
    {
        this.inference = inference;
        this.network = network;
        this.refiner = refiner;
        this.device = device;
        this.options = options;
    }

    /// <summary>The model's name.</summary>
    public string Model => network.Config.Name;

    /// <summary>The refiner's name, "off" without one.</summary>
    public string Refiner => refiner?.Config.Name ?? RefinerModel.Off;

    private ILogger Logger => options.LoggerFactory?.CreateLogger(Log.Category) ?? NullLogger.Instance;

    /// <summary>Short side that sessions started from now on work at; lowered to keep a memory budget.</summary>
    internal int MaxSize
    {
        get => options.MaxSize;
        set => options.MaxSize = value;
    }

    /// <summary>Everything that results depend on, as text.</summary>
    internal string Fingerprint => options.Fingerprint(Model, Refiner, options.MemoryGap ?? network.Config.LongTermGap, options.MemoryBound ?? network.Config.LongTermBound);

    /// <summary>Loads a model.</summary>
    /// <param name="model">A name of the catalogue; "lite" is embedded.</param>
    /// <param name="options">Null for the defaults.</param>
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
        NativeRuntime.EnsureLoaded();
        var config = VmosConfig.All.FirstOrDefault(entry => entry.Name == model)
            ?? throw new ArgumentException($"model '{model}' is not known; expected one of {string.Join(", ", VmosConfig.All.Select(entry => entry.Name))}.", nameof(model));
        var isRelease = model == VmosConfig.HqTrack.Name;
        var refiner = (options.Refiner ?? (isRelease ? SamConfig.HqVitH.Name : RefinerModel.Off)) is not RefinerModel.Off and var name ? RefinerModel.Config(name) : null;
        using var weights = ModelCatalog.Resolve(model, options.WeightsPath);
        using var refinerWeights = refiner is null ? null : ResolveRefiner(refiner.Name, options.RefinerWeightsPath);
        var inference = new InferenceThread();
        try
        {
            var tracker = inference.Run(() =>
            {
                set_num_threads(options.Threads ?? Environment.ProcessorCount);
                var device = TorchDevice.Parse(options.Device);
                var network = Build(config, weights);
                network.to(device);
                network.PrepareForInference();
                return new HqTracker(inference, network, refiner is null ? null : LoadRefiner(refiner, refinerWeights!, device, network), device, options);
            });
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
    public TrackingSession StartSession() => NewSession();

    /// <summary>Goes on with a session that <see cref="TrackingSession.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="Media.MediaException">It is no saved session, or belongs to another model or other options.</exception>
    public TrackingSession ResumeSession(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var session = NewSession();
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

    private TrackingSession NewSession()
    {
        var config = network.Config with
        {
            LongTermGap = options.MemoryGap ?? network.Config.LongTermGap,
            LongTermBound = options.MemoryBound ?? network.Config.LongTermBound,
            MaxObjects = options.Separate ? 1 : network.Config.MaxObjects,
        };
        var views = TestTimeView.All(options.TestTimeScales, options.TestTimeFlip);
        var isRelease = Model == VmosConfig.HqTrack.Name;
        var maskRefiner = refiner is null ? null : new MaskRefiner(
            new SamPredictor(refiner, device),
            options.Gate ?? (isRelease ? RefinementGate.HqTrack : RefinementGate.IouBest()),
            options.Refine ?? (isRelease ? RefinementSchedule.Every : RefinementSchedule.Uncertain()));
        return new TrackingSession(inference, new VmosTracker(network, config, device, options.MaxSize, views), maskRefiner, options.RememberRefined, new SessionState(Fingerprint), Logger) { Degrade = options.Degrade };
    }

    /// <summary>Frees the weights; sessions must be disposed before.</summary>
    public void Dispose()
    {
        inference.Run(() =>
        {
            refiner?.Dispose();
            network.Dispose();
        });
        inference.Dispose();
    }

    private static WeightsFile ResolveRefiner(string name, string? path)
    {
        try
        {
            return ModelCatalog.Resolve(name, path, "--refiner-weights");
        }
        catch (WeightsMissingException e)
        {
            throw new WeightsMissingException($"{e.Message.TrimEnd('.')}; or go without (--refiner off).");
        }
    }

    private static SamNetwork LoadRefiner(SamConfig config, WeightsFile weights, Device device, VmosNetwork network)
    {
        try
        {
            return RefinerModel.Load(config, weights, device);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static VmosNetwork Build(VmosConfig config, WeightsFile weights)
    {
        var network = new VmosNetwork(config);
        try
        {
            StateDictLoader.Load(network, weights);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
