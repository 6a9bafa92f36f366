using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Switches off NNPACK, which libtorch asks about for some convolutions where it runs on one thread. On processors that NNPACK does not
/// know each question prints a warning, thousands in a video, and libtorch's own kernel computes; so it does everywhere now.
/// </summary>
internal static unsafe class NnPack
{
    // at::globalContext(), at::Context::setUserEnabledNNPACK(bool) and at::Context::userEnabledNNPACK() const; TorchSharp wraps none of them.
    private const string Context = "_ZN2at13globalContextEv";
    private const string Setter = "_ZN2at7Context20setUserEnabledNNPACKEb";
    private const string Getter = "_ZNK2at7Context17userEnabledNNPACKEv";

    /// <summary>Switches it off; a libtorch without these symbols stays as it is.</summary>
    /// <param name="libTorch">The loaded libtorch_cpu.</param>
    public static void SwitchOff(nint libTorch)
    {
        if (NativeLibrary.TryGetExport(libTorch, Context, out var context) && NativeLibrary.TryGetExport(libTorch, Setter, out var set))
        {
            ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
        }
    }

    /// <summary>Whether libtorch may use it; null for a libtorch that does not say.</summary>
    public static bool? IsOn(nint libTorch) =>
        NativeLibrary.TryGetExport(libTorch, Context, out var context) && NativeLibrary.TryGetExport(libTorch, Getter, out var get)
            ? ((delegate* unmanaged<nint, byte>)get)(((delegate* unmanaged<nint>)context)()) != 0
            : null;
}
