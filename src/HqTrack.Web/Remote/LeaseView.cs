using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>What a worker may read: what decides about its run, and nothing else of the project.</summary>
internal sealed class LeaseView(ProjectFolder folder, int run, FolderRun site, RunPlan plan)
{
    private readonly HashSet<string> blobs = [.. plan.Blobs];

    /// <summary>Indices of the frames that the run comes to.</summary>
    public HashSet<int> Frames { get; } = [.. plan.Passes.SelectMany(pass => pass.Frames.Concat(plan.Behind(pass)))];

    /// <summary>What the worker is told first.</summary>
    /// <param name="lease">What it must name.</param>
    /// <exception cref="MediaException">A file of the project is missing or damaged.</exception>
    public LeaseDocument Document(string lease)
    {
        var journal = new StringBuilder();
        foreach (var entry in Journal.Read(folder.Journal).Take(run))
        {
            journal.Append(JsonSerializer.Serialize(entry, Journal.Format)).Append('\n');
        }

        return new(lease, Path.GetFileName(folder.Root), run, journal.ToString(), [.. Layers()], Checkpoint());
    }

    /// <summary>The bytes of a frame that the run comes to.</summary>
    /// <exception cref="ApiException">It does not, or its file is gone.</exception>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public byte[] Frame(int frame)
    {
        if (!Frames.Contains(frame))
        {
            throw ApiException.NotFound("frame in this run");
        }

        try
        {
            return ImageFile.ReadBytes(new ProjectFrames(folder, plan.State).Path(frame));
        }
        catch (MediaException e) when (!File.Exists(new ProjectFrames(folder, plan.State).Path(frame)) && Directory.Exists(folder.Root))
        {
            // Not the disk's fault, which would be waited for.
            throw new ApiException(StatusCodes.Status422UnprocessableEntity, "unusable", $"the file of frame {frame} is not in the project's folder any more; restore it from a backup.", e);
        }
    }

    /// <summary>File of a mask that a person gave.</summary>
    /// <exception cref="ApiException">The run does not need it.</exception>
    public string Blob(string sha256) => blobs.Contains(sha256) ? folder.Blob(sha256) : throw ApiException.NotFound("mask in this run");

    /// <summary>File of the saved session.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public string Session() => site.Checkpoint() is { } made && File.Exists(made.Session) ? made.Session : throw ApiException.NotFound("checkpoint");

    private IEnumerable<LayerDocument> Layers() => FrameLayers.Of(plan.State, site.Results, plan.Request.From).Runs.Select(layer =>
        new LayerDocument(layer.Run, TrackedDocument.Of(site.Results.Frame(layer.Run, plan.Request.From)!, ImageFile.ReadBytes(site.Results.Paths(layer.Run).Mask(plan.Request.From)))));

    private CheckpointDocument? Checkpoint()
    {
        if (site.Checkpoint() is not { } made || !File.Exists(made.Session))
        {
            return null;
        }

        using var session = File.OpenRead(made.Session);
        return new(made.At.Pass, made.At.Frame, Convert.ToHexStringLower(SHA256.HashData(session)));
    }
}
