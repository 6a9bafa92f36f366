using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>An image that an <see cref="ImageSegmenter"/> has encoded: every further prompt in it costs the mask decoder alone. Answers are quick: each comes from one look at the whole image, also with sam-lite.</summary>
public sealed class EncodedImage : IDisposable
{
    private readonly InferenceThread inference;
    private readonly CloseLook looks;
    private readonly Frame image;

    internal EncodedImage(InferenceThread inference, CloseLook looks, Frame image) =>
        (this.inference, this.looks, this.image) = (inference, looks, image);

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
                var (labels, predicted) = PromptMasks.Predict(looks, objects);
                var masks = BinaryMask.PerId(labels);
                return new SegmentedImage(labels, [.. predicted.Select(entry => ImageSegmenter.Describe(entry.Id, masks[entry.Id], entry.PredictedIou, null))]);
            },
            isInteractive: true);
    }

    /// <summary>Forgets the image.</summary>
    public void Dispose() => inference.Run(looks.Dispose, isInteractive: true);
}
