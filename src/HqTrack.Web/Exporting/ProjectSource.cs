using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Exporting;

/// <summary>A project's frames as the exports know a video: for names, size and rate.</summary>
internal sealed class ProjectSource(string id, ProjectFrames frames, ProjectState state) : FrameSource
{
    public override string Name => id;

    public override int? Count => state.FrameCount;

    public override int Width => state.Width;

    public override int Height => state.Height;

    public override double? FramesPerSecond => state.FramesPerSecond;

    public override string FrameName(int index) => frames.Time(index) is null ? frames.Name(index) : base.FrameName(index);

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => Enumerable.Range(0, state.FrameCount).Select(frames.Load);
}
