using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Convolutions of one pixel with 1,024 channels or more as matrix products, which they are. oneDNN's choice of blocks has branches of its own for ResNet-50's (256, 512 and 1,024 to 1,024
/// channels and back); on some virtual machines they divide by zero and end the process (libtorch 2.10, brg_blocking_t::est_eff_1x1).
/// </summary>
internal static class WidePointwise
{
    private const long Wide = 1024;

    /// <summary>Whether a convolution belongs here.</summary>
    /// <param name="weight">[C', C, kh, kw]</param>
    /// <param name="padding">Zeros at each side.</param>
    /// <param name="groups">Groups of channels.</param>
    public static bool Fits(Tensor weight, long padding = 0, long groups = 1) =>
        groups == 1 && padding == 0 && weight.size(2) == 1 && weight.size(3) == 1 && Math.Max(weight.size(0), weight.size(1)) >= Wide;

    /// <summary>[B, C, H, W] -> [B, C', ceil(H / stride), ceil(W / stride)], channels_last.</summary>
    /// <param name="x">The map; as a rule channels_last.</param>
    /// <param name="weight">[C', C, 1, 1]</param>
    /// <param name="bias">[C'], or null.</param>
    /// <param name="stride">Every n-th pixel.</param>
    public static Tensor Forward(Tensor x, Tensor weight, Tensor? bias, long stride = 1)
    {
        using var scope = NewDisposeScope();
        if (stride > 1)
        {
            x = x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride);
        }

        var rows = x.permute(0, 2, 3, 1).contiguous();
        return nn.functional.linear(rows, weight.reshape(weight.size(0), weight.size(1)), bias).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
