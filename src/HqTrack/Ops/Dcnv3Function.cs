using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace HqTrack.Ops;

/// <summary>Deformable convolution v3 on the CPU as a node of the graph; saves its inputs.</summary>
internal sealed class Dcnv3Function : SingleTensorFunction<Dcnv3Function>
{
    public override string Name => nameof(Dcnv3);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        Tensor input = (Tensor)vars[0], offset = (Tensor)vars[1], mask = (Tensor)vars[2];
        var saved = new Saved((Dcnv3Geometry)vars[3], input.requires_grad, offset.requires_grad, mask.requires_grad);
        ctx.set_materialize_grads(false); // TorchSharp makes the zeros from a tensor that a dispose scope may have freed
        ctx.save_for_backward([input, offset, mask]);
        ctx.save_data(nameof(Saved), saved);
        return Dcnv3Cpu.Forward(input, offset, mask, saved.Geometry);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!];
        }

        using var scope = NewDisposeScope();
        using var upstream = grad_output;
        var saved = (Saved)ctx.get_data(nameof(Saved));
        var inputs = ctx.get_saved_variables();
        var (input, offset, mask) = Dcnv3Cpu.Backward(inputs[0], inputs[1], inputs[2], upstream, saved.Geometry, saved.Input);
        return
        [
            input?.MoveToOuterDisposeScope()!,
            saved.Offset ? offset.MoveToOuterDisposeScope() : null!,
            saved.Mask ? mask.MoveToOuterDisposeScope() : null!,
            null!,
        ];
    }

    private sealed record Saved(Dcnv3Geometry Geometry, bool Input, bool Offset, bool Mask);
}
