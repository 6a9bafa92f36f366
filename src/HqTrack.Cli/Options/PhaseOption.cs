using System.CommandLine;
using System.Globalization;
using HqTrack.Training;

namespace HqTrack.Cli.Options;

/// <summary>--phase: the shape of clips for a share of a run, to be repeated.</summary>
internal static class PhaseOption
{
    /// <summary>Makes the option.</summary>
    public static Option<TrainingPhase[]> Create() => new("--phase")
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
}
