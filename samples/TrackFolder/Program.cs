// Tracks the objects of a mask through a folder of frames (or a video file) and writes a mask for each frame.
// usage: TrackFolder FRAMES FIRST_MASK.png OUTPUT
using HqTrack;
using HqTrack.Media;

if (args is not [var frames, var firstMask, var output])
{
    Console.Error.WriteLine("usage: TrackFolder FRAMES FIRST_MASK.png OUTPUT");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, signal) =>
{
    signal.Cancel = true; // the frame at hand is finished
    stop.Cancel();
};

using var tracker = HqTracker.Load();
using var session = tracker.StartSession();
Directory.CreateDirectory(output);
var video = FrameSource.Open(frames);
var first = video.Read().First();
session.Add(first, Prompt.Mask(MaskFile.Read(firstMask, first.Width, first.Height)));
session.Lock(first.Index, MaskFile.Read(firstMask, first.Width, first.Height));
await foreach (var result in session.TrackAsync(video, stop.Token))
{
    MaskFile.Write(Path.Combine(output, $"{result.Index:D5}.png"), result.Labels);
    Console.WriteLine($"frame {result.Index}: {string.Join(", ", result.Objects.Select(entry => $"object {entry.Id} {entry.Area} px {entry.Confidence:0.00}"))}");
}

return 0;
