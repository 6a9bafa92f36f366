using System.CommandLine;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack eval: tracks a dataset and scores it as its official program does, or scores results that are there; and a refiner by simulated prompts.</summary>
internal static class EvalCommand
{
    /// <summary>Makes the command with one command a kind of dataset.</summary>
    public static Command Create(Terminal terminal) => new("eval", "Score a tracker or a refiner on a dataset")
    {
        EvalDatasetCommand.Create(terminal, new EvalDavisOptions()),
        EvalDatasetCommand.Create(terminal, new EvalYouTubeVosOptions()),
        EvalDatasetCommand.Create(terminal, new EvalLvosOptions()),
        EvalDatasetCommand.Create(terminal, new EvalVotsOptions()),
        EvalPromptsCommand.CreateBoxes(terminal),
        EvalPromptsCommand.CreateClicks(terminal),
    };
}
