using System.Diagnostics;
using System.Globalization;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>The process's memory, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Most memory that was ever resident at once, in MB of 2^20 bytes: VmHWM on Linux, the peak working set elsewhere.</summary>
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
}
