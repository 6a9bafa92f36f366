using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace HqTrack.Ops;

/// <summary>Windowed attention on the CPU as a node of the graph. Nothing is saved but the inputs: the weights are computed again.</summary>
internal sealed class LocalAttentionFunction : SingleTensorFunction<LocalAttentionFunction>
{
    private const int Arguments = 8;

    public override string Name => nameof(LocalAttention);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        Tensor q = (Tensor)vars[0], k = (Tensor)vars[1], v = (Tensor)vars[2];
        var bias = (Tensor?)vars[3];
        var arguments = new Saved(
            (int)vars[4], (int)vars[5], (int)vars[6], (double)vars[7], new(q.requires_grad, k.requires_grad, v.requires_grad, bias is { requires_grad: true }));
        ctx.set_materialize_grads(false); // TorchSharp makes the zeros from a tensor that a dispose scope may have freed
        ctx.save_for_backward([q, k, v, bias!]);
        ctx.save_data(nameof(Saved), arguments);
        return LocalAttentionCpu.Forward(q, k, v, bias, arguments.Height, arguments.Width, arguments.Radius, arguments.Scale);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        var gradients = new List<Tensor>(new Tensor[Arguments]);
        if (grad_output.IsInvalid)
        {
            return gradients;
        }

        using var scope = NewDisposeScope();
        using var gradient = grad_output;
        var saved = (Saved)ctx.get_data(nameof(Saved));
        var inputs = ctx.get_saved_variables();
        var (gq, gk, gv, gb) = LocalAttentionCpu.Backward(
            inputs[0], inputs[1], inputs[2], inputs[3], gradient, saved.Height, saved.Width, saved.Radius, saved.Scale, saved.Needed);
        gradients[0] = gq?.MoveToOuterDisposeScope()!;
        gradients[1] = gk?.MoveToOuterDisposeScope()!;
        gradients[2] = gv?.MoveToOuterDisposeScope()!;
        gradients[3] = gb?.MoveToOuterDisposeScope()!;
        return gradients;
    }

    private sealed record Saved(int Height, int Width, int Radius, double Scale, LocalAttentionCpu.Needed Needed);
}
