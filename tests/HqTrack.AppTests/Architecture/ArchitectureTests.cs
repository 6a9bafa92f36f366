using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace HqTrack.AppTests.Architecture;

/// <summary>Holds the edges of the design: who may see whom, between the assemblies and between the library's folders.</summary>
public sealed class ArchitectureTests
{
    // Each assembly sees those after it.
    private static readonly string[] Assemblies = ["HqTrack.Cli", "HqTrack.Web", "HqTrack.Training", "HqTrack.Evaluation", "HqTrack"];

    // What a folder of the library must not mention: other folders by their name, "" for the types at the library's root, TorchSharp.
    private static readonly (string Folder, string[] Hidden)[] Rules =
    [
        ("Vmos", ["Refiner"]),
        ("Refiner", ["Vmos"]),
        ("Layers", ["", "Vmos", "Refiner", "Weights", "Scenes"]),
        ("Ops", ["", "Vmos", "Refiner", "Layers", "Weights", "Scenes"]),
        ("Runtime", ["", "Vmos", "Refiner", "Layers", "Ops", "Weights", "Media", "Scenes"]),
        ("Media", ["Vmos", "Refiner", "Layers", "Ops", "Weights", "Scenes", "TorchSharp"]),
        ("Scenes", ["", "Vmos", "Refiner", "Layers", "Ops", "Weights", "Runtime", "TorchSharp"]),
    ];

    private static readonly Lazy<IReadOnlySet<TypeReference>> Library = new(() => TypeReferences.Of(PathOf("HqTrack")));

    [Fact]
    public void Assemblies_see_only_those_below_them()
    {
        var seen = 0;
        for (var rank = 0; rank < Assemblies.Length; rank++)
        {
            if (!File.Exists(PathOf(Assemblies[rank])))
            {
                continue; // not part of the application yet
            }

            var own = ReferencedBy(PathOf(Assemblies[rank])).Where(name => name.StartsWith("HqTrack", StringComparison.Ordinal)).ToList();
            Assert.Empty(own.Except(Assemblies[(rank + 1)..]));
            seen += own.Count;
        }

        Assert.True(seen >= 4, "not even the edges of the command line, of training and of evaluation to the library were found");
    }

    public static TheoryData<string, string> Folders => [.. Rules.SelectMany(rule => rule.Hidden.Select(hidden => (rule.Folder, hidden)))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folders_of_the_library_do_not_look_at(string folder, string hidden) => Assert.Empty(Mentions(folder, hidden));

    [Theory]
    [InlineData("Media")]
    [InlineData("Scenes")]
    public void No_path_leads_to_torch_from(string folder)
    {
        var mentions = Library.Value.ToLookup(reference => reference.From, reference => reference.To);
        var reached = Library.Value.Select(reference => reference.From).Where(type => FolderOf(type) == folder).ToHashSet();
        Assert.NotEmpty(reached);
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out var type))
        {
            foreach (var next in mentions[type].Where(reached.Add))
            {
                open.Enqueue(next);
            }
        }

        Assert.DoesNotContain(reached, type => FolderOf(type) == "TorchSharp");
    }

    [Theory]
    [InlineData("", "Vmos")]
    [InlineData("Vmos", "Layers")]
    [InlineData("Vmos", "Ops")]
    [InlineData("Vmos", "TorchSharp")]
    [InlineData("Weights", "Vmos")]
    public void References_that_exist_are_found(string folder, string seen) => Assert.NotEmpty(Mentions(folder, seen));

    [Fact]
    public void References_are_found_in_code_alone()
    {
        // VmosTracker names ImageInput in no signature and no field: only a method's code calls it.
        Assert.Contains(new TypeReference("HqTrack.Vmos.VmosTracker", "HqTrack.Vmos.ImageInput"), Library.Value);
    }

    [Fact]
    public void No_public_type_of_the_library_shows_a_torch_type()
    {
        var shown = typeof(HqTracker).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMembers().Select(member => (type, member)))
            .Where(pair => pair.member.DeclaringType == pair.type && pair.member.ToString()!.Contains("TorchSharp", StringComparison.Ordinal))
            .Select(pair => $"{pair.type.Name}.{pair.member}");
        Assert.Empty(shown);
    }

    private static IEnumerable<string> Mentions(string folder, string hidden) => Library.Value
        .Where(reference => FolderOf(reference.From) == folder && FolderOf(reference.To) == hidden)
        .Select(reference => $"{reference.From} -> {reference.To}");

    private static string? FolderOf(string type)
    {
        var parts = type.Split('.');
        return parts[0] switch
        {
            "TorchSharp" => "TorchSharp",
            "HqTrack" => parts.Length > 2 ? parts[1] : string.Empty,
            _ => null,
        };
    }

    private static IEnumerable<string> ReferencedBy(string path)
    {
        using var image = new PEReader(File.OpenRead(path));
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");
}
