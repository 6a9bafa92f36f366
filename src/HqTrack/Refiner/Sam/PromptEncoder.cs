using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Prompts of a batch as tensors, in pixels of the padded square. Any part may be null.</summary>
/// <param name="Points">[B, n, 2], x and y.</param>
/// <param name="Labels">[B, n]: 1 inside, 0 outside, -1 no point.</param>
/// <param name="Boxes">[B, 4], left, top, right, bottom.</param>
/// <param name="Masks">[B, 1, 4 grid, 4 grid], logits.</param>
internal readonly record struct SamPrompts(Tensor? Points, Tensor? Labels, Tensor? Boxes, Tensor? Masks);

/// <summary>Encoded prompts.</summary>
/// <param name="Sparse">[B, n, C], points, then box corners; n may be 0.</param>
/// <param name="Dense">[B, C, grid, grid], or [1, C, 1, 1] where no mask was given.</param>
/// <param name="Detail">[B, C / 8, 4 grid, 4 grid], the drawn prompts for the high-quality token; null where prompts are not drawn.</param>
internal readonly record struct PromptEmbedding(Tensor Sparse, Tensor Dense, Tensor? Detail = null);

/// <summary>Points, boxes and masks as tokens and a map (segment_anything/modeling/prompt_encoder.py).</summary>
internal sealed class PromptEncoder : nn.Module
{
    private readonly PositionEmbeddingRandom pe_layer;
    private readonly ModuleList<Embedding> point_embeddings; // outside, inside, first corner, second corner
    private readonly Embedding not_a_point_embed;
    private readonly Sequential mask_downscaling;
    private readonly Embedding no_mask_embed;
    private readonly Sequential? prompt_detail; // of drawn prompts
    private readonly (int Height, int Width) grid;
    private readonly (int Height, int Width) image;

    /// <param name="channels">C</param>
    /// <param name="maskChannels">Channels inside the mask branch.</param>
    /// <param name="grid">Size of the image embedding.</param>
    /// <param name="image">Size of the padded image.</param>
    /// <param name="drawsPrompts">Whether the mask branch reads all prompts, drawn as maps, instead of the mask alone.</param>
    public PromptEncoder(int channels, int maskChannels, (int Height, int Width) grid, (int Height, int Width) image, bool drawsPrompts = false)
        : base(nameof(PromptEncoder))
    {
        this.grid = grid;
        this.image = image;
        var maps = drawsPrompts ? PromptMaps.Channels : 1;
        pe_layer = new PositionEmbeddingRandom(channels / 2);
        point_embeddings = new([.. Enumerable.Range(0, 4).Select(_ => nn.Embedding(1, channels))]);
        not_a_point_embed = nn.Embedding(1, channels);
        mask_downscaling = nn.Sequential(
            nn.Conv2d(maps, maskChannels / 4, 2, stride: 2),
            new LayerNorm2d(maskChannels / 4),
            nn.GELU(),
            nn.Conv2d(maskChannels / 4, maskChannels, 2, stride: 2),
            new LayerNorm2d(maskChannels),
            nn.GELU(),
            nn.Conv2d(maskChannels, channels, 1));
        no_mask_embed = nn.Embedding(1, channels);
        prompt_detail = drawsPrompts
            ? nn.Sequential(nn.Conv2d(maps, channels / 8, 3, padding: 1), new LayerNorm2d(channels / 8), nn.GELU(), nn.Conv2d(channels / 8, channels / 8, 3, padding: 1))
            : null;
        RegisterComponents();
    }

    /// <summary>Positional code of the image embedding, [1, C, grid, grid]; the same for every image.</summary>
    public Tensor DensePositions() => pe_layer.Grid(grid.Height, grid.Width);

    /// <summary>Encodes prompts.</summary>
    public PromptEmbedding Encode(SamPrompts prompts)
    {
        using var scope = NewDisposeScope();
        var tokens = new List<Tensor>();
        if (prompts.Points is not null)
        {
            tokens.Add(Points(prompts.Points, prompts.Labels!, isAlone: prompts.Boxes is null));
        }

        if (prompts.Boxes is not null)
        {
            tokens.Add(Corners(prompts.Boxes));
        }

        var weight = no_mask_embed.weight!;
        var sparse = tokens.Count switch
        {
            0 => empty([prompts.Masks?.size(0) ?? 1, 0, weight.size(1)], device: weight.device),
            1 => tokens[0],
            _ => cat(tokens, 1),
        };
        var (dense, detail) = Dense(prompts);
        return new(sparse.MoveToOuterDisposeScope(), dense.MoveToOuterDisposeScope(), detail?.MoveToOuterDisposeScope());
    }

    private (Tensor Dense, Tensor? Detail) Dense(SamPrompts prompts)
    {
        using var scope = NewDisposeScope();
        var none = no_mask_embed.weight!.view(1, -1, 1, 1);
        if (prompt_detail is null)
        {
            var dense = prompts.Masks is null ? none : mask_downscaling.call(prompts.Masks);
            return (dense.MoveToOuterDisposeScope(), null);
        }

        var maps = PromptMaps.Draw(prompts, (4 * grid.Height, 4 * grid.Width), image, none.device);
        var drawn = mask_downscaling.call(maps);
        return ((prompts.Masks is null ? drawn + none : drawn).MoveToOuterDisposeScope(), prompt_detail.call(maps).MoveToOuterDisposeScope());
    }

    private Tensor Points(Tensor points, Tensor labels, bool isAlone)
    {
        using var scope = NewDisposeScope();
        points = points + 0.5; // the middle of the pixel
        labels = labels.to(points.dtype);
        if (isAlone)
        {
            points = cat([points, zeros(points.size(0), 1, 2, device: points.device)], 1);
            labels = cat([labels, full(labels.size(0), 1, -1f, device: labels.device)], 1);
        }

        labels = labels.unsqueeze(-1);
        var code = pe_layer.Encode(points, image);
        code = where(labels == -1, not_a_point_embed.weight!, code);
        code = code + ((labels == 0).to(code.dtype) * point_embeddings[0].weight!);
        return (code + ((labels == 1).to(code.dtype) * point_embeddings[1].weight!)).MoveToOuterDisposeScope();
    }

    private Tensor Corners(Tensor boxes)
    {
        using var scope = NewDisposeScope();
        var corners = pe_layer.Encode((boxes + 0.5).view(-1, 2, 2), image);
        return (corners + cat([point_embeddings[2].weight!, point_embeddings[3].weight!], 0)).MoveToOuterDisposeScope();
    }
}

/// <summary>Positional code by random spatial frequencies (Tancik et al. 2020): sines, then cosines.</summary>
internal sealed class PositionEmbeddingRandom : nn.Module
{
    private readonly Tensor positional_encoding_gaussian_matrix; // [2, C / 2], a buffer

    public PositionEmbeddingRandom(int frequencies)
        : base(nameof(PositionEmbeddingRandom))
    {
        positional_encoding_gaussian_matrix = randn(2, frequencies);
        RegisterComponents();
    }

    /// <summary>Pixels (x, y) in an image of a size: [B, n, 2] -> [B, n, C].</summary>
    public Tensor Encode(Tensor points, (int Height, int Width) image)
    {
        using var scope = NewDisposeScope();
        return Code(points / tensor([(float)image.Width, image.Height], device: points.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Centres of a grid: [1, C, height, width].</summary>
    public Tensor Grid(int height, int width)
    {
        using var scope = NewDisposeScope();
        var device = positional_encoding_gaussian_matrix.device;
        var y = ((arange(height, dtype: ScalarType.Float32, device: device) + 0.5) / height).view(-1, 1).expand(height, width);
        var x = ((arange(width, dtype: ScalarType.Float32, device: device) + 0.5) / width).view(1, -1).expand(height, width);
        return Code(stack([x, y], -1)).permute(2, 0, 1).unsqueeze(0).MoveToOuterDisposeScope();
    }

    private Tensor Code(Tensor unit)
    {
        using var scope = NewDisposeScope();
        var angles = ((2 * unit) - 1).matmul(positional_encoding_gaussian_matrix) * (2 * Math.PI);
        return cat([angles.sin(), angles.cos()], -1).MoveToOuterDisposeScope();
    }
}
