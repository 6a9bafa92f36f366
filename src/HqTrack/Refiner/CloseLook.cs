using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>A mask from a prompt. The caller owns the tensors.</summary>
/// <param name="Logits">At the frame's size, [H, W]; a pixel belongs to the mask where its logit is above 0.</param>
/// <param name="Iou">The network's own estimate.</param>
/// <param name="LowRes">Logits on the decoder's grid, of the window.</param>
/// <param name="Window">What the network looked at.</param>
internal sealed record SamAnswer(Tensor Logits, double Iou, Tensor LowRes, SamWindow Window);

/// <summary>
/// One image that is asked for masks. A network whose config has a margin looks at an object a second time through a window around it, where the object has more cells of the decoder's
/// grid: at once where a box says where it is, else once a first look at the whole has found it. Others look at the whole. Not in the releases; crops of the image are how SAM's generator
/// of masks finds small objects (segment_anything/automatic_mask_generator.py). Every call belongs on the thread that owns the model, inside inference mode.
/// </summary>
/// <param name="whole">Looks at the whole image; disposed with this.</param>
/// <param name="isQuick">Looks at the whole alone, whatever the network.</param>
internal sealed class CloseLook(SamPredictor whole, bool isQuick = false) : IDisposable
{
    private const float Outside = -20; // logit of what a window does not show

    private readonly SamPredictor close = new(whole.Network, whole.Device);
    private Frame? frame;
    private SamWindow seen;
    private bool hasSeenWhole;

    /// <summary>Takes a frame; earlier ones are forgotten. It is encoded at once where one look is all, else when it is first looked at: a box alone needs its window only.</summary>
    public void SetImage(Frame image)
    {
        (frame, seen, hasSeenWhole) = (image, default, false);
        close.Reset();
        whole.Reset();
        if (Margin == 0)
        {
            Through(Whole);
        }
    }

    /// <summary>Width and height of the frame.</summary>
    public (int Width, int Height) Size => (frame!.Width, frame.Height);

    /// <summary>The mask that a prompt means. A single point can mean a part or the whole: the best of several masks is taken.</summary>
    /// <param name="prompt">Points and box; the mask is taken from <paramref name="before"/>.</param>
    /// <param name="before">The answer to the same prompt without its last point; null where there is none.</param>
    public SamAnswer Ask(SamPrompt prompt, SamAnswer? before = null)
    {
        using var scope = NewDisposeScope();
        if (Margin > 0 && prompt.Box is null && before is null)
        {
            before = Look(Whole, prompt, null);
        }

        var window = Margin > 0 && Around(prompt, before) is { } box ? SamWindow.Around(box, Margin, Size.Width, Size.Height) : Whole;
        var answer = before is not null && before.Window == window && prompt.Points.Count == 1 ? before : Look(window, prompt, before); // nothing new to see
        return answer with { Logits = answer.Logits.MoveToOuterDisposeScope(), LowRes = answer.LowRes.MoveToOuterDisposeScope() };
    }

    public void Dispose()
    {
        close.Dispose();
        whole.Dispose();
    }

    private double Margin => isQuick ? 0 : whole.Network.Config.ZoomMargin;

    private SamWindow Whole => SamWindow.Whole(Size.Width, Size.Height);

    private SamAnswer Look(SamWindow window, SamPrompt prompt, SamAnswer? before)
    {
        var predictor = Through(window);
        var moved = new SamPrompt(
            [.. prompt.Points.Select(point => point with { X = point.X - window.X, Y = point.Y - window.Y })],
            prompt.Box is { } box ? new Corners(box.Left - window.X, box.Top - window.Y, box.Right - window.X, box.Bottom - window.Y) : null,
            before is null ? null : before.Window == window ? before.LowRes : Cut(before.Logits, window, predictor.Input));
        var isAmbiguous = moved is { Box: null, Mask: null, Points.Count: 1 };
        var prediction = predictor.Predict([moved], isAmbiguous ? MaskChoice.Multiple : MaskChoice.Single);
        var best = prediction.Iou[0].argmax().item<long>();
        var logits = predictor.Upscale(prediction.LowRes.narrow(1, best, 1))[0, 0];
        return new(window == Whole ? logits : Paste(logits, window), prediction.Iou[0, best].item<float>(), prediction.LowRes[0, best].clone(), window);
    }

    private SamPredictor Through(SamWindow window)
    {
        if (window == Whole)
        {
            if (!hasSeenWhole)
            {
                whole.SetImage(frame!);
                hasSeenWhole = true;
            }

            return whole;
        }

        if (window != seen)
        {
            close.SetImage(window.Cut(frame!));
            seen = window;
        }

        return close;
    }

    // The box that holds the object as far as it is known, and every point; null where nothing is known.
    private Corners? Around(SamPrompt prompt, SamAnswer? before)
    {
        var known = prompt.Box ?? (before is null ? null : Bounds(before.Logits));
        return known is { } box
            ? prompt.Points.Aggregate(box, (sum, point) => new(Math.Min(sum.Left, point.X), Math.Min(sum.Top, point.Y), Math.Max(sum.Right, point.X), Math.Max(sum.Bottom, point.Y)))
            : null;
    }

    private Corners? Bounds(Tensor logits)
    {
        var values = logits.cpu().contiguous();
        return BinaryMask.AboveZero(TensorSpan.Of<float>(values), Size.Width, Size.Height).Bounds() is { } bounds
            ? new(bounds.Left, bounds.Top, bounds.Right, bounds.Bottom)
            : null;
    }

    // Logits at the frame's size on the grid of a window's masks, [4 grid, 4 grid].
    private Tensor Cut(Tensor logits, SamWindow window, SamInput input)
    {
        var grid = whole.Network.Config.MaskGrid;
        long height = Math.Max(1, input.Scaled.Height * grid / input.Square), width = Math.Max(1, input.Scaled.Width * grid / input.Square);
        var part = logits.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width).unsqueeze(0).unsqueeze(0);
        var small = height <= window.Height && width <= window.Width
            ? nn.functional.interpolate(part, size: [height, width], mode: InterpolationMode.Area)
            : nn.functional.interpolate(part, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        var mask = full([grid, grid], Outside, device: logits.device);
        mask.narrow(0, 0, height).narrow(1, 0, width).copy_(small[0, 0]);
        return mask;
    }

    private Tensor Paste(Tensor logits, SamWindow window)
    {
        var all = full([Size.Height, Size.Width], Outside, device: logits.device);
        all.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width).copy_(logits);
        return all;
    }
}
