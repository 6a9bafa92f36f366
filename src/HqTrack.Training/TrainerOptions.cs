namespace HqTrack.Training;

/// <summary>Where a run lives and how often it reports.</summary>
/// <param name="Folder">Output folder; a run in it is continued.</param>
/// <param name="Model">The model's name.</param>
internal sealed record TrainerOptions(string Folder, string Model)
{
    /// <summary>Steps between two lines of the log.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Time between two checkpoints.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Time of the whole run: steps that there is no time for are passed over, so that the rate has decayed at its end. Null takes every step.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The run's state.</summary>
    public string CheckpointPath => Path.Combine(Folder, "checkpoint.safetensors");

    /// <summary>The averaged weights, float16.</summary>
    public string WeightsPath => Path.Combine(Folder, $"{Model}.safetensors");

    /// <summary>The log.</summary>
    public string LogPath => Path.Combine(Folder, "log.jsonl");

    /// <summary>The curves.</summary>
    public string CurvesPath => Path.Combine(Folder, "curves.svg");
}

/// <summary>What a run reports.</summary>
/// <param name="Line">The newest line of the log.</param>
/// <param name="Steps">Steps of the whole run.</param>
internal sealed record TrainingProgress(LogLine Line, long Steps)
{
    /// <summary>Time left at the speed so far.</summary>
    public TimeSpan Left => Line.Step == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Line.Seconds / Line.Step * (Steps - Line.Step));
}
