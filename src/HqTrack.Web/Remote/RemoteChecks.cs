using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Remote;

/// <summary>What is checked of that which workers send, before it is kept.</summary>
internal static class RemoteChecks
{
    private const int MostLine = 500;

    /// <summary>The answer to a worker whose run is not its any more.</summary>
    public static ApiException Lost() => new(StatusCodes.Status410Gone, RemoteProblem.Lost, "the run is not this worker's any more: it ended, or the worker was taken for dead; ask for another.");

    /// <summary>The answer to content that was damaged on its way.</summary>
    public static ApiException Damaged() => new(StatusCodes.Status422UnprocessableEntity, RemoteProblem.Damaged, "the bytes do not have the hash they were sent with; send them again.");

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

    /// <summary>Writes a body of bounded length to a file.</summary>
    /// <exception cref="ApiException">It is longer, or has another hash.</exception>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public static async Task ReceiveAsync(Stream body, string path, string sha256, long most, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = Open(path);
        await using (file.ConfigureAwait(false))
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                if (file.Position + read > most)
                {
                    throw ApiException.TooLarge($"the body is longer than {most} bytes.");
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != sha256)
        {
            throw Damaged();
        }
    }

    /// <summary>Header Repr-Digest of content (RFC 9530).</summary>
    public static string DigestOf(byte[] content) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";

    /// <summary>A text of a worker as one line of bounded length.</summary>
    public static string Line(string? text)
    {
        var line = string.Concat((text ?? "no reason was given").Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= MostLine ? line : line[..MostLine];
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }
}
