namespace HqTrack.Web.Runs;

/// <summary>An object in a frame, as the tracker left it.</summary>
/// <param name="Id">The object.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Box">Tight box; null without a pixel.</param>
/// <param name="Confidence">0..1.</param>
internal sealed record RunObject(int Id, int Area, Box? Box, double Confidence);

/// <summary>A frame that a run has written: a line of frames.jsonl. The mask is there before the line is.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Objects">Every object that the run follows there.</param>
internal sealed record RunFrame(int Frame, IReadOnlyList<RunObject> Objects)
{
    /// <summary>The line of a frame.</summary>
    public static RunFrame Of(TrackedFrame frame) => new(frame.Index, [.. frame.Objects.Select(entry => new RunObject(entry.Id, entry.Area, entry.Box, Math.Round(entry.Confidence, 4)))]);
}
