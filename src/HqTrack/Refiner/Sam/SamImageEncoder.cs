using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>An image as the mask decoder reads it. The caller owns the tensors.</summary>
/// <param name="Embedding">[B, C, grid, grid]</param>
/// <param name="Early">Early features for the high-quality token, [B, C', grid, grid].</param>
internal sealed record ImageEmbedding(Tensor Embedding, Tensor Early) : IDisposable
{
    public void Dispose()
    {
        Embedding.Dispose();
        Early.Dispose();
    }
}

/// <summary>An image encoder of the SAM family.</summary>
internal abstract class SamImageEncoder(string name) : nn.Module(name)
{
    /// <summary>Encodes normalised images padded to a square.</summary>
    /// <param name="image">[B, 3, S, S]</param>
    /// <param name="observe">Sees the named maps on the way, valid during the call; for tests and inspection.</param>
    public abstract ImageEmbedding Encode(Tensor image, Action<string, Tensor>? observe = null);

    /// <summary>Folds batch norms, where there are any; for inference only.</summary>
    public virtual void Fold()
    {
    }
}
