using HqTrack.Cli.Output;
using Spectre.Console;

namespace HqTrack.Cli;

/// <summary>Results go to <see cref="Out"/>, progress and messages to <see cref="Error"/>.</summary>
internal sealed class Terminal
{
    /// <summary>Writes to two streams; a stream that is no terminal gets no colour and no moving bar.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        Out = output;
        Error = error;
        Status = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
    }

    /// <summary>stdout.</summary>
    public TextWriter Out { get; }

    /// <summary>stderr.</summary>
    public TextWriter Error { get; }

    /// <summary>stderr with colours and live displays.</summary>
    public IAnsiConsole Status { get; }

    /// <summary>Writes a report as one JSON document.</summary>
    public void WriteJson<T>(T report) => Out.WriteLine(Json.Serialize(report));

    /// <summary>Writes rows in columns; the last column may be long.</summary>
    public void WriteTable(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var lines = new List<IReadOnlyList<string>> { header };
        lines.AddRange(rows);
        var widths = Enumerable.Range(0, header.Count).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            Out.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Writes "label  value" lines.</summary>
    public void WriteFacts(IEnumerable<(string Label, string Value)> facts)
    {
        var all = facts.ToList();
        var width = all.Max(fact => fact.Label.Length);
        foreach (var (label, value) in all)
        {
            Out.WriteLine($"{label.PadRight(width)}  {value}");
        }
    }
}
