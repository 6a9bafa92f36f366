using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using HqTrack.Cli;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Packages;

/// <summary>What people get: packages with documentation, licences and the way to their source, and a tool that runs by itself.</summary>
[Trait("Category", "Long")]
public sealed class PackageTests(PackedRepository packed) : IClassFixture<PackedRepository>
{
    private const long LargestOnNuGet = 250L << 20; // nuget.org's limit
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A"); // kind of the record in portable symbols

    [Theory(Explicit = true)]
    [InlineData("HqTrack", "VMOS")]
    [InlineData("HqTrack.Evaluation", "J&F")]
    [InlineData("HqTrack.Training", "Training")]
    public async Task A_library_says_what_it_is(string name, string described)
    {
        await packed.NeedAsync();
        using var package = ZipFile.OpenRead(packed.PathOf(name));
        AssertFrontMatter(package, name, described);
        Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.dll"));
        var members = XDocument.Parse(Text(package, $"lib/net10.0/{name}.xml")).Descendants("member").ToList();
        Assert.True(members.Count > 20, $"{members.Count} documented members");
        using var symbols = ZipFile.OpenRead(packed.PathOf(name, "snupkg"));
        Assert.Contains($"https://raw.githubusercontent.com/example/hqtrack/{packed.Commit}/*", SourceLinkOf(symbols, $"lib/net10.0/{name}.pdb"), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task The_tool_fits_the_gallery_and_carries_its_own_systems_files_alone()
    {
        await packed.NeedAsync();
        Assert.InRange(new FileInfo(packed.PathOf("HqTrack.Cli")).Length, 1, LargestOnNuGet);
        using var package = ZipFile.OpenRead(packed.PathOf("HqTrack.Cli"));
        AssertFrontMatter(package, "HqTrack.Cli", "command line");
        Assert.Contains("Name=\"hqtrack\"", Text(package, "tools/net10.0/any/DotnetToolSettings.xml"), StringComparison.Ordinal);
        var systems = package.Entries.Where(entry => entry.FullName.Contains("/runtimes/", StringComparison.Ordinal)).Select(entry => entry.FullName.Split('/')[4]).Distinct().ToList();
        Assert.All(systems, system => Assert.StartsWith(OperatingSystem.IsLinux() ? "linux-x64" : OperatingSystem.IsMacOS() ? "osx" : "win-x64", system, StringComparison.Ordinal));
        Assert.NotEmpty(systems);
    }

    [Fact(Explicit = true)]
    public async Task The_tool_installs_without_a_cache_and_runs_the_demo()
    {
        await packed.NeedAsync();
        using var folder = new TempFolder();
        File.WriteAllText(folder["nuget.config"], "<configuration><packageSources><clear /></packageSources></configuration>"); // these packages and nothing else
        var environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = folder["cache"],
            ["DOTNET_CLI_HOME"] = folder["home"],
            ["HQTRACK_CACHE"] = folder["hqtrack"],
        };
        var (code, output) = await PackedRepository.RunAsync(
            folder.Root, environment, "dotnet", "tool", "install", "HqTrack.Cli", "--tool-path", folder["tools"], "--add-source", packed.Packages);
        Assert.True(code == 0, output);
        (code, output) = await PackedRepository.RunAsync(folder.Root, environment, Path.Combine(folder["tools"], "hqtrack"), "demo", "--json", "--quiet");
        Assert.True(code == ExitCode.Ok, output);
        var report = JsonDocument.Parse(output).RootElement; // one document and not a word more
        Assert.True(report.GetProperty("j_and_f").GetDouble() > report.GetProperty("j_and_f_color_baseline").GetDouble(), output);
        Assert.True(File.Exists(folder["out/demo/report.html"]));
    }

    private void AssertFrontMatter(ZipArchive package, string name, string described)
    {
        var metadata = XDocument.Parse(Text(package, $"{name}.nuspec")).Root!.Elements().Single();
        string? Value(string element) => metadata.Elements().SingleOrDefault(entry => entry.Name.LocalName == element)?.Value;
        Assert.Equal((name, "LICENSE", "icon.png", "README.md"), (Value("id"), Value("license"), Value("icon"), Value("readme")));
        Assert.Contains(described, Value("description"), StringComparison.Ordinal);
        var repository = metadata.Elements().Single(entry => entry.Name.LocalName == "repository");
        Assert.Equal(("git", PackedRepository.Address, packed.Commit), (repository.Attribute("type")?.Value, repository.Attribute("url")?.Value, repository.Attribute("commit")?.Value));
        Assert.All(["LICENSE", "NOTICE", "README.md", "icon.png", "weights/LICENSE"], file => Assert.True(package.GetEntry(file)?.Length > 0, file));
    }

    private static string SourceLinkOf(ZipArchive symbols, string file)
    {
        using var content = new MemoryStream();
        using (var stream = symbols.GetEntry(file)!.Open())
        {
            stream.CopyTo(content);
        }

        content.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(content);
        var reader = provider.GetMetadataReader();
        var records = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).Where(record => reader.GetGuid(record.Kind) == SourceLink);
        return string.Concat(records.Select(record => Encoding.UTF8.GetString(reader.GetBlobBytes(record.Value))));
    }

    private static string Text(ZipArchive package, string file)
    {
        using var reader = new StreamReader((package.GetEntry(file) ?? throw new InvalidDataException($"{file} is not in the package")).Open());
        return reader.ReadToEnd();
    }
}
