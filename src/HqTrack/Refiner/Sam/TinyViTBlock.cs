using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Windowed attention, a depthwise convolution, an MLP; all on maps [B, C, H, W] in channels_last memory.</summary>
internal sealed class TinyViTBlock : nn.Module<Tensor, Tensor>
{
    private readonly TinyAttention attn;
    private readonly TinyMlp mlp;
    private readonly ConvBn local_conv;
    private readonly int window;

    public TinyViTBlock(int channels, int heads, int window)
        : base(nameof(TinyViTBlock))
    {
        this.window = window;
        attn = new TinyAttention(channels, channels / heads, heads, (window, window));
        mlp = new TinyMlp(channels, 4 * channels);
        local_conv = new ConvBn(channels, channels, 3, padding: 1, groups: channels);
        RegisterComponents();
    }

    /// <summary>
    /// [B, C, H, W] -> [B, C, H, W]. Padding is added before the norm inside the attention, as published, so it becomes the norm's
    /// bias and takes part in the softmax.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long height = input.size(2), width = input.size(3), channels = input.size(1);
        var x = input.permute(0, 2, 3, 1);
        var attended = attn.call(Windows.Partition(x, window).view(-1, window * window, channels));
        x = x + Windows.Unpartition(attended.view(-1, window, window, channels), height, width);
        x = local_conv.call(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1);
        return (x + mlp.call(x)).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer norm and multi-head attention with a learned bias per absolute offset.</summary>
internal sealed class TinyAttention : nn.Module<Tensor, Tensor>
{
    private readonly Parameter attention_biases; // [heads, offsets]
    private readonly LayerNorm norm;
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly int heads;
    private readonly int depth;
    private readonly long[] offsetOfPair;

    /// <param name="channels">C</param>
    /// <param name="depth">Channels of a head.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="size">Height and width of a window.</param>
    public TinyAttention(int channels, int depth, int heads, (int Height, int Width) size)
        : base(nameof(TinyAttention))
    {
        this.heads = heads;
        this.depth = depth;
        offsetOfPair = OffsetOfPair(size);
        attention_biases = nn.Parameter(zeros(heads, offsetOfPair.Max() + 1));
        norm = nn.LayerNorm(channels);
        qkv = nn.Linear(channels, 3 * depth * heads);
        proj = nn.Linear(depth * heads, channels);
        RegisterComponents();
    }

    /// <summary>
    /// Number of the offset (|dy|, |dx|) of every pair of positions, numbered by first appearance, pairs in row-major order.
    /// </summary>
    public static long[] OffsetOfPair((int Height, int Width) size)
    {
        var positions = (from y in Enumerable.Range(0, size.Height) from x in Enumerable.Range(0, size.Width) select (Y: y, X: x)).ToArray();
        var numbers = new Dictionary<(int, int), long>();
        var result = new List<long>(positions.Length * positions.Length);
        foreach (var from in positions)
        {
            foreach (var to in positions)
            {
                var offset = (Math.Abs(from.Y - to.Y), Math.Abs(from.X - to.X));
                numbers.TryAdd(offset, numbers.Count);
                result.Add(numbers[offset]);
            }
        }

        return [.. result];
    }

    /// <summary>[N, L, C] -> [N, L, C].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long n = input.size(0), length = input.size(1);
        var parts = qkv.call(norm.call(input)).view(n, length, heads, 3 * depth).transpose(1, 2).chunk(3, 3); // each [N, heads, L, D]
        var bias = attention_biases.index_select(1, tensor(offsetOfPair, device: input.device)).view(1, heads, length, length);
        var attended = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], bias.expand(n, -1, -1, -1)); // scales by 1 / sqrt(D)
        return proj.call(attended.transpose(1, 2).reshape(n, length, -1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer norm, two linear layers with GELU between; keys norm, fc1, fc2.</summary>
internal sealed class TinyMlp : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm norm;
    private readonly Linear fc1;
    private readonly Linear fc2;

    public TinyMlp(int channels, int hidden)
        : base(nameof(TinyMlp))
    {
        norm = nn.LayerNorm(channels);
        fc1 = nn.Linear(channels, hidden);
        fc2 = nn.Linear(hidden, channels);
        RegisterComponents();
    }

    /// <summary>[..., C] -> [..., C].</summary>
    public override Tensor forward(Tensor input) => FeedForward.Forward(input, x => fc1.call(norm.call(x)), FeedForward.Gelu, fc2.call);
}
