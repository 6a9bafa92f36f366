using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// Redraws the decoder's masks at half the resolution of the square, twice as fine as their own. It reads the mask and the colours: those of a pixel, and how far they are from the mean
/// colours inside and outside the mask nearby. Untrained it only enlarges. Not in the releases; that nearby colours tell the sides of an edge apart is GrabCut's idea (Rother et al. 2004).
/// </summary>
internal sealed class MaskSharpener : nn.Module
{
    /// <summary>Pixels of the square per cell of a sharpened mask.</summary>
    public const int Stride = 2;

    /// <summary>Channels that stand for colours.</summary>
    public const int Colours = 8;

    private const int Block = 4;            // cells of the decoder's masks over which colours are averaged
    private const int Window = 5;           // blocks around a cell that are nearby
    private const float LogitRange = 4;
    private const float Least = 1e-2f;      // share of a window that either side has at least: without a pixel its mean is near 0

    private readonly Conv2d stem;
    private readonly Conv2d embed;
    private readonly Conv2d fuse;
    private readonly Conv2d merge;
    private readonly Conv2d output;

    /// <param name="channels">Channels inside.</param>
    public MaskSharpener(int channels)
        : base(nameof(MaskSharpener))
    {
        stem = nn.Conv2d(3, channels, 3, stride: 2, padding: 1);
        embed = nn.Conv2d(channels, Colours, 3, padding: 1);
        fuse = nn.Conv2d(1 + (3 * Colours), channels, 1);
        merge = nn.Conv2d(channels, channels, 3, padding: 1);
        output = nn.Conv2d(channels, 1, 3, padding: 1);
        nn.init.zeros_(output.weight!);
        nn.init.zeros_(output.bias!);
        RegisterComponents();
    }

    /// <summary>What it needs of an image, [B, 3, S, S] -> [B, C, S/2, S/2].</summary>
    public Tensor Prepare(Tensor image)
    {
        using var scope = NewDisposeScope();
        return embed.call(nn.functional.gelu(stem.call(image))).MoveToOuterDisposeScope();
    }

    /// <summary>Sharpened logits.</summary>
    /// <param name="logits">[N, 1, S/4, S/4]</param>
    /// <param name="colours">From <see cref="Prepare"/>, of one image or of N.</param>
    /// <returns>[N, 1, S/2, S/2]</returns>
    public Tensor Forward(Tensor logits, Tensor colours)
    {
        using var scope = NewDisposeScope();
        var (inside, outside) = Nearby(logits.sigmoid(), nn.functional.avg_pool2d(colours, 2));
        long[] size = [colours.size(2), colours.size(3)];
        Tensor Enlarge(Tensor map) => nn.functional.interpolate(map, size: size, mode: InterpolationMode.Bilinear, align_corners: false);
        var coarse = Enlarge(logits);
        var own = colours.expand(logits.size(0), -1, -1, -1);
        var x = cat([(coarse / LogitRange).tanh(), own, (own - Enlarge(inside)).abs(), (own - Enlarge(outside)).abs()], 1);
        x = nn.functional.gelu(fuse.call(x));
        x = nn.functional.gelu(merge.call(x));
        return (coarse + Change(x)).MoveToOuterDisposeScope();
    }

    // The last convolution has one channel. In training it gets seven more, of zeros: with one thread, on some processors, oneDNN pads the gradient's one channel to eight with what lies in
    // memory (libtorch 2.10).
    private Tensor Change(Tensor x)
    {
        if (!is_grad_enabled())
        {
            return output.call(x);
        }

        using var scope = NewDisposeScope();
        var kernel = nn.functional.pad(output.weight!, [0, 0, 0, 0, 0, 0, 0, 7]);
        return (nn.functional.conv2d(x, kernel, padding: [1, 1]).narrow(1, 0, 1) + output.bias!).MoveToOuterDisposeScope();
    }

    // Mean colours of a mask and of what is not the mask in the window around each block: [N, 1, g, g] and [1 or N, C, g, g] -> twice [N, C, g / 4, g / 4].
    private static (Tensor Inside, Tensor Outside) Nearby(Tensor probability, Tensor colours)
    {
        using var scope = NewDisposeScope();
        static Tensor Mean(Tensor map) => nn.functional.avg_pool2d(nn.functional.avg_pool2d(map, Block), Window, stride: 1, padding: Window / 2);
        var (all, part, share) = (Mean(colours), Mean(colours * probability), Mean(probability));
        var whole = Mean(ones_like(probability));
        return ((part / (share + Least)).MoveToOuterDisposeScope(), ((all - part) / (whole - share + Least)).MoveToOuterDisposeScope());
    }
}
