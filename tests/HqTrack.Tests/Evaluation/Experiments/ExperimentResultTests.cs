using HqTrack.Evaluation.Ablations;
using HqTrack.Evaluation.Experiments;

namespace HqTrack.Tests.Evaluation.Experiments;

public sealed class ExperimentResultTests
{
    private static readonly ExperimentResult Result = new(
        [new("j_and_f", 0.6)],
        [
            new("a", [new("j_and_f", 0.5), new("j", 0.4), new("f", 0.6)], [new("1", ["0", "1"], [1, 0.5]), new("2", ["0"], [0])]),
            new("b", [new("j_and_f", 0.9), new("j", 0.8), new("f", 1.0)], [new("1", ["0", "1"], [0.8, 0.8])]),
        ],
        [],
        null,
        []);

    [Fact]
    public void Quality_weighs_objects_then_sequences()
    {
        Assert.Equal((((0.75 + 0) / 2) + 0.8) / 2, Result.Quality, 1e-12);
        Assert.Equal(100, Result.QualityPlot.Count);
        Assert.Equal((((1 + 0) / 2.0) + 1) / 2, Result.QualityPlot[0], 1e-12);  // above 0
        Assert.Equal((((0.5 + 0) / 2) + 0) / 2, Result.QualityPlot[^1], 1e-12); // at 1 of those that reach it
        Assert.InRange(Result.QualityPlot.Average(), Result.Quality - 0.01, Result.Quality + 0.01); // the area
    }

    [Fact]
    public void A_row_has_means_and_the_spread_over_sequences()
    {
        var row = AblationRow.Of(AblationStudy.Gap([5]).Cases[0], Result);
        Assert.Equal(("5", 0.6, 0.2), (row.Value, row.JAndF, Math.Round(row.Std, 12)));
        Assert.Equal(0.6, row.J!.Value, 1e-12);
        Assert.Null(row.Fps);
    }

    [Fact]
    public void The_paper_s_studies_have_their_settings()
    {
        Assert.Equal(["5", "none"], AblationStudy.Gap([5, null]).Cases.Select(entry => entry.Value));
        var refiner = AblationStudy.Refiner("sam-lite", null, [0, 0.5], null);
        Assert.Equal(["off", "always", "iou-best:0", "iou-best:0.5", "hqtrack:0", "hqtrack:0.5"], refiner.Cases.Select(entry => entry.Value));
        var options = new HqTrackerOptions();
        refiner.Cases[^1].Configure(options);
        Assert.Equal(("sam-lite", "hqtrack:0.5", "every"), (options.Refiner, options.Gate!.ToString(), options.Refine!.ToString()));
        AblationStudy.Gap([null]).Cases[0].Configure(options);
        Assert.Equal(AblationStudy.ReferenceOnly, options.MemoryGap);
        var choices = AblationStudy.TestTime([240], [6]);
        Assert.Equal(["default", "size:240", "bound:6", "flip"], choices.Cases.Select(entry => entry.Value));
        HqTrackerOptions Of(int row)
        {
            var chosen = new HqTrackerOptions();
            choices.Cases[row].Configure(chosen);
            return chosen;
        }

        Assert.Equal((480, null, false), (Of(0).MaxSize, Of(0).MemoryBound, Of(0).TestTimeFlip)); // each choice alone
        Assert.Equal((240, null, false), (Of(1).MaxSize, Of(1).MemoryBound, Of(1).TestTimeFlip));
        Assert.Equal((480, 6, false), (Of(2).MaxSize, Of(2).MemoryBound, Of(2).TestTimeFlip));
        Assert.Equal((480, null, true), (Of(3).MaxSize, Of(3).MemoryBound, Of(3).TestTimeFlip));
        var components = AblationStudy.Components(AblationStudy.ComponentModels, "weights");
        Assert.Equal([0.611, null, null, 0.65], components.Cases.Select(entry => AblationRow.Of(entry, Result).Paper));
        components.Cases[1].Configure(options);
        Assert.Equal(Path.Combine("weights", "ablation-residual-ms.safetensors"), options.WeightsPath);
    }
}
