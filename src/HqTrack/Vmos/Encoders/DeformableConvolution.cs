using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>
/// Deformable convolution v3: offsets and weights of every sampling point are read from a depthwise convolution of the input
/// (Wang et al. 2023, section 3.1; InternImage <c>DCNv3</c>).
/// </summary>
internal sealed class DeformableConvolution : nn.Module<Tensor, Tensor>
{
    private readonly DepthwiseNormGelu dw_conv;
    private readonly Linear offset;
    private readonly Linear mask;
    private readonly Linear input_proj;
    private readonly Linear output_proj;
    private readonly Parameter? center_feature_scale_proj_weight;
    private readonly Parameter? center_feature_scale_proj_bias;
    private readonly Dcnv3Geometry geometry;

    public DeformableConvolution(InternImageConfig config, int channels, int groups)
        : base(nameof(DeformableConvolution))
    {
        geometry = new Dcnv3Geometry(groups, OffsetScale: config.OffsetScale);
        dw_conv = new DepthwiseNormGelu(channels, config.DepthwiseKernel);
        offset = nn.Linear(channels, groups * geometry.Points * 2);
        mask = nn.Linear(channels, groups * geometry.Points);
        input_proj = nn.Linear(channels, channels);
        output_proj = nn.Linear(channels, channels);
        if (config.CenterFeatureScale)
        {
            center_feature_scale_proj_weight = new Parameter(zeros(groups, channels));
            center_feature_scale_proj_bias = new Parameter(zeros(groups));
        }

        // Untrained it is a plain average over a fixed grid, as released.
        foreach (var linear in new[] { offset, mask, input_proj, output_proj })
        {
            nn.init.zeros_(linear.bias);
        }

        nn.init.zeros_(offset.weight);
        nn.init.zeros_(mask.weight);
        nn.init.xavier_uniform_(input_proj.weight);
        nn.init.xavier_uniform_(output_proj.weight);
        RegisterComponents();
    }

    /// <summary>Gives an untrained block random offsets and weights, as a trained one has them: for measuring.</summary>
    public void ScatterOffsets()
    {
        nn.init.xavier_uniform_(offset.weight);
        nn.init.xavier_uniform_(mask.weight);
    }

    /// <summary>[B, H, W, C] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long batch = input.size(0), height = input.size(1), width = input.size(2);
        var projected = input_proj.call(input);
        var context = dw_conv.call(input);
        var weights = PointSoftmax.Forward(mask.call(context), geometry.Points);
        var x = Dcnv3.Forward(projected, offset.call(context), weights, geometry);
        if (center_feature_scale_proj_weight is not null)
        {
            // One gate per group: [B, H, W, G, 1] against [B, H, W, G, C/G].
            var gate = sigmoid(nn.functional.linear(context, center_feature_scale_proj_weight, center_feature_scale_proj_bias)).unsqueeze(-1);
            long[] grouped = [batch, height, width, geometry.Groups, -1];
            x = lerp(x.view(grouped), projected.view(grouped), gate).flatten(3);
        }

        return output_proj.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Depthwise convolution, layer norm, GELU; keys "0" and "1.1".</summary>
internal sealed class DepthwiseNormGelu : nn.Module<Tensor, Tensor>
{
    // Not fields of module type: those would be registered under their own names as well.
    private readonly (Conv2d Conv, Sequential Norm) parts;

    public DepthwiseNormGelu(long channels, long kernel)
        : base(nameof(DepthwiseNormGelu))
    {
        parts = (nn.Conv2d(channels, channels, kernel, padding: kernel / 2, groups: channels), ChannelNorm.Create(channels, "1"));
        register_module("0", parts.Conv);
        register_module("1", parts.Norm);
    }

    /// <summary>[B, H, W, C] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = parts.Conv.call(input.permute(0, 3, 1, 2)).permute(0, 2, 3, 1);
        return nn.functional.gelu(parts.Norm.call(x)).MoveToOuterDisposeScope();
    }
}
