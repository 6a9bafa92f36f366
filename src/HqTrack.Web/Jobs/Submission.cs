using System.Globalization;
using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Jobs;

/// <summary>What is said of an object in a frame of a video that is submitted.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Object">1..255.</param>
/// <param name="Mask">Its pixels have the object's id; none says that it is not there.</param>
/// <param name="Points">What the mask was predicted from.</param>
/// <param name="Boxes">Likewise.</param>
internal sealed record SubmittedPrompt(int Frame, int Object, LabelMap Mask, IReadOnlyList<PromptPoint> Points, IReadOnlyList<Box> Boxes);

/// <summary>Makes a project of a video with everything said of it, and a run; ready to be queued.</summary>
internal sealed class Submission(string data, ServeLimits limits, TimeProvider clock)
{
    /// <summary>Makes a project.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="files">A video, or images in order.</param>
    /// <param name="direction">Which way is tracked: forward and both from the first prompted frame, backward from the last.</param>
    /// <param name="prompts">Says what the objects are, from the first frame.</param>
    /// <param name="cancellation">Ends the work; nothing is left behind.</param>
    /// <returns>The job.</returns>
    /// <exception cref="IngestException">The video cannot be taken.</exception>
    /// <exception cref="MediaException">A file is damaged, or the disk refuses.</exception>
    public JobTicket Add(string name, IReadOnlyList<string> files, TrackingDirection direction, Func<ProjectFrames, IReadOnlyList<SubmittedPrompt>> prompts, CancellationToken cancellation)
    {
        var run = 0;
        var id = NewProject.Make(ProjectFolder.RootOf(data), name, null, clock, folder =>
        {
            var edits = new List<Edit>();
            var state = ProjectState.Empty;
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                using var content = File.OpenRead(file);
                var request = new UploadRequest(Path.GetFileName(file), content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), clock.GetUtcNow());
                Take(new FrameTarget(folder, state, limits).Add(file, request, cancellation));
            }

            var said = prompts(new ProjectFrames(folder, state));
            foreach (var entry in said.DistinctBy(entry => entry.Object).OrderBy(entry => entry.Object))
            {
                var (red, green, blue) = Palette.Color(entry.Object);
                Take(new ObjectAdded(entry.Object, string.Create(CultureInfo.InvariantCulture, $"Object {entry.Object}"), $"#{red:x2}{green:x2}{blue:x2}"));
            }

            foreach (var entry in said)
            {
                if (entry.Frame >= state.FrameCount)
                {
                    throw new PromptException($"object {entry.Object} is pointed out in frame {entry.Frame}, and '{name}' has {state.FrameCount} frames; check the frame.");
                }

                Take(new PromptSet(entry.Frame, entry.Object, Blobs.Keep(folder, IndexedPng.Encode(entry.Mask)), entry.Mask.Ids.Count(pixel => pixel != 0), entry.Points, entry.Boxes));
            }

            var frames = said.Where(entry => entry.Mask.Ids.Any(pixel => pixel != 0)).Select(entry => entry.Frame).ToList();
            Take(new TrackRequested(direction == TrackingDirection.Backward ? frames.Max() : frames.Min(), null, direction, [.. state.Objects.Keys]));
            run = edits.Count + 1;
            return edits;

            void Take(Edit edit)
            {
                edits.Add(edit);
                state = state.Apply(edit, edits.Count + 1); // the project's creation is the first
            }
        });
        return new(JobKind.Track, id, run.ToString(CultureInfo.InvariantCulture));
    }
}
