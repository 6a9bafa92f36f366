using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>A mask that was made from a prompt.</summary>
/// <param name="Id">The object.</param>
/// <param name="PredictedIou">The network's own estimate of its quality, 0..1 and sometimes a little above; the lowest of several boxes'.</param>
internal sealed record PromptedObject(int Id, double PredictedIou);

/// <summary>
/// Boxes and points to one label map. A box is predicted with the points outside the object and those inside that lie in the box; points inside that lie in
/// no box are predicted as a part of their own. The parts of an object are joined. Where objects overlap, the higher logit wins, then the first object.
/// </summary>
internal static class PromptMasks
{
    /// <summary>Predicts. The prompts must be valid; the image must be set.</summary>
    /// <exception cref="PromptException">An object came out empty.</exception>
    public static (LabelMap Labels, IReadOnlyList<PromptedObject> Objects) Predict(CloseLook image, IReadOnlyList<ObjectPrompt> prompts)
    {
        var (width, height) = image.Size;
        var labels = new LabelMap(width, height);
        var highest = new float[width * height];
        var objects = new List<PromptedObject>();
        foreach (var prompt in prompts)
        {
            var lowest = double.PositiveInfinity;
            foreach (var part in Parts(prompt))
            {
                var (logits, iou) = Predict(image, part);
                lowest = Math.Min(lowest, iou);
                for (var i = 0; i < logits.Length; i++)
                {
                    if (logits[i] > highest[i])
                    {
                        (highest[i], labels.Ids[i]) = (logits[i], (byte)prompt.Id);
                    }
                }
            }

            objects.Add(new(prompt.Id, lowest));
        }

        var found = labels.ObjectIds();
        return prompts.FirstOrDefault(prompt => !found.Contains(prompt.Id)) is { } empty
            ? throw new PromptException($"object {empty.Id}: the refiner finds no object at the prompt, or another object covers it; add points, or draw the box closer.")
            : (labels, objects);
    }

    /// <summary>The network's prompts of one object.</summary>
    public static IReadOnlyList<SamPrompt> Parts(ObjectPrompt prompt)
    {
        var outside = prompt.Points.Where(point => !point.IsInside);
        var parts = prompt.Boxes.Select(box => new SamPrompt(
            [.. prompt.Points.Where(point => point.IsInside && Contains(box, point)), .. outside],
            new Corners(box.X, box.Y, box.X + box.Width - 1, box.Y + box.Height - 1))).ToList();
        var free = prompt.Points.Where(point => point.IsInside && !prompt.Boxes.Any(box => Contains(box, point))).ToList();
        if (free.Count > 0)
        {
            parts.Add(new([.. free, .. outside]));
        }

        return parts;
    }

    private static bool Contains(Box box, PromptPoint point) =>
        point.X >= box.X && point.Y >= box.Y && point.X <= box.X + box.Width - 1 && point.Y <= box.Y + box.Height - 1;

    // Logits at the frame's size, row-major.
    private static (float[] Logits, double Iou) Predict(CloseLook image, SamPrompt prompt)
    {
        using var scope = NewDisposeScope();
        var answer = image.Ask(prompt);
        return (TensorSpan.ToArray<float>(answer.Logits.cpu().contiguous()), answer.Iou);
    }
}
