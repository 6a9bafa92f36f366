using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HqTrack.Cli.Doctor;

/// <summary>The machine.</summary>
/// <param name="Os">Name and version of the operating system.</param>
/// <param name="Platform">Runtime identifier, such as linux-x64.</param>
/// <param name="Support">What this project promises there.</param>
/// <param name="Dotnet">Version of the .NET runtime.</param>
/// <param name="Cpu">The processor's name.</param>
/// <param name="VectorBits">Width of the vectors that .NET uses: 512, 256, 128 or 0.</param>
/// <param name="Cores">Logical processors this process may use.</param>
/// <param name="MemoryMb">Memory this process may use, in MiB.</param>
internal sealed record SystemFacts(string Os, string Platform, string Support, string Dotnet, string Cpu, int VectorBits, int Cores, long MemoryMb)
{
    /// <summary>Looks at this machine.</summary>
    public static SystemFacts Collect()
    {
        var platform = $"{OsName()}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        return new(
            OsDescription(),
            platform,
            SupportOf(platform),
            Environment.Version.ToString(),
            CpuName(),
            Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);
    }

    /// <summary>README's table of platforms.</summary>
    public static string SupportOf(string platform) => platform switch
    {
        "linux-x64" => "supported",
        "osx-arm64" => "builds, untested",
        "win-x64" => "not supported yet: the TorchSharp wrapper does not bind (dotnet/TorchSharp#1567)",
        _ => "not supported: there is no libtorch package for it",
    };

    private static string OsName() => OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "osx" : OperatingSystem.IsWindows() ? "win" : "other";

    // On Linux the distribution decides about libstdc++, so its name is worth more than the kernel's.
    private static string OsDescription() => FieldOf("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription;

    private static string CpuName() => FieldOf("/proc/cpuinfo", "model name", ':')
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string? FieldOf(string file, string key, char separator)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(separator, 2)[^1].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
