using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Evaluation.Vot.Trax;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Vot.Trax;

/// <summary>Recorded sessions of the official programs.</summary>
internal static partial class TraxTranscripts
{
    private const string Folder = "eval/trax/";

    /// <summary>Sessions of index.json.</summary>
    public static JsonElement Index() => Json(Folder + "index.json");

    /// <summary>Runs of the toolkit.</summary>
    public static JsonElement ToolkitRuns() => Json(Folder + "vot_evaluate/results.json");

    public static byte[] Bytes(string name, string stream) => File.ReadAllBytes(Goldens.Find($"{Folder}{name}.{stream}.txt"));

    /// <summary>Every session by name, those of the toolkit as vot_evaluate/NAME.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Goldens.Files.Where(file => file.StartsWith(Folder, StringComparison.Ordinal) && file.EndsWith(".stdin.txt", StringComparison.Ordinal)).Select(file => file[Folder.Length..^".stdin.txt".Length])];

    /// <summary>A session's processes: NAME, and NAME_2, NAME_3 where the client started the server again.</summary>
    public static IEnumerable<string> Processes(string name) => Names.Where(other => Regex.IsMatch(other, $"^{Regex.Escape(name)}(_[0-9]+)?$"));

    public static async Task<List<TraxMessage>> MessagesAsync(byte[] bytes)
    {
        var reader = new TraxReader(new MemoryStream(bytes));
        var messages = new List<TraxMessage>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } message)
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>Whether the server is none of the library's: bytes that were written by hand, or the toolkit's run of a tracker that misbehaves.</summary>
    public static bool IsHandWritten(string name) => name.Split('/') is ["vot_evaluate", var run]
        ? ToolkitRuns().GetProperty(Regex.Replace(run, "_[0-9]+$", string.Empty)).GetProperty("section").GetString()!.Contains("odd.py", StringComparison.Ordinal)
        : Index().GetProperty(name).TryGetProperty("hand_written_server", out var value) && value.GetBoolean();

    /// <summary>Lines of the protocol, without what the tracker printed between.</summary>
    public static string Protocol(byte[] bytes) =>
        string.Concat(Encoding.UTF8.GetString(bytes).Split('\n').Where(line => line.StartsWith(TraxMessage.Prefix, StringComparison.Ordinal)).Select(line => line + "\n"));

    /// <summary>The static server of a session of index.json; null for other programs and older protocols.</summary>
    public static (TraxServerOptions Options, StaticTracker Tracker)? StaticServer(JsonElement session) => session.GetProperty("server").GetString() switch
    {
        "static_mot.py" => Python(name => Variable(session, name)),
        "static_native" => Native(name => Variable(session, name)),
        _ => null,
    };

    /// <summary>The static server of a run of the toolkit, from its section of trackers.ini.</summary>
    public static (TraxServerOptions Options, StaticTracker Tracker)? StaticServer(string section)
    {
        string? Setting(string name) => Regex.Match(section, $"(?m)^env_{name} = (.*)$") is { Success: true } match ? match.Groups[1].Value : null;
        return section.Contains("static_mot.py", StringComparison.Ordinal) ? Python(Setting) : section.Contains("static_native", StringComparison.Ordinal) ? Native(Setting) : null;
    }

    private static (TraxServerOptions Options, StaticTracker Tracker) Python(Func<string, string?> variable)
    {
        var options = new TraxServerOptions
        {
            Name = variable("NAME") ?? "static",
            Description = variable("DESC") ?? string.Empty,
            Family = variable("FAM") ?? string.Empty,
            IsMultiObject = variable("MULTI") != "0",
            Regions = (variable("REG") ?? "mask").Split(','),
            Images = [.. (variable("IMG") ?? "path").Split(',').Select(word => Enum.Parse<TraxImageKind>(word, ignoreCase: true))],
            Channels = (variable("CH") ?? "color").Split(','),
            Custom =
            [
                .. new[] { ("vot", variable("META_vot") ?? variable("META_VOT")), ("note", variable("META_note")) }
                    .Where(entry => entry.Item2 is not null).Select(entry => new KeyValuePair<string, string>(entry.Item1, entry.Item2!)),
            ],
        };
        var failsAt = variable("DIE") ?? variable("EXIT");
        return (options, new(variable("CONF") == "1", failsAt is null ? null : int.Parse(failsAt)));
    }

    private static (TraxServerOptions Options, StaticTracker Tracker)? Native(Func<string, string?> variable) => variable("TRAXV") is null or "4"
        ? (new() { Name = "native", Family = "static", Description = "own static tracker", IsMultiObject = variable("MULTI") == "1", Regions = [variable("REGMASK") == "8" ? "mask" : "rectangle"], Images = [TraxImageKind.Path] }, new())
        : null;

    private static string? Variable(JsonElement session, string name) =>
        session.TryGetProperty("env", out var env) && env.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static JsonElement Json(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find(path)));
        return document.RootElement.Clone();
    }
}
