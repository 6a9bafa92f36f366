using System.Text.RegularExpressions;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Every golden file is read by a test that says so, or listed as pending; none is both.</summary>
[Trait("Category", "Golden")]
public sealed class GoldensTests
{
    private static readonly (string Line, Regex Regex)[] Pending =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "goldens-pending.txt"))
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (line, ReadsGoldensAttribute.ToRegex(line))),
    ];

    [Fact]
    public void There_are_golden_files() => Assert.True(Goldens.Files.Count > 0, $"no golden file under {Goldens.Root}");

    [Fact]
    public void Every_file_is_read_or_pending()
    {
        var missing = Goldens.Files.Where(file => !IsRead(file) && !Pending.Any(entry => entry.Regex.IsMatch(file))).ToArray();
        Assert.True(missing.Length == 0, $"{missing.Length} golden files are neither declared by a [ReadsGoldens] nor listed in goldens-pending.txt: {string.Join(", ", missing.Take(10))}");
    }

    [Fact]
    public void No_file_that_is_read_is_still_pending()
    {
        var stale = Pending.Where(entry => Goldens.Files.Any(file => entry.Regex.IsMatch(file) && IsRead(file))).Select(entry => entry.Line).ToArray();
        Assert.True(stale.Length == 0, $"goldens-pending.txt lists files that tests read; take them out: {string.Join(", ", stale)}");
    }

    [Theory]
    [InlineData("vmos/engine_*", "vmos/engine_2obj.safetensors", true)]
    [InlineData("vmos/engine_*", "vmos/sub/engine_2obj.safetensors", false)]
    [InlineData("vmos/*_op.safetensors", "vmos/dcnv3_op.safetensors", true)]
    [InlineData("eval/davis_mini/**", "eval/davis_mini/expected/demo/a.csv", true)]
    [InlineData("eval/davis_mini/**", "eval/davis_minimal/a.csv", false)]
    [InlineData("a.b/c", "aXb/c", false)]
    public void Patterns_match_names_and_folders(string pattern, string file, bool expected) =>
        Assert.Equal(expected, new ReadsGoldensAttribute(pattern).Matches(file));

    [Fact]
    public void A_file_that_is_not_declared_is_refused()
    {
        var refusal = Assert.ThrowsAny<Exception>(() => Goldens.Find("nowhere/undeclared.json"));
        Assert.Contains("[ReadsGoldens(\"nowhere/undeclared.json\")]", refusal.Message);
    }

    private static bool IsRead(string file) => Goldens.Declared.Values.Any(patterns => patterns.Any(pattern => pattern.Matches(file)));
}
