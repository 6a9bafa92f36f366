using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>A mask from a prompt. The caller owns the tensors.</summary>
/// <param name="Logits">At the frame's size, [H, W]; a pixel belongs to the mask where its logit is above 0.</param>
/// <param name="Iou">The network's own estimate, of several looks that of the first.</param>
/// <param name="LowRes">Logits on the decoder's grid, of the window.</param>
/// <param name="Window">What the network looked at, of several looks the first.</param>
internal sealed record SamAnswer(Tensor Logits, double Iou, Tensor LowRes, SamWindow Window);

/// <summary>
/// One image that is asked for masks. A network whose config has looks sees an object through windows around it, where it has more cells of the decoder's grid: at once where a box says
/// where it is, else once a first look at the whole has found it. The logits of these looks are averaged. Others look at the whole. Not in the releases; crops of the image are how SAM's
/// generator of masks finds small objects (segment_anything/automatic_mask_generator.py). Every call belongs on the thread that owns the model, inside inference mode.
/// </summary>
/// <param name="predictor">Looks at the whole image; disposed with this.</param>
/// <param name="isQuick">Looks at the whole alone, whatever the network.</param>
internal sealed class CloseLook(SamPredictor predictor, bool isQuick = false) : IDisposable
{
    private const float Surest = 8; // logit of a pixel that one look is sure of: a mean lets the others have their say

    private readonly WindowLook whole = new(predictor);

    private readonly (SamLook Look, WindowLook Through)[] looks =
        [.. (isQuick ? [] : predictor.Network.Config.Looks).Select(look => (look, new WindowLook(new SamPredictor(predictor.Network, predictor.Device), look.IsMirrored)))];

    private Frame? frame;

    /// <summary>Takes a frame; earlier ones are forgotten. It is encoded at once where one look is all, else when it is first looked at: a box alone needs its windows only.</summary>
    public void SetImage(Frame image)
    {
        frame = image;
        whole.Reset();
        foreach (var (_, through) in looks)
        {
            through.Reset();
        }

        if (looks.Length == 0)
        {
            whole.Show(image, Whole);
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
        if (looks.Length > 0 && prompt.Box is null && before is null)
        {
            before = Look(whole, Whole, prompt, null);
        }

        var answer = looks.Length > 0 && (prompt.Box ?? Bounds(before!.Logits)) is { } box
            ? Closely(With(box, prompt.Points), prompt, before)
            : Look(whole, Whole, prompt, before);
        return answer with { Logits = answer.Logits.MoveToOuterDisposeScope(), LowRes = answer.LowRes.MoveToOuterDisposeScope() };
    }

    public void Dispose()
    {
        whole.Dispose();
        foreach (var (_, through) in looks)
        {
            through.Dispose();
        }
    }

    private SamWindow Whole => SamWindow.Whole(Size.Width, Size.Height);

    // The mean of all looks at what a box holds; what a window does not show is as the looks before it have it.
    private SamAnswer Closely(Corners box, SamPrompt prompt, SamAnswer? before)
    {
        var known = new Dictionary<(SamWindow, bool), SamAnswer>(); // small objects get one window from several looks
        SamAnswer? first = null;
        Tensor? mean = null;
        for (var i = 0; i < looks.Length; i++)
        {
            var (look, through) = looks[i];
            var around = look.IsAroundAnswer && mean is not null && Bounds(mean) is { } found ? With(found, prompt.Points) : box;
            var window = SamWindow.Around(around, look.Margin, Size.Width, Size.Height);
            if (!known.TryGetValue((window, look.IsMirrored), out var answer))
            {
                known[(window, look.IsMirrored)] = answer = Look(window == Whole && !look.IsMirrored ? whole : through, window, prompt, before);
            }

            first ??= answer;
            var logits = answer.Logits.clamp(-Surest, Surest);
            if (mean is null)
            {
                mean = logits;
                continue;
            }

            var part = mean.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width);
            part.add_((logits.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width) - part) / (i + 1));
        }

        return first! with { Logits = mean! };
    }

    private SamAnswer Look(WindowLook through, SamWindow window, SamPrompt prompt, SamAnswer? before)
    {
        if (through == whole && before is not null && before.Window == window && prompt.Points.Count == 1)
        {
            return before; // nothing new to see
        }

        through.Show(frame!, window);
        return through.Ask(prompt, before);
    }

    // The box that holds another one and every point.
    private static Corners With(Corners box, IReadOnlyList<PromptPoint> points) =>
        points.Aggregate(box, (sum, point) => new(Math.Min(sum.Left, point.X), Math.Min(sum.Top, point.Y), Math.Max(sum.Right, point.X), Math.Max(sum.Bottom, point.Y)));

    private Corners? Bounds(Tensor logits)
    {
        var values = logits.cpu().contiguous();
        return BinaryMask.AboveZero(TensorSpan.Of<float>(values), Size.Width, Size.Height).Bounds() is { } bounds
            ? new(bounds.Left, bounds.Top, bounds.Right, bounds.Bottom)
            : null;
    }
}
