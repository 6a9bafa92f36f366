using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Runtime;

/// <summary>Views and copies of a CPU tensor's memory without element-by-element marshalling.</summary>
internal static class TensorSpan
{
    /// <summary>The memory of a contiguous CPU tensor, valid while the tensor lives.</summary>
    public static Span<T> Of<T>(Tensor tensor)
        where T : unmanaged
    {
        Debug.Assert(tensor.is_contiguous(), "span of a strided tensor");
        Debug.Assert(tensor.device_type == DeviceType.CPU, "span of a tensor that is not in main memory");
        return MemoryMarshal.Cast<byte, T>(tensor.bytes);
    }

    /// <summary>Address of the first element of a contiguous CPU tensor, for kernels that run on several threads.</summary>
    public static unsafe T* Pointer<T>(Tensor tensor)
        where T : unmanaged
    {
        var span = Of<T>(tensor);
        return span.IsEmpty ? null : (T*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
    }

    /// <summary>A copy of the values in row-major order, whatever the tensor's strides and device.</summary>
    public static T[] ToArray<T>(Tensor tensor)
        where T : unmanaged
    {
        using var host = tensor.cpu();
        using var packed = host.contiguous();
        return Of<T>(packed).ToArray();
    }
}
