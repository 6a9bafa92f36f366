using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Measures;
using HqTrack.Media;

namespace HqTrack.Evaluation.Scoring;

/// <summary>Scores one sequence frame by frame, in any order and from any threads: J and F of each object in the frames that count for it.</summary>
internal sealed class SequenceScorer
{
    private readonly VideoSequence sequence;
    private readonly int? highestId;
    private readonly bool parity;
    private readonly Track[] tracks;
    private readonly Dictionary<string, (string Path, List<(Track Track, int Slot)> Objects)> frames = new(StringComparer.Ordinal);
    private int scored;

    /// <summary>Prepares a sequence.</summary>
    /// <param name="sequence">Reads the annotations.</param>
    /// <param name="objects">Each object and the annotations of the frames that count for it, in order.</param>
    /// <param name="highestId">A prediction with a higher id is refused; null takes any.</param>
    /// <param name="parity">Reproduce the official program's one-byte bins (<see cref="MeasureStatistics.Of"/>).</param>
    public SequenceScorer(VideoSequence sequence, IEnumerable<(int Id, IReadOnlyList<string> Annotations)> objects, int? highestId = null, bool parity = false)
    {
        this.sequence = sequence;
        this.highestId = highestId;
        this.parity = parity;
        tracks = [.. objects.Select(entry => new Track(entry.Id, entry.Annotations))];
        foreach (var track in tracks)
        {
            for (var slot = 0; slot < track.Annotations.Count; slot++)
            {
                var name = VideoSequence.FrameName(track.Annotations[slot]);
                if (!frames.TryGetValue(name, out var frame))
                {
                    frames[name] = frame = (track.Annotations[slot], []);
                }

                frame.Objects.Add((track, slot));
            }
        }

        Annotations = [.. frames.Values.Select(frame => frame.Path).Order(StringComparer.Ordinal)];
    }

    /// <summary>Number of objects.</summary>
    public int ObjectCount => tracks.Length;

    /// <summary>Annotations of the frames that count for any object, in order.</summary>
    public IReadOnlyList<string> Annotations { get; }

    /// <summary>Whether a frame, by its name, counts.</summary>
    public bool Counts(string frame) => frames.ContainsKey(frame);

    /// <summary>Scores the prediction of a frame that counts. Ids it lacks are empty masks.</summary>
    /// <exception cref="EvaluationException">The prediction has another size, or an id above the highest.</exception>
    public void Add(string frame, LabelMap predicted)
    {
        var (path, objects) = frames[frame];
        if (predicted.Ids.Max() is var highest && highest > (highestId ?? LabelMap.MaxId))
        {
            throw new EvaluationException(
                $"sequence '{sequence.Name}', frame {frame}: there is an index higher than the number of objects in the sequence: {highest}, expected at most {highestId} as in the first annotation; write masks with the ids of the annotation.");
        }

        var truth = sequence.ReadAnnotation(path);
        if ((truth.Width, truth.Height) != (predicted.Width, predicted.Height))
        {
            throw new EvaluationException(
                $"sequence '{sequence.Name}', frame {frame}: the result is {predicted.Width}x{predicted.Height}, expected {truth.Width}x{truth.Height} like its annotation; write masks of the annotation's size.");
        }

        foreach (var (track, slot) in objects)
        {
            var ofTruth = BitMask.OfId(truth.Ids, truth.Width, (byte)track.Id);
            var ofPrediction = BitMask.OfId(predicted.Ids, predicted.Width, (byte)track.Id);
            track.J[slot] = MaskMeasures.Jaccard(ofTruth, ofPrediction);
            track.F[slot] = MaskMeasures.Contour(ofTruth, ofPrediction).F;
        }

        Interlocked.Increment(ref scored);
    }

    /// <summary>The scores, once every frame that counts was added.</summary>
    /// <exception cref="InvalidOperationException">Frames are missing.</exception>
    public SequenceScore Finish()
    {
        if (scored != Annotations.Count)
        {
            throw new InvalidOperationException($"sequence '{sequence.Name}': {scored} of {Annotations.Count} frames were scored.");
        }

        return new(sequence.Name, Names(Annotations), [.. tracks.Select(track => new ObjectScore(
            $"{sequence.Name}_{track.Id}",
            track.Id,
            Names(track.Annotations),
            track.J,
            track.F,
            MeasureStatistics.Of(track.J, parity),
            MeasureStatistics.Of(track.F, parity)))]);
    }

    private static string[] Names(IReadOnlyList<string> annotations) => [.. annotations.Select(VideoSequence.FrameName)];

    private sealed record Track(int Id, IReadOnlyList<string> Annotations)
    {
        public double[] J { get; } = new double[Annotations.Count];

        public double[] F { get; } = new double[Annotations.Count];
    }
}
