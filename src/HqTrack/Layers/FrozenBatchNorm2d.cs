using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Batch norm whose statistics and affine parameters are constants, as the published encoders use it (eps 1e-5).</summary>
internal sealed class FrozenBatchNorm2d : nn.Module
{
    private const double Epsilon = 1e-5;

    // Buffers, not parameters: they are saved and loaded but never trained.
    private readonly Tensor weight;
    private readonly Tensor bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;

    public FrozenBatchNorm2d(long channels)
        : base(nameof(FrozenBatchNorm2d))
    {
        weight = ones(channels);
        bias = zeros(channels);
        running_mean = zeros(channels);
        running_var = ones(channels);
        RegisterComponents();
    }

    /// <summary>The norm as y = scale * x + shift, both [C].</summary>
    public (Tensor Scale, Tensor Shift) Affine()
    {
        using var scope = NewDisposeScope();
        var scale = weight * (running_var + Epsilon).rsqrt();
        var shift = bias - (running_mean * scale);
        return (scale.MoveToOuterDisposeScope(), shift.MoveToOuterDisposeScope());
    }
}
