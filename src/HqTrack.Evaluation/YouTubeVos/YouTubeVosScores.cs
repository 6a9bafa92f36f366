using HqTrack.Evaluation.Scoring;

namespace HqTrack.Evaluation.YouTubeVos;

/// <summary>
/// J and F over the objects of seen and of unseen categories, and their overall mean, as papers report them. The official scorer runs
/// on a server only, which leaves open how it weighs frames; here an object's value is the mean over its frames after the first.
/// </summary>
/// <param name="Objects">Every object with whether its category is unseen.</param>
internal sealed record YouTubeVosScores(IReadOnlyList<(ObjectScore Score, bool IsUnseen)> Objects)
{
    /// <summary>Region similarity.</summary>
    public SeenUnseen J => SeenUnseen.Of(Objects.Select(entry => (entry.Score.J.Mean, entry.IsUnseen)));

    /// <summary>Contour accuracy.</summary>
    public SeenUnseen F => SeenUnseen.Of(Objects.Select(entry => (entry.Score.F.Mean, entry.IsUnseen)));

    /// <summary>G: the mean of J seen, J unseen, F seen and F unseen; of those that have a value where a kind has no object.</summary>
    public double Overall => new[] { J.Seen, J.Unseen, F.Seen, F.Unseen }.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
