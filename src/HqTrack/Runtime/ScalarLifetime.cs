using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Keeps the native numbers of TorchSharp's scalars for a while after .NET has given them up.
/// </summary>
/// <remarks>
/// In <c>x * 2</c> TorchSharp makes a <c>Scalar</c> and passes its native handle to libtorch; nothing holds the object during the call, so that a collection at that moment frees a number
/// that is being read ("Unknown scalar type", or a wrong result; dotnet/TorchSharp 0.107.0). The more threads and the fewer cores, the likelier. The wrapper's function that frees one
/// is therefore led here (<see cref="NativeCode"/>): numbers are freed some time later, when no operation that began before can be at work.
/// </remarks>
internal static unsafe class ScalarLifetime
{
    private const string Export = "THSTorch_dispose_scalar";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentQueue<(nint Scalar, long Since)> Waiting = new();

    /// <summary>Whether scalars are kept.</summary>
    public static bool IsExtended { get; private set; }

    /// <summary>Whether a number was given up and waits to be freed.</summary>
    /// <param name="scalar">The number's address.</param>
    public static bool Keeps(nint scalar) => Waiting.Any(waiting => waiting.Scalar == scalar);

    /// <summary>Leads the wrapper's function here.</summary>
    /// <param name="wrapper">The loaded libLibTorchSharp.</param>
    public static void Extend(nint wrapper)
    {
        // movabs rax, target; jmp rax
        Span<byte> jump = [0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0];
        MemoryMarshal.Write(jump[2..], (nint)(delegate* unmanaged<nint, void>)&FreeLater);
        IsExtended = NativeCode.Replace(wrapper, Export, jump);
    }

    // TorchSharp makes plain numbers only, so that freeing the memory is all that the wrapper's own function does.
    [UnmanagedCallersOnly]
    private static void FreeLater(nint scalar)
    {
        if (scalar == 0)
        {
            return;
        }

        Waiting.Enqueue((scalar, Stopwatch.GetTimestamp()));
        while (Waiting.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.Since) > Grace && Waiting.TryDequeue(out oldest))
        {
            NativeMemory.Free((void*)oldest.Scalar);
        }
    }
}
