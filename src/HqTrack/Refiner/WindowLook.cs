using HqTrack.Media;
using HqTrack.Refiner.Sam;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>Looks at a frame through one window at a time, mirrored or not; a window is encoded once as long as it stays the same. Every call belongs on the thread that owns the model.</summary>
/// <param name="predictor">Disposed with this.</param>
/// <param name="isMirrored">Whether left and right are exchanged for the network; prompts and answers are of the frame as it is.</param>
internal sealed class WindowLook(SamPredictor predictor, bool isMirrored = false) : IDisposable
{
    private const float Outside = -20; // logit of what a window does not show

    private Frame? frame;
    private SamWindow seen;

    /// <summary>Encodes a window of a frame, where it is not the one that was encoded last.</summary>
    public void Show(Frame image, SamWindow window)
    {
        if (!ReferenceEquals(frame, image) || window != seen)
        {
            predictor.SetImage(isMirrored ? Mirrored(window.Cut(image)) : window.Cut(image));
            (frame, seen) = (image, window);
        }
    }

    /// <summary>The mask that a prompt means in the window that is shown. A single point can mean a part or the whole: the best of several masks is taken.</summary>
    /// <param name="prompt">Points and box in pixels of the frame, its mask not read; a box is cut to the window.</param>
    /// <param name="before">An earlier answer, given to the network as the mask prompt; null for none.</param>
    public SamAnswer Ask(SamPrompt prompt, SamAnswer? before)
    {
        var mask = before is null ? null : before.Window == seen && !isMirrored ? before.LowRes : Cut(before.Logits);
        var moved = new SamPrompt([.. prompt.Points.Select(Moved)], prompt.Box is { } box ? Moved(box) : null, mask);
        var isAmbiguous = moved is { Box: null, Mask: null, Points.Count: 1 };
        var prediction = predictor.Predict([moved], isAmbiguous ? MaskChoice.Multiple : MaskChoice.Single);
        var best = prediction.Iou[0].argmax().item<long>();
        var logits = predictor.Upscale(prediction.LowRes.narrow(1, best, 1))[0, 0];
        logits = isMirrored ? logits.flip(1) : logits;
        return new(Paste(logits), prediction.Iou[0, best].item<float>(), prediction.LowRes[0, best].clone(), seen);
    }

    /// <summary>Forgets the frame.</summary>
    public void Reset()
    {
        predictor.Reset();
        frame = null;
    }

    public void Dispose() => predictor.Dispose();

    private static Frame Mirrored(Frame image)
    {
        var rgb = new byte[image.Rgb.Length];
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var (from, to) = (((y * image.Width) + x) * 3, ((y * image.Width) + image.Width - 1 - x) * 3);
                (rgb[to], rgb[to + 1], rgb[to + 2]) = (image.Rgb[from], image.Rgb[from + 1], image.Rgb[from + 2]);
            }
        }

        return new(rgb, image.Width, image.Height, image.Index);
    }

    private PromptPoint Moved(PromptPoint point) => point with { X = isMirrored ? seen.X + seen.Width - 1 - point.X : point.X - seen.X, Y = point.Y - seen.Y };

    private Corners Moved(Corners box)
    {
        double Across(double x) => Math.Clamp(x - seen.X, 0, seen.Width - 1);
        double Down(double y) => Math.Clamp(y - seen.Y, 0, seen.Height - 1);
        var (left, right) = (Across(box.Left), Across(box.Right));
        return isMirrored
            ? new(seen.Width - 1 - right, Down(box.Top), seen.Width - 1 - left, Down(box.Bottom))
            : new(left, Down(box.Top), right, Down(box.Bottom));
    }

    // Logits at the frame's size on the grid of the window's masks, [4 grid, 4 grid].
    private Tensor Cut(Tensor logits)
    {
        var (input, side) = (predictor.Input, predictor.Network.Config.MaskGrid);
        long height = Math.Max(1, input.Scaled.Height * side / input.Square), width = Math.Max(1, input.Scaled.Width * side / input.Square);
        var part = logits.narrow(0, seen.Y, seen.Height).narrow(1, seen.X, seen.Width).unsqueeze(0).unsqueeze(0);
        part = isMirrored ? part.flip(3) : part;
        var small = height <= seen.Height && width <= seen.Width
            ? nn.functional.interpolate(part, size: [height, width], mode: InterpolationMode.Area)
            : nn.functional.interpolate(part, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        var mask = full([side, side], Outside, device: logits.device);
        mask.narrow(0, 0, height).narrow(1, 0, width).copy_(small[0, 0]);
        return mask;
    }

    private Tensor Paste(Tensor logits)
    {
        if (seen == SamWindow.Whole(frame!.Width, frame.Height))
        {
            return logits;
        }

        var all = full([frame.Height, frame.Width], Outside, device: logits.device);
        all.narrow(0, seen.Y, seen.Height).narrow(1, seen.X, seen.Width).copy_(logits);
        return all;
    }
}
