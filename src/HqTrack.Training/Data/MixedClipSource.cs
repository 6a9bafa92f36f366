namespace HqTrack.Training.Data;

/// <summary>Draws each clip from one of several sources, by weight.</summary>
internal sealed class MixedClipSource : IClipSource
{
    private readonly IClipSource[] _sources;
    private readonly float[] _weights;

    /// <param name="parts">Sources and their weights, which need not sum to 1.</param>
    /// <exception cref="ArgumentException">No source, a negative weight, or none above 0.</exception>
    public MixedClipSource(params IReadOnlyList<(IClipSource Source, float Weight)> parts)
    {
        if (parts.Any(part => !(part.Weight >= 0)) || !parts.Any(part => part.Weight > 0))
        {
            throw new ArgumentException($"weights {string.Join(", ", parts.Select(part => part.Weight))}, expected none below 0 and one above.", nameof(parts));
        }

        _sources = [.. parts.Select(part => part.Source)];
        _weights = [.. parts.Select(part => part.Weight)];
    }

    /// <summary>Every source with its share, as the log prints it.</summary>
    public string Name => string.Join(" + ", _sources.Select((source, i) => FormattableString.Invariant($"{_weights[i] / _weights.Sum():0.00} {source.Name}")));

    public Clip Next(ref Rng rng, ClipShape shape) => _sources[rng.Weighted(_weights)].Next(ref rng, shape);
}
