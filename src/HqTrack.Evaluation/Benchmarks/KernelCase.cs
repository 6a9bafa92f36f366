using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>One kernel at one size: its inputs, itself, and the library operations it stands for.</summary>
/// <param name="Kernel">dcnv3, local_attention or attention.</param>
/// <param name="Name">Where it stands in which model.</param>
/// <param name="Shape">Sizes, for reports.</param>
/// <param name="Flops">Floating-point operations of the definition: what lies outside the grid, and wasted work, do not count.</param>
/// <param name="ReferenceBytes">About the most memory that the reference needs.</param>
/// <param name="Inputs">Makes the inputs.</param>
/// <param name="Own">This project's kernel.</param>
/// <param name="Reference">Composed library operations.</param>
internal sealed record KernelCase(
    string Kernel,
    string Name,
    string Shape,
    double Flops,
    double ReferenceBytes,
    Func<Generator, Tensor[]> Inputs,
    Func<Tensor[], Tensor> Own,
    Func<Tensor[], Tensor> Reference);
