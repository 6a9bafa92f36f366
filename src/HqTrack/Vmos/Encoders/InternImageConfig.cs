namespace HqTrack.Vmos.Encoders;

/// <summary>What mixes positions in a block.</summary>
internal enum SpatialOperator
{
    /// <summary>Deformable convolution v3.</summary>
    Deformable,

    /// <summary>An ordinary 3x3 convolution over all channels: what the component study compares the deformable one with.</summary>
    Convolution,
}

/// <summary>Every number and recipe of an InternImage backbone (Wang et al. 2023, table 1 and the released configurations).</summary>
internal sealed record InternImageConfig
{
    /// <summary>Channels at 1/4; each later level has twice as many, the fourth as many as the third.</summary>
    public required int Channels { get; init; }

    /// <summary>Blocks per level.</summary>
    public required IReadOnlyList<int> Depths { get; init; }

    /// <summary>Deformable groups per level.</summary>
    public required IReadOnlyList<int> Groups { get; init; }

    /// <summary>What mixes positions in a block.</summary>
    public SpatialOperator Operator { get; init; }

    /// <summary>Hidden channels of a block's perceptron over its channels.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Start value of the learned factors of both branches of a block; null has no factors.</summary>
    public double? LayerScale { get; init; }

    /// <summary>Factor of the sampling points and offsets.</summary>
    public double OffsetScale { get; init; } = 1;

    /// <summary>Norms behind the branches instead of before them, and none at the end of a level (B, L, XL).</summary>
    public bool PostNorm { get; init; }

    /// <summary>Norms before and behind the branches (H).</summary>
    public bool ResPostNorm { get; init; }

    /// <summary>Side of the depthwise convolution that offsets and weights are read from.</summary>
    public int DepthwiseKernel { get; init; } = 3;

    /// <summary>Blocks of the third level that are followed by a norm of their own (H).</summary>
    public IReadOnlyList<int> PostNormBlocks { get; init; } = [];

    /// <summary>Whether a learned gate mixes the undeformed input back in (H).</summary>
    public bool CenterFeatureScale { get; init; }

    /// <summary>Whether the third level has its down-sampling, which the releases' checkpoints hold and VMOS never reads.</summary>
    public bool HasUnreadDownsample { get; init; } = true;

    /// <summary>Channels of a level, 0 to 3.</summary>
    public int LevelChannels(int level) => Channels << Math.Min(level, 2);

    /// <summary>InternImage-T.</summary>
    public static InternImageConfig T { get; } = new() { Channels = 64, Depths = [4, 4, 18, 4], Groups = [4, 8, 16, 32], LayerScale = 1 };

    /// <summary>InternImage-B.</summary>
    public static InternImageConfig B { get; } = new()
    {
        Channels = 112, Depths = [4, 4, 21, 4], Groups = [7, 14, 28, 56], LayerScale = 1, PostNorm = true,
    };

    /// <summary>InternImage-L.</summary>
    public static InternImageConfig L { get; } = new()
    {
        Channels = 160, Depths = [5, 5, 22, 5], Groups = [10, 20, 40, 80], LayerScale = 1, OffsetScale = 2, PostNorm = true,
    };

    /// <summary>InternImage-XL.</summary>
    public static InternImageConfig XL { get; } = L with { Channels = 192, Depths = [5, 5, 24, 5], Groups = [12, 24, 48, 96] };

    /// <summary>InternImage-H.</summary>
    public static InternImageConfig H { get; } = new()
    {
        Channels = 320,
        Depths = [6, 6, 32, 6],
        Groups = [10, 20, 40, 80],
        ResPostNorm = true,
        DepthwiseKernel = 5,
        PostNormBlocks = [5, 11, 17, 23, 29],
        CenterFeatureScale = true,
    };

    /// <summary>This project's smallest, for the component study: T's recipe at half its width.</summary>
    public static InternImageConfig Small { get; } = T with { Channels = 32, Depths = [1, 2, 4, 2], Groups = [2, 4, 8, 16], HasUnreadDownsample = false };

    /// <summary>
    /// <see cref="Small"/> with ordinary convolutions: stem, widths, norms, perceptrons and residuals are the same. A dense 3x3 kernel has more
    /// than twice the parameters of a deformable one, so there are fewer blocks, for parameters within 5 % in all.
    /// </summary>
    public static InternImageConfig SmallResidual { get; } = Small with { Operator = SpatialOperator.Convolution, Depths = [1, 1, 3, 1] };
}
