using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Compares gradients with central differences, in double.</summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>Checks every element of every input.</summary>
    /// <param name="loss">A float64 scalar of the inputs, computed anew at each call.</param>
    /// <param name="inputs">Contiguous float64 tensors.</param>
    /// <param name="tolerance">Largest difference, relative to the input's largest gradient (at least to 1).</param>
    public static void Run(Func<Tensor> loss, Tensor[] inputs, double tolerance)
    {
        using var scope = NewDisposeScope();
        foreach (var x in inputs)
        {
            x.requires_grad_();
        }

        var analytic = autograd.grad([loss()], inputs).Select(TensorSpan.ToArray<double>).ToArray();
        using var grad = no_grad();
        for (var n = 0; n < inputs.Length; n++)
        {
            var values = TensorSpan.Of<double>(inputs[n]);
            var largest = Math.Max(1, analytic[n].Max(Math.Abs));
            for (var i = 0; i < values.Length; i++)
            {
                var kept = values[i];
                values[i] = kept + Step;
                using var above = loss();
                values[i] = kept - Step;
                using var below = loss();
                values[i] = kept;
                var numeric = (above.item<double>() - below.item<double>()) / (2 * Step);
                Assert.True(
                    Math.Abs(numeric - analytic[n][i]) <= tolerance * largest, $"input {n}, element {i}: gradient {analytic[n][i]}, central difference {numeric}");
            }
        }
    }
}
