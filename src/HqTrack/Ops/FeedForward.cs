using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Two layers with an activation between them.</summary>
internal static class FeedForward
{
    private const long BlockRows = 512; // hidden values of this many positions stay in the cache

    /// <summary>GELU (exact); in place where no gradient is recorded.</summary>
    public static Tensor Gelu(Tensor x) => nn.functional.gelu(x, inplace: !is_grad_enabled());

    /// <summary>ReLU; in place where no gradient is recorded.</summary>
    public static Tensor Relu(Tensor x) => nn.functional.relu(x, inplace: !is_grad_enabled());

    /// <summary>second(activation(first(x))), [..., C] -> [..., C]; without gradients a block of positions at a time.</summary>
    /// <param name="input">[..., C]</param>
    /// <param name="first">Layer over the last dimension.</param>
    /// <param name="activation">May work in place.</param>
    /// <param name="second">Layer over the last dimension that gives C channels again.</param>
    public static Tensor Forward(Tensor input, Func<Tensor, Tensor> first, Func<Tensor, Tensor> activation, Func<Tensor, Tensor> second)
    {
        using var scope = NewDisposeScope();
        var rows = input.reshape(-1, input.size(-1));
        if (is_grad_enabled() || rows.size(0) <= BlockRows)
        {
            return second(activation(first(input))).MoveToOuterDisposeScope();
        }

        var result = empty(rows.shape, device: input.device, dtype: input.dtype);
        for (long start = 0; start < rows.size(0); start += BlockRows)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(BlockRows, rows.size(0) - start);
            result.narrow(0, start, count).copy_(second(activation(first(rows.narrow(0, start, count)))));
        }

        return result.view(input.shape).MoveToOuterDisposeScope();
    }
}
