using System.Text.Json.Serialization;
using HqTrack.Training.Data;

namespace HqTrack.Training.Refiner;

/// <summary>Every number of a mask refiner's training run. Two runs with the same recipe, data, seed and one thread give the same weights.</summary>
internal sealed record RefinerRecipe : RunRecipe
{
    /// <summary>Side of the network's square, 16 k from 64 on; the weights fit any.</summary>
    public int Size { get; init; } = 512;

    /// <summary>Images of a step.</summary>
    public int Images { get; init; } = 4;

    /// <summary>Most objects of an image that are asked for.</summary>
    public int Objects { get; init; } = 3;

    /// <summary>Images whose objects go through the decoder in one pass, with first prompts of one kind: more is faster where there are many cores to feed, and takes more memory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] // runs begun before there was a choice go on
    public int Group { get; init; }

    /// <summary><see cref="Group"/>, at least 1.</summary>
    [JsonIgnore]
    public int Together => Math.Max(1, Group);

    /// <summary>Share of the images that show what is around one object, as in a close look at it, 0..1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public float Zoom { get; init; }

    /// <summary>What images are made of.</summary>
    public ClipMix Mix { get; init; } = new(Videos: 0.25f, Stills: 0.65f, Scenes: 0.1f);

    /// <summary>How often a box, a click and a coarse mask is the first prompt.</summary>
    public PromptMix Prompts { get; init; } = new();

    /// <summary>This project's recipe for <c>sam-lite</c>.</summary>
    public static RefinerRecipe Lite(long steps) => new() { Steps = steps, Rate = 4e-4, ClipNorm = 1 };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Size >= 64 && Size % 16 == 0, $"images of {Size} pixels, expected 16 k from 64 on; change --size.");
        Require(Images >= 1 && Objects is >= 1 and <= Clip.MaxObjects, $"{Images} images of {Objects} objects, expected at least 1 image and 1 to {Clip.MaxObjects} objects; change --images or --objects.");
        Require(Zoom is >= 0 and <= 1, FormattableString.Invariant($"a share of {Zoom} around one object, expected 0 to 1; change --zoom."));
        Require(Prompts is { Boxes: >= 0, Clicks: >= 0, Masks: >= 0 } && Prompts.Boxes + Prompts.Clicks + Prompts.Masks > 0, "the weights of prompts are below 0 or all 0, expected one above 0; change --prompts.");
    }
}

/// <summary>Weights of the kinds of first prompts.</summary>
/// <param name="Boxes">Default 0.5.</param>
/// <param name="Clicks">Default 0.4.</param>
/// <param name="Masks">Default 0.1.</param>
internal sealed record PromptMix(float Boxes = 0.5f, float Clicks = 0.4f, float Masks = 0.1f);
