using HqTrack.Evaluation.Measures;
using HqTrack.Media;

namespace HqTrack.Evaluation.Demo;

/// <summary>J and F of every object in every frame of a clip; the first frame (given) and the last do not count, as in DAVIS.</summary>
internal sealed class ScoreTable
{
    private readonly double[][] j;
    private readonly double[][] f;

    /// <summary>An empty table.</summary>
    /// <param name="frames">Frames of the clip, 3 or more.</param>
    /// <param name="objects">Objects with the ids 1..n.</param>
    public ScoreTable(int frames, int objects)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 3);
        j = [.. Enumerable.Range(0, objects).Select(_ => new double[frames])];
        f = [.. Enumerable.Range(0, objects).Select(_ => new double[frames])];
    }

    /// <summary>Mean over the objects of (J + F) / 2.</summary>
    public double JAndF => (J + F) / 2;

    /// <summary>Mean J over the objects.</summary>
    public double J => j.Average(MeanOf);

    /// <summary>Mean F over the objects.</summary>
    public double F => f.Average(MeanOf);

    /// <summary>J of an object in every frame, 0..1.</summary>
    public IReadOnlyList<double> JOf(int id) => j[id - 1];

    /// <summary>Mean J and F of an object.</summary>
    public (double J, double F) MeansOf(int id) => (MeanOf(j[id - 1]), MeanOf(f[id - 1]));

    /// <summary>Mean J over the objects in one frame.</summary>
    public double JIn(int frame) => j.Average(values => values[frame]);

    /// <summary>The frame that counts with the lowest mean J.</summary>
    public int HardestFrame => Enumerable.Range(1, j[0].Length - 2).MinBy(JIn);

    /// <summary>Scores one frame.</summary>
    public void Add(int frame, LabelMap truth, LabelMap predicted)
    {
        for (var id = 1; id <= j.Length; id++)
        {
            var (ofTruth, ofPrediction) = (BitMask.OfId(truth.Ids, truth.Width, (byte)id), BitMask.OfId(predicted.Ids, predicted.Width, (byte)id));
            j[id - 1][frame] = MaskMeasures.Jaccard(ofTruth, ofPrediction);
            f[id - 1][frame] = MaskMeasures.Contour(ofTruth, ofPrediction).F;
        }
    }

    private static double MeanOf(double[] values) => MeasureStatistics.Of(values.AsSpan(1..^1)).Mean;
}
