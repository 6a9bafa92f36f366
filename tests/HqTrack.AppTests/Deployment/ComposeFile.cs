using System.Text.RegularExpressions;
using HqTrack.AppTests.Infrastructure;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace HqTrack.AppTests.Deployment;

/// <summary>deploy/compose.yaml as data, with its anchors and merges taken up.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<object, object> root;

    private ComposeFile(Dictionary<object, object> root) => this.root = root;

    /// <summary>Where the deployment's files are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy");

    /// <summary>Names of the services.</summary>
    public IEnumerable<string> Services => ((Dictionary<object, object>)root["services"]).Keys.Cast<string>();

    /// <summary>Names of the volumes.</summary>
    public IEnumerable<string> Volumes => ((Dictionary<object, object>)root["volumes"]).Keys.Cast<string>();

    /// <summary>Variables that the file takes from its surroundings.</summary>
    public static IEnumerable<string> Variables => Variable().Matches(File.ReadAllText(Path.Combine(Folder, "compose.yaml"))).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>Reads the file.</summary>
    public static ComposeFile Read()
    {
        using var text = File.OpenText(Path.Combine(Folder, "compose.yaml"));
        return new(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text))));
    }

    /// <summary>A map of a service; empty where there is none.</summary>
    public Dictionary<string, object> Map(string service, params string[] path) =>
        Find(service, path) is Dictionary<object, object> map ? map.ToDictionary(entry => (string)entry.Key, entry => entry.Value) : [];

    /// <summary>A list of a service; empty where there is none.</summary>
    public List<string> List(string service, params string[] path) => Find(service, path) is List<object> list ? [.. list.Cast<string>()] : [];

    /// <summary>A value of a service; null where there is none.</summary>
    public string? Value(string service, params string[] path) => Find(service, path) as string;

    /// <summary>A service's environment, with variables as given.</summary>
    public Dictionary<string, string> Environment(string service, Func<string, string> variable) =>
        Map(service, "environment").ToDictionary(entry => entry.Key, entry => Variable().Replace((string)entry.Value, match => variable(match.Groups[1].Value)));

    private object? Find(string service, string[] path) => path.Aggregate(Step(root["services"], service), Step);

    private static object? Step(object? from, string name) => from is Dictionary<object, object> map ? map.GetValueOrDefault(name) : null;

    [GeneratedRegex(@"\$\{(\w+):\?[^}]*\}")]
    private static partial Regex Variable();
}
