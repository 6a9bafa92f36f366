using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Remote;

/// <summary>What is checked of that which workers send, before it is kept.</summary>
internal static class RemoteChecks
{
    /// <summary>Frames in one push.</summary>
    public const int MostFrames = 64;

    private const int MostLine = 500;

    /// <summary>The answer to a worker whose run is not its any more.</summary>
    public static ApiException Lost() => new(StatusCodes.Status410Gone, RemoteProblem.Lost, "the run is not this worker's any more: it ended, or the worker was taken for dead; ask for another.");

    /// <summary>The answer to content that was damaged on its way.</summary>
    public static ApiException Damaged() => new(StatusCodes.Status422UnprocessableEntity, RemoteProblem.Damaged, "the bytes do not have the hash they were sent with; send them again.");

    /// <summary>Refuses a push of too many frames, or of none where one should be.</summary>
    /// <exception cref="ApiException">It is such a push.</exception>
    public static void Count(PushDocument push)
    {
        if (push.Frames.Count > MostFrames || push.Frames.Any(frame => frame is null || frame.Objects.Any(entry => entry is null)))
        {
            throw ApiException.Invalid($"{push.Frames.Count} frames in one push, expected at most {MostFrames}, and none of them or of their objects null.");
        }
    }

    /// <summary>Decodes a pushed mask.</summary>
    /// <param name="frame">The pushed frame.</param>
    /// <param name="frames">Frames of the run.</param>
    /// <param name="objects">Objects that the run follows.</param>
    /// <param name="state">The project.</param>
    /// <exception cref="ApiException">It does not fit the run.</exception>
    /// <exception cref="MediaException">The mask is damaged.</exception>
    public static LabelMap Labels(TrackedDocument frame, HashSet<int> frames, IReadOnlyList<int> objects, ProjectState state)
    {
        if (!frames.Contains(frame.Frame))
        {
            throw ApiException.Unusable($"frame {frame.Frame} is not in this run.");
        }

        if (!frame.IsWhole)
        {
            throw Damaged();
        }

        // The size is read from the header before pixels are decoded.
        var name = $"mask of frame {frame.Frame}";
        var header = PngHeader.Read(frame.Mask, name);
        if ((header.Width, header.Height) != (state.Width, state.Height))
        {
            throw ApiException.Unusable($"the {name} is {header.Width}x{header.Height}, expected {state.Width}x{state.Height}.");
        }

        var labels = IndexedPng.Decode(frame.Mask, name);
        var ids = frame.Objects.Select(entry => entry.Id).ToHashSet();
        if (ids.Count != frame.Objects.Count || !ids.IsSubsetOf(objects) || !ids.IsSupersetOf(labels.ObjectIds()) || frame.Objects.Any(entry => entry.Confidence is not (>= 0 and <= 1)))
        {
            throw ApiException.Unusable($"the objects of frame {frame.Frame} are not those of the run and of the mask, each once with a confidence from 0 to 1.");
        }

        return labels;
    }

    /// <summary>Header Repr-Digest of content (RFC 9530).</summary>
    public static string DigestOf(byte[] content) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";

    /// <summary>A text of a worker as one line of bounded length.</summary>
    public static string Line(string? text)
    {
        var line = string.Concat((text ?? "no reason was given").Select(c => Lookup.IsHidden(c) ? ' ' : c)).Trim();
        return line.Length <= MostLine ? line : line[..MostLine];
    }
}
