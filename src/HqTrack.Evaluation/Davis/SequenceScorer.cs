using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Measures;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>
/// Scores one sequence frame by frame, in any order and from any threads, as the semi-supervised evaluation of davis2017-evaluation
/// does: ids 1..n of the first annotation, n its highest; the first and the last frame do not count; ids of the annotation
/// that appear later, and void, are background.
/// </summary>
internal sealed class SequenceScorer
{
    private readonly VideoSequence sequence;
    private readonly Dictionary<string, int> slots;
    private readonly double[][] j;
    private readonly double[][] f;
    private readonly bool parity;
    private int scored;

    /// <summary>Prepares a sequence.</summary>
    /// <param name="sequence">The sequence; its first annotation is read.</param>
    /// <param name="annotations">The annotations that take part, in order; null for all. The first and the last do not count.</param>
    /// <param name="parity">Reproduce the official program's one-byte bins (<see cref="MeasureStatistics.Of"/>).</param>
    /// <exception cref="EvaluationException">Fewer than three annotations, of which none would count, or no object in the first.</exception>
    public SequenceScorer(VideoSequence sequence, IReadOnlyList<string>? annotations = null, bool parity = false)
    {
        this.sequence = sequence;
        this.parity = parity;
        annotations ??= sequence.AnnotationPaths;
        if (annotations.Count < 3)
        {
            throw new EvaluationException($"sequence '{sequence.Name}' has {annotations.Count} annotated frames, expected at least 3: the first and the last do not count; leave the sequence out.");
        }

        Annotations = [.. annotations.Skip(1).SkipLast(1)];
        ObjectCount = sequence.ReadAnnotation(annotations[0]).Ids.Max();
        if (ObjectCount == 0)
        {
            throw new EvaluationException($"sequence '{sequence.Name}': the first annotation '{annotations[0]}' shows no object, expected ids from 1 on; leave the sequence out.");
        }

        slots = Annotations.Select((path, slot) => (path, slot)).ToDictionary(entry => VideoSequence.FrameName(entry.path), entry => entry.slot, StringComparer.Ordinal);
        j = NewTable();
        f = NewTable();
    }

    /// <summary>Number of objects: the highest id of the first annotation.</summary>
    public int ObjectCount { get; }

    /// <summary>Annotations of the frames that count, in order.</summary>
    public IReadOnlyList<string> Annotations { get; }

    /// <summary>Whether a frame, by its name, counts.</summary>
    public bool Counts(string frame) => slots.ContainsKey(frame);

    /// <summary>Scores the prediction of a frame that counts. Ids it lacks are empty masks.</summary>
    /// <exception cref="EvaluationException">The prediction has another size, or an id above the number of objects.</exception>
    public void Add(string frame, LabelMap predicted)
    {
        var slot = slots[frame];
        var highest = predicted.Ids.Max();
        if (highest > ObjectCount)
        {
            throw new EvaluationException(
                $"sequence '{sequence.Name}', frame {frame}: there is an index higher than the number of objects in the sequence: {highest}, expected at most {ObjectCount} as in the first annotation; write masks with the ids of the annotation.");
        }

        var truth = sequence.ReadAnnotation(Annotations[slot]);
        if ((truth.Width, truth.Height) != (predicted.Width, predicted.Height))
        {
            throw new EvaluationException(
                $"sequence '{sequence.Name}', frame {frame}: the result is {predicted.Width}x{predicted.Height}, expected {truth.Width}x{truth.Height} like its annotation; write masks of the annotation's size.");
        }

        for (var id = 1; id <= ObjectCount; id++)
        {
            var ofTruth = BitMask.OfId(truth.Ids, truth.Width, (byte)id);
            var ofPrediction = BitMask.OfId(predicted.Ids, predicted.Width, (byte)id);
            j[id - 1][slot] = MaskMeasures.Jaccard(ofTruth, ofPrediction);
            f[id - 1][slot] = MaskMeasures.Contour(ofTruth, ofPrediction).F;
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

        return new(sequence.Name, [.. Annotations.Select(VideoSequence.FrameName)], [.. Enumerable.Range(0, ObjectCount).Select(k => new ObjectScore(
            $"{sequence.Name}_{k + 1}", k + 1, j[k], f[k], MeasureStatistics.Of(j[k], parity), MeasureStatistics.Of(f[k], parity)))]);
    }

    private double[][] NewTable() => [.. Enumerable.Range(0, ObjectCount).Select(_ => new double[Annotations.Count])];
}
