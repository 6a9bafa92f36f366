using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;

namespace HqTrack.Cli.Output;

/// <summary>The reference of every command as Markdown, from the commands themselves; docs/cli-reference.md is this text.</summary>
internal static class CommandReference
{
    /// <summary>Writes the reference of a program.</summary>
    public static string Of(Command root)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Command reference\n\nGenerated from the commands; `{root.Name} COMMAND --help` says the same. Files, exit codes and examples: [cli.md](cli.md).\n");
        foreach (var command in root.Subcommands)
        {
            Append(text, command, root.Name);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Command command, string parent)
    {
        var path = $"{parent} {command.Name}";
        var arguments = string.Concat(command.Arguments.Select(argument => $" {argument.Name}"));
        text.Append(CultureInfo.InvariantCulture, $"\n## {path}{arguments}\n\n{Sentence(command.Description)}\n");
        var options = command.Options.Where(option => !option.Hidden && option is not HelpOption).ToList();
        if (command.Arguments.Count + options.Count > 0)
        {
            text.Append("\n| | |\n|---|---|\n");
            foreach (var argument in command.Arguments)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{argument.Name}` | {Cell(argument.Description)} |\n");
            }

            foreach (var option in options)
            {
                var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"`{name}`"));
                var value = option.HelpName is { } help && option.ValueType != typeof(bool) ? $" `{help}`" : string.Empty;
                text.Append(CultureInfo.InvariantCulture, $"| {names}{value} | {Cell(option.Description)}{(option.Required ? " (required)" : string.Empty)} |\n");
            }
        }

        foreach (var sub in command.Subcommands)
        {
            Append(text, sub, path);
        }
    }

    private static string Sentence(string? description) => $"{(description ?? string.Empty).TrimEnd('.')}.";

    private static string Cell(string? description) => (description ?? string.Empty).Replace("|", "\\|", StringComparison.Ordinal);
}
