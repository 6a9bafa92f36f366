using System.Text.RegularExpressions;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Cli.Output;

namespace HqTrack.AppTests.Docs;

/// <summary>The documentation is true: links lead somewhere, C# compiles, commands and options exist, the command reference is current.</summary>
public sealed partial class DocsTests
{
    private static readonly string Root = Repository.Root;

    public static TheoryData<string> Pages => [.. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md")).Append(Path.Combine(Root, "CONTRIBUTING.md")).Select(file => Path.GetRelativePath(Root, file))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var text = File.ReadAllText(Path.Combine(Root, page));
        foreach (Match link in Link().Matches(text))
        {
            var target = link.Groups[1].Value;
            if (target.Contains("://", StringComparison.Ordinal))
            {
                continue;
            }

            var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
            var file = path.Length == 0 ? Path.Combine(Root, page) : Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(page)!, path));
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{page} links to {target}, which is not there");
            Assert.True(anchor is null || File.ReadLines(file).Any(line => line.StartsWith('#') && Anchor(line) == anchor), $"{page} links to {target}, which has no such heading");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void CSharp_compiles(string page)
    {
        var code = Normalized(File.ReadAllLines(Path.Combine(Root, "tests", "HqTrack.AppTests", "Docs", "Snippets.cs")));
        foreach (Match block in Code().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            Assert.Contains(Normalized(block.Groups[1].Value.Split('\n')), code, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_parse(string page)
    {
        var root = CommandLine.Root(new Terminal(TextWriter.Null, TextWriter.Null));
        foreach (var line in File.ReadLines(Path.Combine(Root, page)).Where(line => line.StartsWith("    ", StringComparison.Ordinal)))
        {
            var command = Command().Match(line);
            if (command.Success && !line.Contains("COMMAND", StringComparison.Ordinal))
            {
                var parsed = root.Parse([.. command.Groups[1].Value.Split(" #")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
                Assert.True(parsed.Errors.Count == 0, $"{page}: '{line.Trim()}' does not parse: {string.Join("; ", parsed.Errors.Select(error => error.Message))}");
            }
        }
    }

    [Fact]
    public void The_command_reference_is_current()
    {
        var path = Path.Combine(Root, "docs", "cli-reference.md");
        var reference = CommandReference.Of(CommandLine.Root(new Terminal(TextWriter.Null, TextWriter.Null)));
        if (Environment.GetEnvironmentVariable("HQTRACK_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, reference);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == reference, "docs/cli-reference.md is not what the commands say; run this test with HQTRACK_WRITE_DOCS=1 and commit it.");
    }

    private static string Normalized(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string Anchor(string heading) => string.Concat(heading.TrimStart('#', ' ').ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\s+(?:hqtrack|dotnet run -c Release --project src/HqTrack\.Cli --) ([a-z].*)$")]
    private static partial Regex Command();
}
