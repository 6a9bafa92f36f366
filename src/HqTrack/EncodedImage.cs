using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>An image that an <see cref="ImageSegmenter"/> has encoded: every further prompt in it costs the mask decoder alone.</summary>
public sealed class EncodedImage : IDisposable
{
    private readonly InferenceThread inference;
    private readonly SamPredictor predictor;
    private readonly Frame image;

    internal EncodedImage(InferenceThread inference, SamPredictor predictor, Frame image) =>
        (this.inference, this.predictor, this.image) = (inference, predictor, image);

    /// <summary>Masks of objects that are pointed out by boxes and points. Where they overlap, the surer one wins.</summary>
    /// <exception cref="PromptException">A prompt cannot be meant, or finds nothing.</exception>
    public SegmentedImage Segment(params IReadOnlyList<ObjectPrompt> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        PromptReader.Check(image, Prompt.Objects(objects), [], hasRefiner: true);
        return inference.Run(
            () =>
            {
                using var mode = inference_mode();
                var (labels, predicted) = PromptMasks.Predict(predictor, objects);
                var masks = BinaryMask.PerId(labels);
                return new SegmentedImage(labels, [.. predicted.Select(entry => ImageSegmenter.Describe(entry.Id, masks[entry.Id], entry.PredictedIou, null))]);
            },
            isInteractive: true);
    }

    /// <summary>Forgets the image.</summary>
    public void Dispose() => inference.Run(predictor.Dispose, isInteractive: true);
}
