using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>
/// MobileNetV2 with output stride 16: the stage that would halve again keeps stride 1 and its later blocks are dilated by 2
/// (Sandler et al. 2018; aot-benchmark networks/encoders/mobilenetv2.py).
/// </summary>
internal sealed class MobileNetV2 : ImageEncoder
{
    // expansion, channels, blocks, stride
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Settings =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private static readonly int[] StageEnds = [4, 7, 14];

    private readonly ModuleList<nn.Module<Tensor, Tensor>> features = [];

    /// <param name="hasLastConv">Whether features.18 (320 -> 1280) is there, as in the published models.</param>
    public MobileNetV2(bool hasLastConv)
        : base(nameof(MobileNetV2))
    {
        features.Add(new ConvBnRelu6(3, 32, kernelSize: 3, stride: 2));
        int channels = 32, reached = 2, rate = 1;
        foreach (var setting in Settings)
        {
            int stride = setting.Stride, dilation = 1;
            if (reached == 16)
            {
                (stride, dilation) = (1, rate);
                rate *= setting.Stride;
            }
            else
            {
                reached *= stride;
            }

            for (var block = 0; block < setting.Blocks; block++)
            {
                features.Add(block == 0
                    ? new InvertedResidual(channels, setting.Channels, stride, dilation, setting.Expansion)
                    : new InvertedResidual(channels, setting.Channels, 1, rate, setting.Expansion));
                channels = setting.Channels;
            }
        }

        if (hasLastConv)
        {
            features.Add(new ConvBnRelu6(channels, 1280, kernelSize: 1));
        }

        RegisterComponents();
    }

    public override void Fold()
    {
        foreach (var feature in features)
        {
            ((IFoldable)feature).Fold();
        }
    }

    protected override Tensor RunStage(int stage, Tensor x)
    {
        using var scope = NewDisposeScope();
        var end = stage < StageEnds.Length ? StageEnds[stage] : features.Count;
        for (var i = stage == 0 ? 0 : StageEnds[stage - 1]; i < end; i++)
        {
            x = features[i].call(x);
        }

        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>A block that can fold its batch norms.</summary>
internal interface IFoldable
{
    void Fold();
}
