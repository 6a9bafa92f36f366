namespace HqTrack.Ops;

/// <summary>Sizes of MobileNetV2's block.</summary>
/// <param name="Batch">B</param>
/// <param name="Height">H</param>
/// <param name="Width">W</param>
/// <param name="Channels">Of the input.</param>
/// <param name="Hidden">After the expansion; those of the input where there is none.</param>
/// <param name="OutChannels">After the projection.</param>
/// <param name="Stride">Of the 3x3 convolution, which has a border of one zero.</param>
/// <param name="HasExpansion">Whether the block expands.</param>
/// <param name="HasResidual">Whether the input is added.</param>
internal readonly record struct BottleneckShape(
    int Batch, int Height, int Width, int Channels, int Hidden, int OutChannels, int Stride, bool HasExpansion, bool HasResidual)
{
    /// <summary>H'</summary>
    public int OutHeight => ((Height - 1) / Stride) + 1;

    /// <summary>W'</summary>
    public int OutWidth => ((Width - 1) / Stride) + 1;
}

/// <summary>Where a block's folded weights lie: input channels first, so that a row of outputs is one run.</summary>
internal readonly unsafe struct BottleneckWeights
{
    /// <summary>[C, hidden]; null without an expansion.</summary>
    public float* Expansion { get; init; }

    /// <summary>[hidden]; null without an expansion.</summary>
    public float* ExpansionBias { get; init; }

    /// <summary>[3, 3, hidden]</summary>
    public float* Depthwise { get; init; }

    /// <summary>[hidden]</summary>
    public float* DepthwiseBias { get; init; }

    /// <summary>[hidden, C']</summary>
    public float* Projection { get; init; }

    /// <summary>[C']</summary>
    public float* ProjectionBias { get; init; }
}
