using System.Diagnostics;
using System.Globalization;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>The process's memory, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    private static double earlier; // the highest of the peaks before the last reset

    /// <summary>Most memory that was ever resident at once, in MB of 2^20 bytes, resets or not.</summary>
    public static double PeakEverMegabytes() => Math.Max(Volatile.Read(ref earlier), PeakMegabytes());

    /// <summary>Most memory that was resident at once since <see cref="ResetPeak"/>, in MB of 2^20 bytes: VmHWM on Linux, the peak working set elsewhere.</summary>
    public static double PeakMegabytes()
    {
        const string Status = "/proc/self/status";
        if (File.Exists(Status))
        {
            var line = File.ReadLines(Status).FirstOrDefault(entry => entry.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is not null)
            {
                return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
            }
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / (1024.0 * 1024);
    }

    /// <summary>Lets <see cref="PeakMegabytes"/> start again from what is resident now.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    public static void ResetPeak()
    {
        const string Reset = "/proc/self/clear_refs";
        if (!File.Exists(Reset))
        {
            throw new PlatformNotSupportedException("The peak of a process's memory can only be measured on Linux.");
        }

        Volatile.Write(ref earlier, PeakEverMegabytes());
        File.WriteAllText(Reset, "5");
    }
}
