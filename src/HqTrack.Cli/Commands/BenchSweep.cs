using System.CommandLine;
using System.CommandLine.Parsing;

namespace HqTrack.Cli.Commands;

/// <summary>Options of bench track that each take several values: every combination is a run.</summary>
internal sealed class BenchSweep
{
    private readonly (Option<string> List, string Single)[] axes =
    [
        (Axis("--sizes", "Several sizes, as in 320x180,640x360"), "--size"),
        (Axis("--object-counts", "Several numbers of objects, as in 1,10,30"), "--objects"),
        (Axis("--gaps", "Several gaps of the long-term memory"), "--memory-gap"),
        (Axis("--thread-counts", "Several numbers of threads"), "--threads"),
    ];

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        foreach (var (list, _) in axes)
        {
            command.Options.Add(list);
        }
    }

    /// <summary>Arguments of each run; none where no list was given.</summary>
    /// <exception cref="UsageException">A list and the option of one value were both given.</exception>
    public IReadOnlyList<IReadOnlyList<string>> Runs(ParseResult parsed)
    {
        IEnumerable<string[]> runs = [[]];
        var any = false;
        foreach (var (list, single) in axes)
        {
            if (parsed.GetValue(list)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } values)
            {
                if (Given(parsed).Any(option => option.Option.Name == single))
                {
                    throw new UsageException($"{list.Name} does not go with {single}; give one of them.");
                }

                any = true;
                runs = runs.SelectMany(run => values.Select(value => (string[])[.. run, single, value]));
            }
        }

        return any ? [.. runs] : [];
    }

    /// <summary>The other options, for every run.</summary>
    public IEnumerable<string> Passed(ParseResult parsed)
    {
        string[] own = [.. axes.Select(axis => axis.List.Name), "--output", "--json", "--quiet"];
        return Given(parsed).Where(option => !own.Contains(option.Option.Name)).SelectMany(option => (string[])[option.Option.Name, .. option.Tokens.Select(token => token.Value)]);
    }

    private static IEnumerable<OptionResult> Given(ParseResult parsed) => parsed.CommandResult.Children.OfType<OptionResult>().Where(option => !option.Implicit);

    private static Option<string> Axis(string name, string description) => new(name) { Description = description, HelpName = "LIST" };
}
