// Follows an object of a camera's picture and pipes frames with the object drawn over them to a player:
//     LiveCamera /dev/video0 MASK.png | ffplay -f mjpeg -
// The mask is an indexed PNG for the first frame. Any video works in the camera's place.
using HqTrack;
using HqTrack.Media;

if (args is not [var camera, var mask])
{
    Console.Error.WriteLine("usage: LiveCamera CAMERA MASK.png | ffplay -f mjpeg -");
    return 2;
}

using var tracker = HqTracker.Load(options: new HqTrackerOptions { MaxSize = 240 }); // smaller is quicker
using var session = tracker.StartSession();
await using var player = Console.OpenStandardOutput();
await foreach (var result in session.TrackAsync(FrameSource.Open(camera)))
{
    var frame = result.Image!;
    if (session.ObjectIds.Count == 0)
    {
        session.Add(frame, Prompt.Mask(MaskFile.Read(mask, frame.Width, frame.Height)));
    }

    await player.WriteAsync(OverlayImage.Jpeg(frame, result.Labels));
}

return 0;
