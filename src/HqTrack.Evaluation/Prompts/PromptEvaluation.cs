using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Measures;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Weights;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Prompts;

/// <summary>
/// How good the masks of a network of the SAM family are when it is asked by the true box, or by clicks of which each corrects the mask before: IoU at the frame's size for
/// every object in every n-th annotated frame, mean per clip, then over clips. A corrective click also gives the mask before to the network.
/// </summary>
internal static class PromptEvaluation
{
    /// <summary>Runs the network over a dataset.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="dataset">Frames and true masks.</param>
    /// <param name="progress">Told "frame n of N" after every frame.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="WeightsMissingException">The network has no weights here.</exception>
    public static PromptScores Run(PromptEvaluationOptions options, DavisDataset dataset, IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        NativeRuntime.EnsureLoaded();
        var frames = dataset.Sequences.SelectMany(sequence => sequence.AnnotationPaths.Where((_, i) => i % options.Every == 0).Select(path => (Sequence: sequence, Mask: path))).ToArray();
        using var weights = ModelCatalog.Resolve(options.Refiner, options.WeightsPath);
        using var inference = new InferenceThread();
        return inference.Run(() =>
        {
            set_num_threads(options.Threads ?? Environment.ProcessorCount);
            var device = TorchDevice.Parse(options.Device);
            using var network = RefinerModel.Load(RefinerModel.Config(options.Refiner), weights, device);
            using var mode = inference_mode();
            using var looks = new CloseLook(new SamPredictor(network, device));
            var answers = new List<PromptAnswer>();
            for (var i = 0; i < frames.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                answers.AddRange(Frame(looks, frames[i].Sequence, frames[i].Mask, options.Rounds));
                progress?.Report((i + 1, frames.Length));
            }

            return PromptScores.Of(answers, options.Rounds);
        });
    }

    private static List<PromptAnswer> Frame(CloseLook looks, VideoSequence sequence, string maskPath, int rounds)
    {
        var truth = sequence.ReadAnnotation(maskPath);
        var answers = new List<PromptAnswer>();
        var ids = truth.ObjectIds();
        if (ids.Count == 0)
        {
            return answers;
        }

        var name = VideoSequence.FrameName(maskPath);
        var image = sequence.FramePaths.FirstOrDefault(path => VideoSequence.FrameName(path) == name)
            ?? throw new EvaluationException($"sequence '{sequence.Name}': there is no image for the mask '{maskPath}', expected one of the same name in '{sequence.FrameFolder}'; complete the dataset.");
        var frame = ImageFile.Read(image);
        if ((frame.Width, frame.Height) != (truth.Width, truth.Height))
        {
            throw new EvaluationException($"the mask '{maskPath}' is {truth.Width}x{truth.Height}, expected {frame.Width}x{frame.Height} like its image; repair the dataset.");
        }

        looks.SetImage(frame);
        foreach (var id in ids)
        {
            var own = Array.ConvertAll(truth.Ids, value => value == id ? (byte)1 : (byte)0);
            answers.AddRange(rounds == 0 ? [Box(looks, own, sequence.Name)] : Clicks(looks, own, sequence.Name, rounds));
        }

        return answers;
    }

    private static PromptAnswer Box(CloseLook image, byte[] truth, string clip)
    {
        using var scope = NewDisposeScope();
        var (left, top, right, bottom) = SimulatedPrompts.Box(truth, image.Size.Width);
        var answer = image.Ask(new SamPrompt(new Corners(left, top, right, bottom)));
        return new(clip, 0, Jaccard(truth, Mask(answer), image), answer.Iou);
    }

    private static List<PromptAnswer> Clicks(CloseLook image, byte[] truth, string clip, int rounds)
    {
        using var scope = NewDisposeScope();
        var width = image.Size.Width;
        List<PromptPoint> points = [SimulatedPrompts.FirstClick(truth, width)];
        var answers = new List<PromptAnswer>();
        SamAnswer? before = null;
        for (var round = 1; round <= rounds; round++)
        {
            before = image.Ask(new SamPrompt([.. points]), before);
            var mask = Mask(before);
            answers.Add(new(clip, round, Jaccard(truth, mask, image), before.Iou));
            if (SimulatedPrompts.CorrectiveClick(truth, mask, width) is not { } click)
            {
                answers.AddRange(Enumerable.Range(round + 1, rounds - round).Select(later => answers[^1] with { Round = later })); // nothing is left to correct
                break;
            }

            points.Add(click);
        }

        return answers;
    }

    private static byte[] Mask(SamAnswer answer)
    {
        using var scope = NewDisposeScope();
        return TensorSpan.ToArray<byte>(answer.Logits.gt(0).to(ScalarType.Byte).cpu().contiguous());
    }

    private static double Jaccard(byte[] truth, byte[] mask, CloseLook image) =>
        MaskMeasures.Jaccard(BitMask.OfNonZero(truth, image.Size.Width), BitMask.OfNonZero(mask, image.Size.Width));
}

/// <summary>What to run.</summary>
internal sealed record PromptEvaluationOptions
{
    /// <summary>A refiner's name.</summary>
    public required string Refiner { get; init; }

    /// <summary>Weights file; null takes imported or embedded ones.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Clicks of an object; 0 asks by the true box instead.</summary>
    public required int Rounds { get; init; }

    /// <summary>Every n-th annotated frame, from the first on (default 5).</summary>
    public int Every { get; init; } = 5;

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }

    /// <summary>Device, as <see cref="TorchDevice.Parse"/> reads it.</summary>
    public string Device { get; init; } = "cpu";
}
