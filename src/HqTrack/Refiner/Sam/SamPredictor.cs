using HqTrack.Media;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>A box by its corner pixels, both inclusive, in pixels of the frame.</summary>
internal readonly record struct Corners(double Left, double Top, double Right, double Bottom);

/// <summary>What is known of one object in a frame; at least one part.</summary>
/// <param name="Points">Positions in pixels of the frame, inside or outside the object.</param>
/// <param name="Box">Around the object.</param>
/// <param name="Mask">Logits of an earlier prediction, [4 grid, 4 grid].</param>
internal sealed record SamPrompt(IReadOnlyList<PromptPoint> Points, Corners? Box = null, Tensor? Mask = null)
{
    /// <summary>A box alone.</summary>
    public SamPrompt(Corners box)
        : this([], box)
    {
    }
}

/// <summary>Predicted masks. The caller owns the tensors.</summary>
/// <param name="LowRes">Logits, [B, m, 4 grid, 4 grid].</param>
/// <param name="Iou">Predicted IoU, [B, m].</param>
internal sealed record SamPrediction(Tensor LowRes, Tensor Iou) : IDisposable
{
    public void Dispose()
    {
        LowRes.Dispose();
        Iou.Dispose();
    }
}

/// <summary>
/// Masks from prompts: the image is encoded once, any number of prompts follow (segment_anything/predictor.py). Every call belongs
/// on the thread that owns the model, inside inference mode.
/// </summary>
internal sealed class SamPredictor(SamNetwork network, Device device) : IDisposable
{
    private DecoderImage? image;
    private SamInput input;

    /// <summary>How the current frame lies in the network's square.</summary>
    public SamInput Input => input;

    /// <summary>The network.</summary>
    public SamNetwork Network => network;

    /// <summary>Where it lives.</summary>
    public Device Device => device;

    /// <summary>Encodes a frame; earlier ones are forgotten.</summary>
    public void SetImage(Frame frame)
    {
        Reset();
        using var scope = NewDisposeScope();
        input = SamInput.For(frame.Width, frame.Height, network.Config.ImageSize);
        var encoded = network.Encode(input.Image(frame, device));
        Telemetry.RefinerImages.Add(1);
        image = encoded.Detach();
    }

    /// <summary>Masks for a batch of prompts; all prompts of a batch have the same number of points, and a box or mask all or none.</summary>
    /// <param name="prompts">At least one.</param>
    /// <param name="choice">Which of the tokens' masks.</param>
    /// <param name="highQualityOnly">The high-quality token's logits alone.</param>
    /// <exception cref="ArgumentException">The prompts differ in kind.</exception>
    public SamPrediction Predict(IReadOnlyList<SamPrompt> prompts, MaskChoice choice = MaskChoice.Multiple, bool highQualityOnly = false)
    {
        using var scope = NewDisposeScope();
        var (masks, iou) = network.Decode(image ?? throw NoImage(), Tensors(prompts)).Select(choice, highQualityOnly);
        return new(masks.MoveToOuterDisposeScope(), iou.MoveToOuterDisposeScope());
    }

    /// <summary>Logits at the frame's size, [B, m, h, w] -> [B, m, H, W]; a pixel belongs to the mask where its logit is above 0.</summary>
    /// <param name="lowRes">Predicted in the frame that is set.</param>
    public Tensor Upscale(Tensor lowRes)
    {
        using var scope = NewDisposeScope();
        return input.Upscale(network.Sharpen(image ?? throw NoImage(), lowRes)).MoveToOuterDisposeScope();
    }

    /// <summary>Forgets the frame.</summary>
    public void Reset()
    {
        image?.Dispose();
        image = null;
    }

    public void Dispose() => Reset();

    private static InvalidOperationException NoImage() => new("no image is set; call SetImage first.");

    private SamPrompts Tensors(IReadOnlyList<SamPrompt> prompts)
    {
        var first = prompts[0];
        if (prompts.Any(prompt => prompt.Points.Count != first.Points.Count || prompt.Box is null != first.Box is null || prompt.Mask is null != first.Mask is null))
        {
            throw new ArgumentException("prompts of one batch differ in their number of points or in having a box or mask; expected prompts of one kind.", nameof(prompts));
        }

        Tensor? points = null, labels = null, boxes = null, masks = null;
        if (first.Points.Count > 0)
        {
            var positions = prompts.SelectMany(prompt => prompt.Points).Select(point => input.Position(point.X, point.Y));
            points = tensor(Flat(positions)).view(prompts.Count, -1, 2).to(device);
            labels = tensor(prompts.SelectMany(prompt => prompt.Points).Select(point => point.IsInside ? 1f : 0f).ToArray()).view(prompts.Count, -1).to(device);
        }

        if (first.Box is not null)
        {
            var corners = prompts.SelectMany(prompt => new[] { input.Position(prompt.Box!.Value.Left, prompt.Box.Value.Top), input.Position(prompt.Box.Value.Right, prompt.Box.Value.Bottom) });
            boxes = tensor(Flat(corners)).view(prompts.Count, 4).to(device);
        }

        if (first.Mask is not null)
        {
            masks = stack([.. prompts.Select(prompt => prompt.Mask!.unsqueeze(0))]).to(device);
        }

        return new(points, labels, boxes, masks);
    }

    private static float[] Flat(IEnumerable<(float X, float Y)> positions) => [.. positions.SelectMany(position => new[] { position.X, position.Y })];
}
