using System.Globalization;
using HqTrack.Media;

namespace HqTrack;

/// <summary>One object, pointed out by boxes and points. The mask refiner turns them into a mask.</summary>
/// <param name="Id">The object's id, 1..255.</param>
/// <param name="Boxes">Each around a part of the object, all parts together are the object; inside the frame.</param>
/// <param name="Points">Inside or outside the object; inside the frame. Without a box at least one must be inside the object.</param>
public sealed record ObjectPrompt(int Id, IReadOnlyList<Box> Boxes, IReadOnlyList<PromptPoint> Points)
{
    /// <summary>Most points of one object.</summary>
    public const int MaxPoints = 64;

    /// <summary>Most boxes of one object.</summary>
    public const int MaxBoxes = 16;

    /// <summary>Checks the prompt against a frame's size.</summary>
    /// <exception cref="PromptException">Found, expected, what to do.</exception>
    internal void Validate(int width, int height)
    {
        ValidateParts(width, height);
        if (Boxes.Count == 0 && !Points.Any(point => point.IsInside))
        {
            throw new PromptException($"object {Id} has {(Points.Count == 0 ? "neither box nor point" : "only points outside of it")}; add a point on the object or a box around it.");
        }
    }

    /// <summary>Checks that each point and box can be meant, whether or not they say enough together.</summary>
    /// <exception cref="PromptException">Found, expected, what to do.</exception>
    internal void ValidateParts(int width, int height)
    {
        if (Id is < 1 or > LabelMap.MaxId)
        {
            throw new PromptException($"object id {Id} is outside 1..{LabelMap.MaxId}; choose another id.");
        }

        if (Boxes.Count > MaxBoxes || Points.Count > MaxPoints)
        {
            throw new PromptException($"object {Id} has {Boxes.Count} boxes and {Points.Count} points; at most {MaxBoxes} boxes and {MaxPoints} points fit, leave some out.");
        }

        foreach (var box in Boxes)
        {
            if (box.Width < 1 || box.Height < 1)
            {
                throw new PromptException($"object {Id}: box {Text(box)} has no area; expected a width and a height of at least 1.");
            }

            if (box.X < 0 || box.Y < 0 || box.X > width - box.Width || box.Y > height - box.Height)
            {
                throw new PromptException($"object {Id}: box {Text(box)} is not inside the frame of {width}x{height}; expected x,y,width,height in the frame's pixels.");
            }
        }

        foreach (var point in Points)
        {
            if (!double.IsFinite(point.X) || !double.IsFinite(point.Y))
            {
                throw new PromptException($"object {Id}: point {Text(point)} is not a number; expected x,y in the frame's pixels.");
            }

            if (point.X < 0 || point.Y < 0 || point.X >= width || point.Y >= height)
            {
                throw new PromptException($"object {Id}: point {Text(point)} is not inside the frame of {width}x{height}; expected x,y in the frame's pixels.");
            }
        }
    }

    private static string Text(Box box) => $"{box.X},{box.Y},{box.Width},{box.Height}";

    private static string Text(PromptPoint point) => string.Create(CultureInfo.InvariantCulture, $"{point.X},{point.Y}");
}
