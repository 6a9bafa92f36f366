using System.CommandLine;
using System.Globalization;
using HqTrack.Training;
using HqTrack.Training.Data;
using HqTrack.Training.Refiner;

namespace HqTrack.Cli.Options;

/// <summary>Options that divide a run into parts.</summary>
internal static class RecipeOptions
{
    private const int MostMinutes = 1_000_000; // two years

    /// <summary>--feedback: from when on the network's own masks are fed back.</summary>
    public static Option<FeedbackRange?> CreateFeedback() => new("--feedback")
    {
        Description = "Shares of the run at which the network's own masks begin to go into memory, and from which only they do [default: the recipe's]",
        HelpName = "FROM:TO",
        CustomParser = result =>
        {
            if (result.Tokens[0].Value.Split(':') is [var first, var second]
                && double.TryParse(first, NumberStyles.Float, CultureInfo.InvariantCulture, out var from)
                && double.TryParse(second, NumberStyles.Float, CultureInfo.InvariantCulture, out var to) && from >= 0 && to >= from)
            {
                return new FeedbackRange(from, to);
            }

            result.AddError($"--feedback '{result.Tokens[0].Value}' is not usable; expected FROM:TO with 0 <= FROM <= TO, such as 0.15:0.5");
            return null;
        },
    };

    /// <summary>--minutes: how long a run may take.</summary>
    public static Option<TimeSpan?> CreateMinutes() => new("--minutes")
    {
        Description = "Time of the run: steps that there is no time for are passed over, so that the rate has decayed at its end",
        HelpName = "X",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= MostMinutes)
            {
                return TimeSpan.FromMinutes(minutes);
            }

            result.AddError($"--minutes '{result.Tokens[0].Value}' is not usable; expected a number above 0 and at most {MostMinutes}");
            return null;
        },
    };

    /// <summary>--mix: how often each kind of clip is drawn.</summary>
    public static Option<ClipMix?> CreateMix() => new("--mix")
    {
        Description = "How often videos, stills and rendered scenes are drawn, such as 5:4:1 [default: the recipe's]",
        HelpName = "VIDEOS:STILLS:SCENES",
        CustomParser = result =>
        {
            var weights = Shares(result.Tokens[0].Value);
            if (weights.Length == 3 && weights.All(weight => weight >= 0) && weights.Any(weight => weight > 0))
            {
                return new ClipMix(weights[0], weights[1], weights[2]);
            }

            result.AddError($"--mix '{result.Tokens[0].Value}' is not usable; expected VIDEOS:STILLS:SCENES, numbers from 0 on, such as 5:4:1");
            return null;
        },
    };

    /// <summary>--prompts: how often a refiner is asked by which kind of prompt first.</summary>
    public static Option<PromptMix?> CreatePrompts() => new("--prompts")
    {
        Description = "How often a box, a click and a coarse mask is the first prompt, such as 5:4:1 [default: the recipe's]",
        HelpName = "BOXES:CLICKS:MASKS",
        CustomParser = result =>
        {
            var weights = Shares(result.Tokens[0].Value);
            if (weights.Length == 3 && weights.All(weight => weight >= 0) && weights.Any(weight => weight > 0))
            {
                return new PromptMix(weights[0], weights[1], weights[2]);
            }

            result.AddError($"--prompts '{result.Tokens[0].Value}' is not usable; expected BOXES:CLICKS:MASKS, numbers from 0 on, such as 5:4:1");
            return null;
        },
    };

    /// <summary>--phase: the shape of clips for a share of a run, to be repeated.</summary>
    public static Option<TrainingPhase[]> CreatePhases() => new("--phase")
    {
        Description = "Share of the steps, clip side (16 k + 1), frames and clips a step, such as 0.75:241:4:4; repeat it for later phases",
        HelpName = "SHARE:SIZE:FRAMES:CLIPS",
        CustomParser = result =>
        {
            var phases = new List<TrainingPhase>();
            foreach (var token in result.Tokens)
            {
                if (token.Value.Split(':') is [var share, var size, var frames, var clips]
                    && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) && int.TryParse(size, out var side)
                    && int.TryParse(frames, out var length) && int.TryParse(clips, out var count))
                {
                    phases.Add(new(part, side, length, count));
                    continue;
                }

                result.AddError($"--phase '{token.Value}' is not usable; expected SHARE:SIZE:FRAMES:CLIPS, such as 0.75:241:4:4");
                return [];
            }

            return [.. phases];
        },
    };

    // -1 for what is not a number.
    private static float[] Shares(string text) =>
        [.. text.Split(':').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) ? weight : -1)];
}

/// <summary>Shares of a run between which the network's own masks come to be fed back.</summary>
internal sealed record FeedbackRange(double From, double To);
