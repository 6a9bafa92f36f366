namespace HqTrack;

/// <summary>How a tracker is loaded.</summary>
public sealed class HqTrackerOptions
{
    /// <summary>File with the model's weights, .safetensors or .pth (told apart by content); null takes the embedded or imported ones.</summary>
    public string? WeightsPath { get; set; }

    /// <summary>"cpu" (default), "auto", "cuda" or "cuda:N".</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Threads of the tensor library; null takes every core. Process-wide.</summary>
    public int? Threads { get; set; }

    /// <summary>Short side the network works at, in pixels, 32 or more (default 480). Smaller frames are enlarged by the published VMOS models only; masks come back at the frame's size.</summary>
    public int MaxSize { get; set; } = 480;

    /// <summary>Frames between two entries of the long-term memory, 1 or more; null takes the model's.</summary>
    public int? MemoryGap { get; set; }

    /// <summary>Most frames in the long-term memory, 2 or more; null takes the model's.</summary>
    public int? MemoryBound { get; set; }

    /// <summary>Factors of the network's input size, each 0.25 to 4 (default 1 alone). With several, every frame is seen at each and the probabilities are averaged.</summary>
    public IReadOnlyList<double> TestTimeScales { get; set; } = [1];

    /// <summary>Whether every frame is seen mirrored as well (default false). Doubles the time.</summary>
    public bool TestTimeFlip { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSize, 32, nameof(MaxSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryGap ?? 1, 1, nameof(MemoryGap));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBound ?? 2, 2, nameof(MemoryBound));
        ArgumentOutOfRangeException.ThrowIfZero(TestTimeScales.Count, nameof(TestTimeScales));
        foreach (var scale in TestTimeScales)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(scale, 0.25, nameof(TestTimeScales));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, 4, nameof(TestTimeScales));
        }
    }
}
