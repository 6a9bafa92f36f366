using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Tokens attend to the image and the image to the tokens (segment_anything/modeling/transformer.py).</summary>
internal sealed class TwoWayTransformer : nn.Module
{
    private readonly ModuleList<TwoWayAttentionBlock> layers;
    private readonly TokenAttention final_attn_token_to_image;
    private readonly LayerNorm norm_final_attn;

    public TwoWayTransformer(int depth, int channels, int heads, int mlpDim)
        : base(nameof(TwoWayTransformer))
    {
        layers = new([.. Enumerable.Range(0, depth).Select(i => new TwoWayAttentionBlock(channels, heads, mlpDim, isFirst: i == 0))]);
        final_attn_token_to_image = new TokenAttention(channels, heads, downsampleRate: 2);
        norm_final_attn = nn.LayerNorm(channels);
        RegisterComponents();
    }

    /// <summary>Runs the blocks.</summary>
    /// <param name="image">[B or 1, L, C]; with 1, the first block's projections of the image are shared by the batch.</param>
    /// <param name="positions">[1 or B, L, C], positional code of the image.</param>
    /// <param name="tokens">[B, n, C], also their own positional code.</param>
    /// <returns>Tokens [B, n, C] and image [B, L, C].</returns>
    public (Tensor Tokens, Tensor Image) Forward(Tensor image, Tensor positions, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (tokens, image);
        foreach (var layer in layers)
        {
            (queries, keys) = layer.Forward(queries, keys, tokens, positions);
        }

        var attended = final_attn_token_to_image.Forward(queries + tokens, keys + positions, keys);
        return (norm_final_attn.call(queries + attended).MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }
}

/// <summary>Self-attention of tokens, tokens to image, MLP on tokens, image to tokens.</summary>
internal sealed class TwoWayAttentionBlock : nn.Module
{
    private readonly TokenAttention self_attn;
    private readonly LayerNorm norm1;
    private readonly TokenAttention cross_attn_token_to_image;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;
    private readonly LayerNorm norm3;
    private readonly LayerNorm norm4;
    private readonly TokenAttention cross_attn_image_to_token;
    private readonly bool isFirst;

    public TwoWayAttentionBlock(int channels, int heads, int mlpDim, bool isFirst)
        : base(nameof(TwoWayAttentionBlock))
    {
        this.isFirst = isFirst;
        self_attn = new TokenAttention(channels, heads, downsampleRate: 1);
        norm1 = nn.LayerNorm(channels);
        cross_attn_token_to_image = new TokenAttention(channels, heads, downsampleRate: 2);
        norm2 = nn.LayerNorm(channels);
        mlp = new MlpBlock(channels, mlpDim, isGelu: false);
        norm3 = nn.LayerNorm(channels);
        norm4 = nn.LayerNorm(channels);
        cross_attn_image_to_token = new TokenAttention(channels, heads, downsampleRate: 2);
        RegisterComponents();
    }

    /// <summary>queries [B, n, C], keys [B or 1, L, C], their positional codes -> both, of batch B.</summary>
    public (Tensor Queries, Tensor Keys) Forward(Tensor queries, Tensor keys, Tensor queryPositions, Tensor keyPositions)
    {
        using var scope = NewDisposeScope();
        if (isFirst)
        {
            queries = self_attn.Forward(queries, queries, queries); // no positional code and no residual here, as published
        }
        else
        {
            var withPositions = queries + queryPositions;
            queries = queries + self_attn.Forward(withPositions, withPositions, queries);
        }

        queries = norm1.call(queries);
        var positioned = keys + keyPositions;
        queries = norm2.call(queries + cross_attn_token_to_image.Forward(queries + queryPositions, positioned, keys));
        queries = norm3.call(queries + mlp.call(queries));
        keys = norm4.call(keys + cross_attn_image_to_token.Forward(positioned, queries + queryPositions, queries));
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }
}

/// <summary>Multi-head attention with projections to fewer channels; one of the two sides is a handful of tokens.</summary>
internal sealed class TokenAttention : nn.Module
{
    private readonly Linear q_proj;
    private readonly Linear k_proj;
    private readonly Linear v_proj;
    private readonly Linear out_proj;
    private readonly long heads;

    public TokenAttention(long channels, int heads, int downsampleRate)
        : base(nameof(TokenAttention))
    {
        this.heads = heads;
        q_proj = nn.Linear(channels, channels / downsampleRate);
        k_proj = nn.Linear(channels, channels / downsampleRate);
        v_proj = nn.Linear(channels, channels / downsampleRate);
        out_proj = nn.Linear(channels / downsampleRate, channels);
        RegisterComponents();
    }

    /// <summary>q [B, n, C], k and v [B, m, C] -> [B, n, C]; a batch of 1 on one side serves the whole batch of the other.</summary>
    public Tensor Forward(Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var queries = Split(q_proj.call(q));
        var scores = (queries * (1 / Math.Sqrt(queries.size(3)))).matmul(Split(k_proj.call(k)).transpose(2, 3)); // [B, heads, n, m]
        var attended = softmax(scores, -1).matmul(Split(v_proj.call(v))).transpose(1, 2); // [B, n, heads, d]
        return out_proj.call(attended.reshape(attended.size(0), attended.size(1), -1)).MoveToOuterDisposeScope();
    }

    // [B, n, C] -> [B, heads, n, C / heads]
    private Tensor Split(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.view(x.size(0), x.size(1), heads, -1).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
