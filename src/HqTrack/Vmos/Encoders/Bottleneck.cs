using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>ResNet's bottleneck: 1x1, 3x3 (with the stride), 1x1 to four times the planes, residual, ReLU.</summary>
internal sealed class Bottleneck : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly FrozenBatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly FrozenBatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly FrozenBatchNorm2d bn3;
    private readonly ModuleList<nn.Module>? downsample;
    private readonly NormalizedConv[] path;
    private readonly NormalizedConv? shortcut;

    public Bottleneck(int inChannels, int planes, int stride)
        : base(nameof(Bottleneck))
    {
        conv1 = nn.Conv2d(inChannels, planes, 1, bias: false);
        bn1 = new FrozenBatchNorm2d(planes);
        conv2 = nn.Conv2d(planes, planes, 3, stride: stride, padding: 1, bias: false);
        bn2 = new FrozenBatchNorm2d(planes);
        conv3 = nn.Conv2d(planes, planes * 4, 1, bias: false);
        bn3 = new FrozenBatchNorm2d(planes * 4);
        path = [new(conv1, bn1), new(conv2, bn2, stride, padding: 1), new(conv3, bn3)];
        if (stride != 1 || inChannels != planes * 4)
        {
            var conv = nn.Conv2d(inChannels, planes * 4, 1, stride: stride, bias: false);
            var norm = new FrozenBatchNorm2d(planes * 4);
            downsample = [conv, norm];
            shortcut = new NormalizedConv(conv, norm, stride);
        }

        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, 4 * planes, H/stride, W/stride].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.relu(path[0].Forward(input), inplace: true);
        x = nn.functional.relu(path[1].Forward(x), inplace: true);
        x = path[2].Forward(x).add_(shortcut?.Forward(input) ?? input);
        return nn.functional.relu(x, inplace: true).MoveToOuterDisposeScope();
    }

    /// <summary>Folds the batch norms for inference.</summary>
    public void Fold()
    {
        foreach (var conv in path)
        {
            conv.Fold();
        }

        shortcut?.Fold();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var conv in path)
            {
                conv.Dispose();
            }

            shortcut?.Dispose();
        }

        base.Dispose(disposing);
    }
}
