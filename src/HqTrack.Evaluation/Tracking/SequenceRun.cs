using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>The part of a sequence that is tracked: which frames, what is pointed out in them, where the masks go, what is scored.</summary>
internal sealed class SequenceRun
{
    private readonly SequenceScorer? scorer;
    private readonly string? folder;

    /// <summary>Plans the run.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="frames">Image files to track, in order; at least one.</param>
    /// <param name="prompts">Objects to add, by the index in <paramref name="frames"/>.</param>
    /// <param name="scorer">Scores the frames that count; null where the annotation is not public.</param>
    /// <param name="output">Gets SEQUENCE/NNNNN.png; null writes nothing.</param>
    public SequenceRun(VideoSequence sequence, IReadOnlyList<string> frames, IReadOnlyDictionary<int, Prompt> prompts, SequenceScorer? scorer, string? output)
    {
        Sequence = sequence;
        Frames = frames;
        Prompts = prompts;
        this.scorer = scorer;
        folder = output is null ? null : Path.Combine(output, sequence.Name);
    }

    /// <summary>The sequence.</summary>
    public VideoSequence Sequence { get; }

    /// <summary>Image files to track, in order.</summary>
    public IReadOnlyList<string> Frames { get; }

    /// <summary>Objects to add, by the index in <see cref="Frames"/>.</summary>
    public IReadOnlyDictionary<int, Prompt> Prompts { get; }

    /// <summary>Every mask is there from an earlier run.</summary>
    public bool IsWritten => folder is not null && Frames.All(path => File.Exists(Mask(path)));

    /// <summary>Where the masks go: nowhere, or SEQUENCE/NNNNN.png.</summary>
    /// <exception cref="MediaException">The folder cannot be made.</exception>
    public IReadOnlyList<IFrameSink> Sinks() => folder is null ? [] : [new NamedMaskSink(folder, [.. Frames.Select(VideoSequence.FrameName)])];

    /// <summary>Scores the result for frame <paramref name="index"/> of <see cref="Frames"/> where it counts.</summary>
    public void Score(int index, LabelMap labels)
    {
        var name = VideoSequence.FrameName(Frames[index]);
        if (scorer?.Counts(name) == true)
        {
            scorer.Add(name, labels);
        }
    }

    /// <summary>Scores the masks that an earlier run wrote.</summary>
    public SequenceScore? ScoreWritten(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Frames.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (scorer?.Counts(VideoSequence.FrameName(Frames[i])) == true)
            {
                Score(i, IdMaskFile.Read(Mask(Frames[i])));
            }
        }

        return scorer?.Finish();
    }

    /// <summary>The scores, once every frame was tracked; null where nothing is scored.</summary>
    public SequenceScore? Finish() => scorer?.Finish();

    private string Mask(string frame) => Path.Combine(folder!, VideoSequence.FrameName(frame) + ".png");
}
