using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>
/// InternImage's basic block: deformable (or ordinary) convolution and perceptron, each a residual branch. Where the norms stand is the recipe:
/// before the branches (T), behind them (B, L, XL), or both (H).
/// </summary>
internal sealed class InternImageBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential norm1;
    private readonly DeformableConvolution? dcn;
    private readonly Conv2d? conv;
    private readonly Sequential norm2;
    private readonly InternImageMlp mlp;
    private readonly Parameter? gamma1;
    private readonly Parameter? gamma2;
    private readonly Sequential? res_post_norm1;
    private readonly Sequential? res_post_norm2;
    private readonly bool postNorm;

    public InternImageBlock(InternImageConfig config, int channels, int groups)
        : base(nameof(InternImageBlock))
    {
        Debug.Assert(!(config.ResPostNorm && (config.PostNorm || config.LayerScale is not null)), "recipes that no release combines");
        postNorm = config.PostNorm;
        norm1 = ChannelNorm.Create(channels);
        if (config.Operator == SpatialOperator.Deformable)
        {
            dcn = new DeformableConvolution(config, channels, groups);
        }
        else
        {
            conv = nn.Conv2d(channels, channels, 3, padding: 1);
            nn.init.xavier_uniform_(conv.weight); // as the projections of the deformable one
            nn.init.zeros_(conv.bias);
        }

        norm2 = ChannelNorm.Create(channels);
        mlp = new InternImageMlp(channels, channels * config.MlpRatio);
        if (config.LayerScale is { } scale)
        {
            gamma1 = new Parameter(full(channels, scale));
            gamma2 = new Parameter(full(channels, scale));
        }

        if (config.ResPostNorm)
        {
            res_post_norm1 = ChannelNorm.Create(channels);
            res_post_norm2 = ChannelNorm.Create(channels);
        }

        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = Branch(input, MixPositions, norm1, res_post_norm1, gamma1);
        return Branch(x, mlp.call, norm2, res_post_norm2, gamma2).MoveToOuterDisposeScope();
    }

    private Tensor MixPositions(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (dcn is null ? conv!.call(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1) : dcn.call(x)).MoveToOuterDisposeScope();
    }

    private Tensor Branch(Tensor x, Func<Tensor, Tensor> body, Sequential norm, Sequential? resPostNorm, Parameter? gamma)
    {
        using var scope = NewDisposeScope();
        var y = postNorm ? norm.call(body(x)) : body(norm.call(x));
        if (resPostNorm is not null)
        {
            y = resPostNorm.call(y);
        }

        return (gamma is null ? x + y : x.addcmul(y, gamma, 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers with a GELU between.</summary>
internal sealed class InternImageMlp : nn.Module<Tensor, Tensor>
{
    private const long RowsAtOnce = 2048; // the hidden values of so many positions stay in the cache

    private readonly Linear fc1;
    private readonly Linear fc2;

    public InternImageMlp(long channels, long hidden)
        : base(nameof(InternImageMlp))
    {
        fc1 = nn.Linear(channels, hidden);
        fc2 = nn.Linear(hidden, channels);
        RegisterComponents();
    }

    /// <summary>[..., C] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (is_grad_enabled() || input.device_type != DeviceType.CPU)
        {
            return Run(input).MoveToOuterDisposeScope();
        }

        var rows = input.reshape(-1, input.size(-1));
        var result = empty_like(rows);
        for (long first = 0; first < rows.size(0); first += RowsAtOnce)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(RowsAtOnce, rows.size(0) - first);
            result.narrow(0, first, count).copy_(Run(rows.narrow(0, first, count)));
        }

        return result.view(input.shape).MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.call(nn.functional.gelu(fc1.call(x))).MoveToOuterDisposeScope();
    }
}
