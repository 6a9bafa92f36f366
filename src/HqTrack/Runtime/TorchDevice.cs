using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Runtime;

/// <summary>Turns a user's device name into a torch device that exists.</summary>
internal static class TorchDevice
{
    /// <summary>Parses "auto", "cpu", "cuda" or "cuda:N". "auto" is CUDA where libtorch has it, else the CPU.</summary>
    /// <exception cref="NativeRuntimeException">CUDA was asked for and is not available.</exception>
    /// <exception cref="ArgumentException">Not a device name.</exception>
    public static Device Parse(string? name)
    {
        NativeRuntime.EnsureLoaded();
        switch (name)
        {
            case null or "cpu":
                return CPU;
            case "auto":
                return cuda.is_available() ? new Device(DeviceType.CUDA, 0) : CPU;
        }

        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index)))
        {
            throw new ArgumentException($"device '{name}' is not known; expected auto, cpu, cuda or cuda:N.", nameof(name));
        }

        if (!cuda.is_available() || index >= cuda.device_count())
        {
            throw new NativeRuntimeException($"device '{name}' is not available with this libtorch; use --device cpu, or build with -p:TorchBackend=cuda on a machine with an NVIDIA GPU.");
        }

        return new Device(DeviceType.CUDA, index);
    }
}
