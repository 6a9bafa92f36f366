using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Two residual blocks with group norms (HQTrack <c>ResGN</c>).</summary>
internal sealed class ResGN : nn.Module<Tensor, Tensor>
{
    private readonly ResBlockGN res1;
    private readonly ResBlockGN res2;

    public ResGN(long channels)
        : base(nameof(ResGN))
    {
        res1 = new ResBlockGN(channels);
        res2 = new ResBlockGN(channels);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return res2.call(res1.call(input)).MoveToOuterDisposeScope();
    }
}

/// <summary>x + norm(conv(relu(norm(conv(relu(x)))))), 3x3, 8 groups.</summary>
internal sealed class ResBlockGN : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly Conv2d conv2;
    private readonly GroupNorm gn1;
    private readonly GroupNorm gn2;

    public ResBlockGN(long channels)
        : base(nameof(ResBlockGN))
    {
        conv1 = nn.Conv2d(channels, channels, 3, padding: 1);
        conv2 = nn.Conv2d(channels, channels, 3, padding: 1);
        gn1 = GroupNorms.Create(8, channels);
        gn2 = GroupNorms.Create(8, channels);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = gn1.call(conv1.call(nn.functional.relu(input)));
        return (gn2.call(conv2.call(nn.functional.relu(x, inplace: true))) + input).MoveToOuterDisposeScope();
    }
}
