using System.Collections.Concurrent;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Finds golden files: under HQTRACK_GOLDENS when set, else in the copy that travels with the tests.</summary>
internal static class Goldens
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    /// <summary>Root folder, laid out as deaot/, eval/, training/ ...</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("HQTRACK_GOLDENS") is { Length: > 0 } chosen
        ? Path.GetFullPath(chosen)
        : Path.Combine(AppContext.BaseDirectory, "goldens");

    /// <summary>Number of different golden files opened by this run so far.</summary>
    public static int FilesRead => Seen.Count;

    /// <summary>Path of one golden file; the test is skipped where the folder does not have it.</summary>
    public static string Find(string relative)
    {
        var path = Path.Combine(Root, relative.Replace('/', Path.DirectorySeparatorChar));
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"no golden {relative} under {Root}");
        Seen[relative] = true;
        return path;
    }

    /// <summary>Golden files matching a pattern such as "deaot/*.safetensors", ordinal order; a run that finds none fails.</summary>
    public static IReadOnlyList<string> Glob(string pattern)
    {
        var folder = Path.Combine(Root, Path.GetDirectoryName(pattern) ?? string.Empty);
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(pattern)) : [];
        Array.Sort(files, StringComparer.Ordinal);
        Assert.True(files.Length > 0, $"no golden matches {pattern} under {Root}");
        foreach (var file in files)
        {
            Seen[Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/')] = true;
        }

        return files;
    }
}
