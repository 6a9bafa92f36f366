using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>ResNet-50 up to its third stage (He et al. 2015; aot-benchmark networks/encoders/resnet.py drops the fourth).</summary>
internal sealed class ResNet50 : ImageEncoder
{
    private readonly Conv2d conv1;
    private readonly FrozenBatchNorm2d bn1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly NormalizedConv stem;
    private readonly Bottleneck[][] stages;

    public ResNet50()
        : base(nameof(ResNet50))
    {
        conv1 = nn.Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
        bn1 = new FrozenBatchNorm2d(64);
        stem = new NormalizedConv(conv1, bn1, stride: 2, padding: 3);
        stages = [MakeStage(64, 64, 3, 1), MakeStage(256, 128, 4, 2), MakeStage(512, 256, 6, 2)];
        layer1 = nn.Sequential(stages[0]);
        layer2 = nn.Sequential(stages[1]);
        layer3 = nn.Sequential(stages[2]);
        RegisterComponents();
    }

    public override void Fold()
    {
        stem.Fold();
        foreach (var block in stages.SelectMany(stage => stage))
        {
            block.Fold();
        }
    }

    protected override Tensor RunStage(int stage, Tensor x)
    {
        using var scope = NewDisposeScope();
        if (stage == 0)
        {
            x = nn.functional.relu(stem.Forward(x), inplace: true);
            x = nn.functional.max_pool2d(x, [3, 3], strides: [2, 2], padding: [1, 1]);
        }

        if (stage < stages.Length)
        {
            foreach (var block in stages[stage])
            {
                x = block.call(x);
            }
        }
        else
        {
            x = x.alias(); // the last map is the third stage's
        }

        return x.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stem.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Bottleneck[] MakeStage(int inChannels, int planes, int blocks, int stride)
    {
        var stage = new Bottleneck[blocks];
        for (var i = 0; i < blocks; i++)
        {
            stage[i] = i == 0 ? new Bottleneck(inChannels, planes, stride) : new Bottleneck(planes * 4, planes, 1);
        }

        return stage;
    }
}
