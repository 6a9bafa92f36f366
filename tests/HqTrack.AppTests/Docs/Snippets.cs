using HqTrack.Media;
using Microsoft.Extensions.DependencyInjection;

namespace HqTrack.AppTests.Docs;

/// <summary>The C# of the documentation as code that compiles: each block of docs/ and README.md stands here line by line.</summary>
internal static class Snippets
{
    public static async Task Stream(CancellationToken cancellationToken)
    {
        using var tracker = HqTracker.Load("lite");
        using var session = tracker.StartSession();
        var video = FrameSource.Open("clip.mp4");
        await foreach (var result in session.TrackAsync(video, cancellationToken))
        {
            var shown = result.Index == 0 ? session.Add(result.Image!, Prompt.Mask(MaskFile.Read("first.png"))) : result;
            MaskFile.Write($"out/{result.Index:D5}.png", shown.Labels);
        }
    }

    public static void Prompts(TrackingSession session, Frame frame, LabelMap late, LabelMap better)
    {
        session.Add(frame, Prompt.Mask(late));               // another object, from this frame on
        session.Correct(1, better);                          // object 1 in the frame tracked last; it stays in the memory
        session.Lock(frame.Index, better);                   // this frame keeps these masks, however often it is tracked
        session.Remove(2);                                   // its id is not used again
    }

    public static void Save(TrackingSession session, HqTracker tracker)
    {
        session.Save("clip.session");
        using var later = tracker.ResumeSession("clip.session");
    }

    public static void Events(TrackedFrame result)
    {
        var events = new ObjectEvents();                     // one for a video
        foreach (var change in events.Add(result))           // for every frame: lost, reappeared, perhaps occluded, ...
        {
            Console.WriteLine($"frame {change.Frame}: object {change.Id} {change.Kind}");
        }
    }

    public static void Services(IServiceCollection services)
    {
        services.AddHqTrack(options => options.MaxSize = 360);
    }

    public static void Readme()
    {
        using var tracker = HqTracker.Load("lite");
        using var session = tracker.StartSession();
        var video = FrameSource.Open("frames");
        foreach (var frame in video.Read())
        {
            var result = frame.Index == 0 ? session.Add(frame, Prompt.Mask(MaskFile.Read("first.png"))) : session.Track(frame);
            MaskFile.Write($"out/{frame.Index:D5}.png", result.Labels);
        }
    }
}
