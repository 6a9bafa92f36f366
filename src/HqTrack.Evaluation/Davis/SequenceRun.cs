using HqTrack.Evaluation.Datasets;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>The part of a sequence that an evaluation tracks: which frames, which of them are annotated, where the masks go.</summary>
internal sealed class SequenceRun
{
    private readonly SequenceScorer scorer;
    private readonly string? folder;

    /// <summary>Chooses the frames: from the first annotated one on, every n-th, at most so many.</summary>
    /// <exception cref="EvaluationException">The first annotated frame has no image, or too few frames are annotated.</exception>
    public SequenceRun(VideoSequence sequence, DavisEvaluationOptions options)
    {
        Sequence = sequence;
        var first = VideoSequence.FrameName(sequence.AnnotationPaths[0]);
        var frames = sequence.FramePaths.SkipWhile(path => VideoSequence.FrameName(path) != first)
            .Where((_, i) => i % options.Every == 0)
            .Take(options.MaxFrames ?? int.MaxValue);
        Frames = [.. frames];
        if (Frames.Count == 0)
        {
            throw new EvaluationException(
                $"sequence '{sequence.Name}': frame {first}, the first that is annotated, has no image in '{sequence.FrameFolder}'; expected images and annotations of the same names.");
        }

        var tracked = Frames.Select(VideoSequence.FrameName).ToHashSet(StringComparer.Ordinal);
        var isWhole = options is { Every: 1, MaxFrames: null };
        var missing = isWhole ? sequence.AnnotationPaths.FirstOrDefault(path => !tracked.Contains(VideoSequence.FrameName(path))) : null;
        if (missing is not null)
        {
            throw new EvaluationException($"sequence '{sequence.Name}': annotation '{missing}' has no image in '{sequence.FrameFolder}'; expected images and annotations of the same names.");
        }

        scorer = new(sequence, [.. sequence.AnnotationPaths.Where(path => tracked.Contains(VideoSequence.FrameName(path)))], options.Parity);
        folder = options.OutputFolder is null ? null : Path.Combine(options.OutputFolder, sequence.Name);
        FirstMask = sequence.ReadAnnotation(sequence.AnnotationPaths[0]);
    }

    /// <summary>The sequence.</summary>
    public VideoSequence Sequence { get; }

    /// <summary>Image files to track, in order.</summary>
    public IReadOnlyList<string> Frames { get; }

    /// <summary>The objects to track, in the first of these frames.</summary>
    public LabelMap FirstMask { get; }

    /// <summary>Where the masks go: nowhere, or SEQUENCE/NNNNN.png.</summary>
    public IReadOnlyList<IFrameSink> Sinks() => folder is null ? [] : [new NamedMaskSink(folder, [.. Frames.Select(VideoSequence.FrameName)])];

    /// <summary>Scores the result for frame <paramref name="index"/> of <see cref="Frames"/> where it counts.</summary>
    public void Score(int index, LabelMap labels)
    {
        var name = VideoSequence.FrameName(Frames[index]);
        if (scorer.Counts(name))
        {
            scorer.Add(name, labels);
        }
    }

    /// <summary>The scores of masks an earlier run wrote, or null where one is missing.</summary>
    public SequenceScore? TryScoreWritten(CancellationToken cancellationToken)
    {
        if (folder is null || Frames.Any(path => !File.Exists(Mask(path))))
        {
            return null;
        }

        for (var i = 0; i < Frames.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (scorer.Counts(VideoSequence.FrameName(Frames[i])))
            {
                Score(i, IdMaskFile.Read(Mask(Frames[i])));
            }
        }

        return scorer.Finish();
    }

    /// <summary>The scores, once every frame was tracked.</summary>
    public SequenceScore Finish() => scorer.Finish();

    private string Mask(string frame) => Path.Combine(folder!, VideoSequence.FrameName(frame) + ".png");
}
