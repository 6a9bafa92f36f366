using System.Collections.Concurrent;
using System.Reflection;

namespace HqTrack.Tests.Infrastructure;

/// <summary>
/// Finds golden files: under HQTRACK_GOLDENS when set, else in the copy that travels with the tests. A class declares what it reads
/// with <see cref="ReadsGoldensAttribute"/>; files that no class reads yet are listed in goldens-pending.txt.
/// </summary>
internal static class Goldens
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<Type, bool> Readers = new();

    /// <summary>Root folder, laid out as deaot/, eval/, training/ ...</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("HQTRACK_GOLDENS") is { Length: > 0 } chosen
        ? Path.GetFullPath(chosen)
        : Path.Combine(AppContext.BaseDirectory, "goldens");

    /// <summary>Every golden file below the root, relative, '/' between folders, ordinal order; notes (.md) are none.</summary>
    public static IReadOnlyList<string> Files { get; } = Directory.Exists(Root)
        ? [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)).Select(Relative).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>What each test class declares.</summary>
    public static IReadOnlyDictionary<Type, ReadsGoldensAttribute[]> Declared { get; } = typeof(Goldens).Assembly.GetTypes()
        .Select(type => (type, patterns: type.GetCustomAttributes<ReadsGoldensAttribute>().ToArray()))
        .Where(entry => entry.patterns.Length > 0)
        .ToDictionary(entry => entry.type, entry => entry.patterns);

    /// <summary>Golden files opened by this run so far.</summary>
    public static IReadOnlyCollection<string> Read => [.. Seen.Keys];

    /// <summary>Classes that asked for a golden file in this run so far.</summary>
    public static IReadOnlyCollection<Type> Asked => [.. Readers.Keys];

    /// <summary>Path of one golden file, or of a folder of which every file is read; the test is skipped where the root does not have it.</summary>
    public static string Find(string relative)
    {
        var path = Path.Combine(Root, relative.Replace('/', Path.DirectorySeparatorChar));
        if (Directory.Exists(path))
        {
            Note(Files.Where(file => file.StartsWith(relative.TrimEnd('/') + "/", StringComparison.Ordinal)));
            return path;
        }

        Note([relative], exists: File.Exists(path));
        Assert.SkipUnless(File.Exists(path), $"no golden {relative} under {Root}");
        return path;
    }

    /// <summary>Paths of the golden files matching a pattern such as "vmos/engine_*", ordinal order; where there is none the test fails.</summary>
    public static IReadOnlyList<string> Glob(string pattern)
    {
        var regex = ReadsGoldensAttribute.ToRegex(pattern);
        var files = Files.Where(file => regex.IsMatch(file)).ToArray();
        Assert.True(files.Length > 0, $"no golden matches {pattern} under {Root}");
        Note(files);
        return [.. files.Select(file => Path.Combine(Root, file))];
    }

    /// <summary>The files matching a pattern as theory data, to be opened with <see cref="Find"/>.</summary>
    public static TheoryData<string> Cases(string pattern)
    {
        var regex = ReadsGoldensAttribute.ToRegex(pattern);
        return [.. Files.Where(file => regex.IsMatch(file))];
    }

    private static void Note(IEnumerable<string> files, bool exists = true)
    {
        // Fixtures have no class of their own: any class may have declared their files.
        var reader = TestContext.Current.TestClass is { } current ? typeof(Goldens).Assembly.GetType(current.TestClassName) : null;
        var declared = reader is null ? [.. Declared.Values.SelectMany(patterns => patterns)] : Declared.GetValueOrDefault(reader, []);
        if (reader is not null)
        {
            Readers[reader] = true;
        }

        foreach (var file in files)
        {
            Assert.True(
                declared.Any(pattern => pattern.Matches(file)),
                $"{reader?.Name ?? "a fixture"} reads the golden {file} without declaring it; add [ReadsGoldens(\"{file}\")] to the class and take the file out of goldens-pending.txt.");
            if (exists)
            {
                Seen[file] = true;
            }
        }
    }

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');
}
