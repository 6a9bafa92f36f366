using HqTrack.Cli.Commands;

namespace HqTrack.Cli.Doctor;

/// <summary>doctor --json: everything that decides whether and how fast this machine can track.</summary>
/// <param name="Ok">Whether tracking can run here.</param>
/// <param name="Problems">What to act on, one line each; empty when all is well.</param>
internal sealed record DoctorReport(
    bool Ok,
    IReadOnlyList<string> Problems,
    string Version,
    SystemFacts System,
    LibTorchFacts Libtorch,
    CudaFacts Cuda,
    ProgramFacts Ffmpeg,
    IReadOnlyList<ModelReport> Models,
    CacheFacts Cache,
    KernelFacts Kernels);

/// <summary>libtorch and its wrapper.</summary>
/// <param name="Loaded">Whether a tensor can be computed.</param>
/// <param name="Version">Version of libtorch, or null.</param>
/// <param name="Folder">Where it was found, or null.</param>
/// <param name="Wrapper">How the .NET wrapper was loaded, or null.</param>
/// <param name="Error">Why it does not load, or null.</param>
internal sealed record LibTorchFacts(bool Loaded, string? Version, string? Folder, string? Wrapper, string? Error);

/// <summary>CUDA as this libtorch sees it.</summary>
internal sealed record CudaFacts(bool Available, int Devices);

/// <summary>A program on the PATH.</summary>
internal sealed record ProgramFacts(bool Found, string? Path, string? Version);

/// <summary>The per-user cache folder.</summary>
internal sealed record CacheFacts(string Folder, bool Writable, string? Error);

/// <summary>The self-test of the project's own kernels: vector code against scalar code.</summary>
/// <param name="Ok">Every kernel within the tolerance; false where none could run.</param>
/// <param name="VectorBits">Width of the vectors the kernels use here; 0 for scalar code.</param>
/// <param name="Tolerance">Largest relative difference that passes.</param>
/// <param name="Checks">One entry per kernel.</param>
/// <param name="Milliseconds">Time of the whole self-test.</param>
internal sealed record KernelFacts(bool Ok, int VectorBits, double Tolerance, IReadOnlyList<KernelCheck> Checks, double Milliseconds);

/// <summary>One kernel.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="MaxError">Largest relative difference; null where it is not a number.</param>
/// <param name="Ok">Within the tolerance.</param>
internal sealed record KernelCheck(string Name, double? MaxError, bool Ok);
