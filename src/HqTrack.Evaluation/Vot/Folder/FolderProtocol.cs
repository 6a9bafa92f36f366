using System.Globalization;
using System.Text;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot.Folder;

/// <summary>
/// The VOT toolkit's protocol "folder" (vot-toolkit, vot/tracker/folder.py): the working directory holds frames_color.txt, a path a line, and a file
/// query_ID.txt an object (frame number, region, key=value lines); the tracker leaves output_ID.txt, a region a line, "0" where it has none.
/// </summary>
internal static class FolderProtocol
{
    private const string FramesFile = "frames_color.txt";

    /// <summary>Tracks what a folder asks for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tracker">Follows the objects.</param>
    /// <param name="answersBoxes">Write tight boxes instead of masks.</param>
    /// <param name="progress">Told the number of finished frames.</param>
    /// <param name="cancellationToken">Ends the run between two frames; nothing is written then.</param>
    /// <returns>Frames and objects.</returns>
    /// <exception cref="EvaluationException">The folder does not fit; the message names file and line.</exception>
    /// <exception cref="MediaException">A frame cannot be read or an output not written.</exception>
    public static (int Frames, int Objects) Run(string folder, RegionTracker tracker, bool answersBoxes, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var paths = ReadLines(Path.Combine(folder, FramesFile)).Where(line => line.Length > 0).Select(line => Path.Combine(folder, line)).ToArray();
        var queries = FolderQuery.ReadAll(folder, paths.Length);
        var outputs = queries.ToDictionary(query => query.Id, _ => (Regions: new StringBuilder(), Confidences: new StringBuilder()));
        var known = new List<FolderQuery>();
        var source = paths.Length == 0
            ? throw new EvaluationException($"'{Path.Combine(folder, FramesFile)}' names no frame, expected a path a line.")
            : FrameSource.FromFiles(paths);
        foreach (var frame in source.Read(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var added = queries.Where(query => query.Offset == frame.Index).ToArray();
            known.AddRange(added);
            var states = tracker.Track(frame, added.Select(query => query.Region));
            foreach (var (query, state) in queries.Select(query => (query, known.IndexOf(query) is >= 0 and var i ? states[i] : new(Region.Mask.None, 0))))
            {
                outputs[query.Id].Regions.Append(Text(state.Mask, answersBoxes)).Append('\n');
                outputs[query.Id].Confidences.Append(state.Confidence.ToString("F4", CultureInfo.InvariantCulture)).Append('\n');
            }

            progress?.Report(frame.Index + 1);
        }

        foreach (var (id, (regions, confidences)) in outputs)
        {
            AtomicFile.Write(Path.Combine(folder, $"output_{id}_confidence.txt"), Encoding.ASCII.GetBytes(confidences.ToString()));
            AtomicFile.Write(Path.Combine(folder, $"output_{id}.txt"), Encoding.ASCII.GetBytes(regions.ToString()));
        }

        return (paths.Length, queries.Count);
    }

    /// <summary>The lines of a text file, without spaces around them.</summary>
    /// <exception cref="EvaluationException">The file cannot be read.</exception>
    internal static IReadOnlyList<string> ReadLines(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Select(line => line.Trim())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"'{path}' cannot be read, expected the file that the VOT toolkit writes for protocol 'folder'; start in its folder or give --folder DIR.", e);
        }
    }

    private static string Text(Region.Mask mask, bool isBox)
    {
        if (!mask.Pixels.AsSpan().Contains((byte)1))
        {
            return RegionText.Format(new Region.Special(Region.Special.Unknown));
        }

        var (left, top, right, bottom) = mask.Extent();
        return RegionText.Format(isBox ? new Region.Rectangle(mask.X + left, mask.Y + top, right - left + 1, bottom - top + 1) : mask);
    }
}
