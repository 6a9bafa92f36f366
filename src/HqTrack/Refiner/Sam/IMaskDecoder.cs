using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>What a decoder needs of an image, computed once however many prompts follow. The caller owns the tensors.</summary>
/// <param name="Keys">Image embedding, [1, L, C]; [B, L, C] where every prompt has an image of its own.</param>
/// <param name="Positions">Its positional code, [1, L, C].</param>
/// <param name="Grid">Height and width of the embedding.</param>
/// <param name="HighQuality">Features of the high-quality token, [1 or B, C / 8, 4 grid, 4 grid]; null in the plain decoder.</param>
/// <param name="Colours">What the <see cref="MaskSharpener"/> reads, [1 or B, C, 8 grid, 8 grid]; null where there is none.</param>
internal sealed record DecoderImage(Tensor Keys, Tensor Positions, (long Height, long Width) Grid, Tensor? HighQuality, Tensor? Colours = null) : IDisposable
{
    /// <summary>The images of single prompts: image <c>numbers[i]</c> for prompt i.</summary>
    /// <param name="numbers">[B], int64.</param>
    public DecoderImage Of(Tensor numbers) => this with { Keys = Keys.index_select(0, numbers), HighQuality = HighQuality?.index_select(0, numbers), Colours = Colours?.index_select(0, numbers) };

    /// <summary>Moves every tensor out of the current dispose scope.</summary>
    public DecoderImage MoveToOuter()
    {
        Keys.MoveToOuterDisposeScope();
        Positions.MoveToOuterDisposeScope();
        HighQuality?.MoveToOuterDisposeScope();
        Colours?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Takes every tensor out of all dispose scopes.</summary>
    public DecoderImage Detach()
    {
        Keys.DetachFromDisposeScope();
        Positions.DetachFromDisposeScope();
        HighQuality?.DetachFromDisposeScope();
        Colours?.DetachFromDisposeScope();
        return this;
    }

    public void Dispose()
    {
        Keys.Dispose();
        Positions.Dispose();
        HighQuality?.Dispose();
        Colours?.Dispose();
    }
}

/// <summary>The mask decoder of SAM or of HQ-SAM.</summary>
internal interface IMaskDecoder
{
    /// <summary>Does the part that depends on the image only.</summary>
    /// <param name="image">One image, or several.</param>
    /// <param name="positions">Positional code of the embedding, [1, C, grid, grid].</param>
    /// <param name="observe">Sees the maps on the way, by their published names.</param>
    DecoderImage Prepare(ImageEmbedding image, Tensor positions, Action<string, Tensor>? observe = null);

    /// <summary>Masks of every token for a batch of prompts.</summary>
    TokenMasks Decode(DecoderImage image, PromptEmbedding prompts, Action<string, Tensor>? observe = null);
}

/// <summary>Which masks a prediction gives.</summary>
internal enum MaskChoice
{
    /// <summary>The first token's mask, for prompts that leave no doubt (the release's multimask_output=False).</summary>
    Single,

    /// <summary>SAM: the three other tokens' masks. HQ-SAM: the one of the three with the highest predicted IoU, plus the high-quality mask.</summary>
    Multiple,

    /// <summary>All four tokens' masks, in HQ-SAM each plus the high-quality mask. Not in the releases.</summary>
    Every,
}

/// <summary>Mask logits of every token. The caller owns the tensors.</summary>
/// <param name="Masks">[B, 4, 4 grid, 4 grid]</param>
/// <param name="Iou">Predicted IoU, [B, 4].</param>
/// <param name="HighQuality">Logits of the high-quality token, [B, 1, 4 grid, 4 grid]; null in the plain decoder.</param>
internal sealed record TokenMasks(Tensor Masks, Tensor Iou, Tensor? HighQuality)
{
    /// <summary>Moves every tensor out of the current dispose scope.</summary>
    public TokenMasks MoveToOuter()
    {
        Masks.MoveToOuterDisposeScope();
        Iou.MoveToOuterDisposeScope();
        HighQuality?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Masks and predicted IoU as the releases give them: [B, m, h, w] and [B, m].</summary>
    /// <param name="choice">Which tokens.</param>
    /// <param name="highQualityOnly">Gives the high-quality token's logits alone, with the IoU of the token they would be added to.</param>
    public (Tensor Masks, Tensor Iou) Select(MaskChoice choice, bool highQualityOnly = false)
    {
        using var scope = NewDisposeScope();
        var (masks, iou) = choice switch
        {
            MaskChoice.Single => (Masks.narrow(1, 0, 1), Iou.narrow(1, 0, 1)),
            MaskChoice.Every => (Masks, Iou),
            _ => (Masks.narrow(1, 1, Masks.size(1) - 1), Iou.narrow(1, 1, Iou.size(1) - 1)),
        };
        if (HighQuality is null)
        {
            return (masks.alias().MoveToOuterDisposeScope(), iou.alias().MoveToOuterDisposeScope());
        }

        if (choice == MaskChoice.Multiple)
        {
            var best = iou.argmax(1, keepdim: true); // [B, 1], the first one on a tie
            iou = iou.gather(1, best);
            masks = masks.gather(1, best.view(-1, 1, 1, 1).expand(-1, -1, masks.size(2), masks.size(3)));
        }

        masks = highQualityOnly ? HighQuality.expand(-1, masks.size(1), -1, -1) : masks + HighQuality;
        return (masks.alias().MoveToOuterDisposeScope(), iou.alias().MoveToOuterDisposeScope());
    }
}
