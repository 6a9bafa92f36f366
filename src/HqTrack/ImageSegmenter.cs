using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Weights;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>Masks of objects in single images: by boxes and points, of everything, or sharpened from rough masks.</summary>
public sealed class ImageSegmenter : IDisposable
{
    private readonly InferenceThread inference;
    private readonly SamNetwork network;
    private readonly Device device;
    private readonly bool ownsThread;

    private ImageSegmenter(InferenceThread inference, SamNetwork network, Device device, bool ownsThread)
    {
        this.inference = inference;
        this.network = network;
        this.device = device;
        this.ownsThread = ownsThread;
    }

    /// <summary>The network's name.</summary>
    public string Model => network.Config.Name;

    /// <summary>Loads a network of the SAM family.</summary>
    /// <param name="model">"sam-lite" or another refiner of the catalogue.</param>
    /// <param name="options">RefinerWeightsPath, Device and Threads are used; null for the defaults.</param>
    /// <exception cref="WeightsMissingException">The network has no weights here; the message says how to get them.</exception>
    /// <exception cref="CheckpointMismatchException">The weights belong to another network.</exception>
    /// <exception cref="CheckpointFormatException">The file is damaged, or neither a checkpoint of torch.save nor a safetensors file.</exception>
    /// <exception cref="NativeRuntimeException">libtorch or the device is not available.</exception>
    public static ImageSegmenter Load(string model = "sam-lite", HqTrackerOptions? options = null)
    {
        options ??= new();
        options.Validate();
        NativeRuntime.EnsureLoaded();
        var config = RefinerModel.Config(model);
        using var weights = ModelCatalog.Resolve(model, options.RefinerWeightsPath);
        var inference = new InferenceThread();
        try
        {
            return inference.Run(() =>
            {
                set_num_threads(options.Threads ?? Environment.ProcessorCount);
                var device = TorchDevice.Parse(options.Device);
                return new ImageSegmenter(inference, RefinerModel.Load(config, weights, device), device, ownsThread: true);
            });
        }
        catch
        {
            inference.Dispose();
            throw;
        }
    }

    /// <summary>Loads a network onto the thread of another model, so that the two do not compete for the cores.</summary>
    internal static ImageSegmenter Load(string model, string? weightsPath, InferenceThread inference, Device device)
    {
        var config = RefinerModel.Config(model);
        using var weights = ModelCatalog.Resolve(model, weightsPath, "--refiner-weights");
        return inference.Run(() => new ImageSegmenter(inference, RefinerModel.Load(config, weights, device), device, ownsThread: false));
    }

    /// <summary>Encodes an image for any number of prompts that follow.</summary>
    /// <returns>The image; dispose it before the segmenter.</returns>
    public EncodedImage Encode(Frame image) => Encode(image, isQuick: true);

    private EncodedImage Encode(Frame image, bool isQuick)
    {
        ArgumentNullException.ThrowIfNull(image);
        return inference.Run(
            () =>
            {
                using var mode = inference_mode();
                var looks = new CloseLook(new SamPredictor(network, device), isQuick);
                looks.SetImage(image);
                return new EncodedImage(inference, looks, image);
            },
            isInteractive: true);
    }

    /// <summary>Masks of objects that are pointed out by boxes and points. Where they overlap, the surer one wins.</summary>
    /// <exception cref="PromptException">A prompt cannot be meant, or finds nothing.</exception>
    public SegmentedImage Segment(Frame image, params IReadOnlyList<ObjectPrompt> objects)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(objects);
        PromptReader.Check(image, Prompt.Objects(objects), [], hasRefiner: true);
        using var encoded = Encode(image, isQuick: false);
        return encoded.Segment(objects);
    }

    /// <summary>
    /// Everything in the image: a grid of 32 x 32 points, masks kept at a predicted IoU above 0.88 and a stability of at least 0.95, duplicates suppressed
    /// (the published settings of SAM). Ids are given by falling size, smaller objects lie over larger ones; of more than 255 the surest stay.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="progress">Gets the number of points done, of 1024.</param>
    /// <param name="cancellation">Ends the search.</param>
    public SegmentedImage SegmentAll(Frame image, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Run(image, predictor => Stack(image, EverythingSegmenter.Run(predictor, new(), progress, cancellation)));
    }

    /// <summary>Sharpens rough masks: each object's box prompts the network, the gate decides which mask stays.</summary>
    /// <param name="image">The image.</param>
    /// <param name="rough">Object ids, of the image's size.</param>
    /// <param name="gate">Null takes <see cref="RefinementGate.IouBest"/>.</param>
    public (LabelMap Labels, IReadOnlyList<ObjectRefinement> Objects) Refine(Frame image, LabelMap rough, RefinementGate? gate = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(rough);
        PromptReader.Check(image, Prompt.Mask(rough), [], hasRefiner: true);
        return inference.Run(() =>
        {
            using var mode = inference_mode();
            using var refiner = new MaskRefiner(new SamPredictor(network, device), gate ?? RefinementGate.IouBest(), RefinementSchedule.Every);
            var (refined, _) = refiner.Refine(image, rough, rough.ObjectIds(), _ => 0, (id, x, y) => rough[x, y] == id ? 1 : 0, new StageTimes());
            return (refined.Labels, refined.Objects);
        });
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        inference.Run(network.Dispose);
        if (ownsThread)
        {
            inference.Dispose();
        }
    }

    internal static SegmentedObject Describe(int id, BinaryMask mask, double predictedIou, double? stability)
    {
        var bounds = mask.Bounds();
        return new(
            id, mask.Area, bounds is { } b ? new Box(b.Left, b.Top, b.Right - b.Left + 1, b.Bottom - b.Top + 1) : null, predictedIou, stability);
    }

    private static SegmentedImage Stack(Frame image, IReadOnlyList<FoundMask> found)
    {
        var labels = new LabelMap(image.Width, image.Height);
        var objects = new List<SegmentedObject>();
        foreach (var mask in found.Take(LabelMap.MaxId).OrderByDescending(mask => mask.Mask.Area))
        {
            var id = objects.Count + 1;
            foreach (var pixel in mask.Mask.Pixels())
            {
                labels.Ids[pixel] = (byte)id;
            }

            objects.Add(Describe(id, mask.Mask, mask.PredictedIou, mask.Stability));
        }

        return new(labels, objects);
    }

    private T Run<T>(Frame image, Func<SamPredictor, T> work) => inference.Run(() =>
    {
        using var mode = inference_mode();
        using var predictor = new SamPredictor(network, device);
        predictor.SetImage(image);
        return work(predictor);
    });
}
