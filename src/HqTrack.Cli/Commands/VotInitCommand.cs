using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.RegularExpressions;
using HqTrack.Cli.Options;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>vot init: the entry in trackers.ini by which the VOT toolkit starts this program.</summary>
internal sealed partial class VotInitCommand
{
    private static readonly string[] Paths = ["--weights", "--refiner-weights"];

    private readonly Option<string> output = new("--output", "-o") { Description = "The file; an entry is added to one that is there", HelpName = "FILE", DefaultValueFactory = _ => "trackers.ini" };
    private readonly Option<string> name = new("--name") { Description = "The tracker's name: letters, digits, '_', '-', '.'", HelpName = "NAME", DefaultValueFactory = _ => "hqtrack" };
    private readonly Option<string> protocol = VotCommand.Protocol();
    private readonly Option<int?> wait = Opt.Integer("--toolkit-timeout", "Seconds the toolkit waits for an answer [default: 300]", 1);
    private readonly Terminal terminal;

    private VotInitCommand(Terminal terminal) => this.terminal = terminal;

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var command = new VotInitCommand(terminal);
        command.name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Name().IsMatch(text))
            {
                result.AddError($"--name '{text}' is not usable; expected letters, digits, '_', '-' and '.'");
            }
        });
        var result = new Command("init", "Write trackers.ini for the VOT toolkit; model options go into its command.") { command.output, command.name, command.protocol, command.wait };
        _ = new ModelOptions(result);
        result.SetAction(command.Run);
        return result;
    }

    /// <summary>How this program is started again from any folder.</summary>
    internal static IReadOnlyList<string> Program()
    {
        var assembly = typeof(VotInitCommand).Assembly.Location;
        var host = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        return File.Exists(host) ? [host] : [Environment.ProcessPath ?? "dotnet", assembly];
    }

    /// <summary>Words as a shell would split them again.</summary>
    internal static string Quote(IEnumerable<string> words) =>
        string.Join(' ', words.Select(word => Plain().IsMatch(word) ? word : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));

    private int Run(ParseResult parsed)
    {
        var (path, section, kind) = (parsed.GetValue(output)!, parsed.GetValue(name)!, parsed.GetValue(protocol)!);
        var before = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        if (Regex.IsMatch(before, $@"(?m)^\[{Regex.Escape(section)}\]\s*$"))
        {
            throw new UsageException($"'{path}' has an entry [{section}] already; give another --name, or take the entry out.");
        }

        string[] own = ["--output", "--name", "--protocol", "--toolkit-timeout"];
        var passed = parsed.CommandResult.Children.OfType<OptionResult>()
            .Where(option => !option.Implicit && !own.Contains(option.Option.Name))
            .SelectMany(option => (string[])[option.Option.Name, .. option.Tokens.Select(token => Paths.Contains(option.Option.Name) ? Path.GetFullPath(token.Value) : token.Value)]);
        var entry = $"""
            [{section}]
            label = {section}
            protocol = {kind}
            command = {Quote([.. Program(), "vot", "--protocol", kind, .. passed])}
            timeout = {parsed.GetValue(wait) ?? 300}

            """;
        var gap = before.Length == 0 || before.EndsWith("\n\n", StringComparison.Ordinal) ? string.Empty : before.EndsWith('\n') ? "\n" : "\n\n";
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(before + gap + entry.ReplaceLineEndings("\n")));
        terminal.Out.WriteLine($"{path}: [{section}]");
        return ExitCode.Ok;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9_./:=@%+,-]+\z")]
    private static partial Regex Plain();
}
