using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Training.Optimization;

/// <summary>A trainable parameter and its weight decay.</summary>
internal sealed record TrainedParameter(string Key, Parameter Value, double WeightDecay);

/// <summary>Which parameters are trained, and with what weight decay (aot-benchmark utils/learning.py <c>get_trainable_params</c>).</summary>
internal static class ParameterGroups
{
    // Published exemptions (configs/default.py TRAIN_WEIGHT_DECAY_EXEMPTION).
    private static readonly string[] Exempt = ["absolute_pos_embed", "relative_position_bias_table", "relative_emb_v", "conv_out"];

    // Parts of the SAM family whose names have "encoder." in them and which start from nothing.
    private static readonly string[] NotBackbone = ["image_encoder.neck.", "prompt_encoder.", "embedding_encoder."];

    /// <summary>Whether a key belongs to the image encoder's backbone, which starts from weights of its own.</summary>
    public static bool IsEncoder(string key) => key.Contains("encoder.", StringComparison.Ordinal) && !NotBackbone.Any(part => key.Contains(part, StringComparison.Ordinal));

    /// <summary>Whether a key belongs to an identity bank, which sequential training freezes in the published recipe.</summary>
    public static bool IsIdentityBank(string key) => key.Contains("patch_wise_id_bank", StringComparison.Ordinal);

    /// <summary>Decay of a parameter: none for vectors (norms, biases) and for exempt keys.</summary>
    public static double WeightDecay(string key, int dimensions, double decay) =>
        dimensions <= 1 || Exempt.Any(part => key.Contains(part, StringComparison.Ordinal)) ? 0 : decay;

    /// <summary>Every parameter that wants a gradient.</summary>
    public static IReadOnlyList<TrainedParameter> Of(nn.Module module, double decay) =>
    [
        .. module.named_parameters()
            .Where(entry => entry.parameter.requires_grad)
            .Select(entry => new TrainedParameter(entry.name, entry.parameter, WeightDecay(entry.name, (int)entry.parameter.dim(), decay))),
    ];
}
