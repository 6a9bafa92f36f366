using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>The encoder's maps of one batch of images, before projection. The caller owns them.</summary>
/// <param name="S4">[B, C, H/4, W/4]</param>
/// <param name="S8">[B, C, H/8, W/8]</param>
/// <param name="S16">[B, C, H/16, W/16]</param>
/// <param name="Last">[B, C, H/16, W/16], the map that propagation starts from.</param>
internal readonly record struct EncoderMaps(Tensor S4, Tensor S8, Tensor S16, Tensor Last);

/// <summary>A backbone with outputs at 1/4, 1/8 and 1/16; sides of (multiple of 16) + 1 give maps of side (n - 1) / stride + 1.</summary>
internal abstract class ImageEncoder(string name) : nn.Module(name)
{
    /// <summary>Number of stages, for <see cref="Encode"/>'s frozen stages.</summary>
    public const int Stages = 4;

    /// <summary>Encodes [B, 3, H, W]; the first <paramref name="frozenStages"/> stages keep no gradient.</summary>
    public EncoderMaps Encode(Tensor image, int frozenStages = 0)
    {
        using var scope = NewDisposeScope();
        var maps = new Tensor[Stages];
        var x = image;
        for (var stage = 0; stage < Stages; stage++)
        {
            using var frozen = stage < frozenStages ? no_grad() : null;
            x = maps[stage] = RunStage(stage, x);
        }

        return new(
            maps[0].MoveToOuterDisposeScope(), maps[1].MoveToOuterDisposeScope(), maps[2].MoveToOuterDisposeScope(), maps[3].MoveToOuterDisposeScope());
    }

    /// <summary>Folds the batch norms into the convolutions for inference.</summary>
    public abstract void Fold();

    /// <summary>Runs one stage: 0 gives 1/4, 1 gives 1/8, 2 gives 1/16, 3 the last map.</summary>
    protected abstract Tensor RunStage(int stage, Tensor x);
}
