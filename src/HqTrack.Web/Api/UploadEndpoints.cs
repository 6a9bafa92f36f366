using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using HqTrack.Web.Ingest;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Api;

/// <summary>
/// Frames into a project. A file is announced with its length and hash, then sent in pieces; a client that was cut off asks how far it came. The same
/// file announced again is the same upload.
/// </summary>
internal static partial class UploadEndpoints
{
    private const string OffsetHeader = "Upload-Offset";
    private const string PieceType = "application/offset+octet-stream";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/projects/{project}/uploads", Announce).WithSummary("Announces a file: an image, an animation or a video").Produces<UploadDocument>(StatusCodes.Status201Created).Produces<UploadDocument>();
        api.MapGet("/projects/{project}/uploads", List).WithSummary("Uploads of a project").Produces<IReadOnlyList<UploadDocument>>();
        api.MapGet("/projects/{project}/uploads/{upload}", Get).WithSummary("An upload, with the bytes that are here").Produces<UploadDocument>();
        api.MapPatch("/projects/{project}/uploads/{upload}", SendAsync).WithSummary("Sends the bytes from Upload-Offset on").Accepts<byte[]>(PieceType).Produces<UploadDocument>();
        api.MapDelete("/projects/{project}/uploads/{upload}", Delete).WithSummary("Gives an upload up; its frames stay").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult Announce(string project, UploadAnnouncement body, ProjectStore store, ServeLimits limits, TimeProvider clock)
    {
        var found = store.Project(project);
        var name = Lookup.CheckFileName(body.Name);
        if (!Hash().IsMatch(body.Sha256))
        {
            throw ApiException.Invalid("sha256 is not 64 hexadecimal digits.");
        }

        if (body.Size < 1)
        {
            throw ApiException.Invalid($"size is {body.Size}, expected the file's length in bytes.");
        }

        if (body.Size > limits.VideoBytes)
        {
            throw ApiException.TooLarge($"the file is {body.Size} bytes, expected at most {limits.VideoBytes}; cut or compress it.");
        }

        var sha256 = body.Sha256.ToLowerInvariant();
        var files = new UploadFiles(found.Folder, UploadFiles.IdOf(name, sha256));
        using var visit = Enter(found, files.Id);
        if (files.Request() is { } known && files.End() is not { Error: not null })
        {
            return known.Size == body.Size
                ? Results.Ok(files.Document())
                : throw ApiException.Conflict("upload-busy", $"a file of this name and hash was announced with {known.Size} bytes; send those, or delete that upload.");
        }

        CheckRoom(found, limits);
        files.Delete();
        files.Write(new UploadRequest(name, body.Size, sha256, clock.GetUtcNow()));
        return Results.Created($"/api/projects/{found.Id}/uploads/{files.Id}", files.Document());
    }

    private static IEnumerable<UploadDocument> List(string project, ProjectStore store)
    {
        var folder = store.Project(project).Folder;
        return UploadFiles.All(folder).Select(id => new UploadFiles(folder, id)).Where(files => files.Request() is not null).OrderBy(files => files.Request()!.At).Select(files => files.Document());
    }

    private static UploadDocument Get(string project, string upload, ProjectStore store, HttpContext http)
    {
        var document = Find(store.Project(project), upload).Document();
        http.Response.Headers[OffsetHeader] = document.Offset.ToString(CultureInfo.InvariantCulture);
        return document;
    }

    private static async Task<UploadDocument> SendAsync(string project, string upload, HttpContext http, ProjectStore store, IJobQueue queue)
    {
        var found = store.Project(project);
        var files = Find(found, upload);
        if (http.Request.ContentType != PieceType)
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "content-type", $"the body is of another type than expected; send {PieceType}.");
        }

        if (http.Request.Headers[OffsetHeader] is not [{ } text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            throw ApiException.Invalid($"the header {OffsetHeader} is missing or no number; give the bytes sent before.");
        }

        using var visit = Enter(found, files.Id);
        if (files.Request() is not { Size: var size })
        {
            throw ApiException.NotFound("upload"); // deleted since it was found
        }

        if (files.End() is null && files.Offset < size && await AppendAsync(files, offset, size, http).ConfigureAwait(false) == size)
        {
            queue.Enqueue(new(JobKind.Frames, found.Id, files.Id));
        }

        var document = files.Document();
        http.Response.Headers[OffsetHeader] = document.Offset.ToString(CultureInfo.InvariantCulture);
        return document;
    }

    private static async Task<long> AppendAsync(UploadFiles files, long offset, long size, HttpContext http)
    {
        var stream = new FileStream(files.Data, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length != offset)
            {
                throw ApiException.Conflict("upload-offset", $"{stream.Length} bytes are here, the request begins at {offset}; go on from {stream.Length}.");
            }

            http.Request.AllowBody(size - offset);
            stream.Position = offset;
            var buffer = new byte[1 << 16];
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0;)
            {
                if (stream.Position + read > size)
                {
                    throw ApiException.TooLarge($"the file was announced with {size} bytes, and more come.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
            }

            return stream.Length;
        }
    }

    private static IResult Delete(string project, string upload, ProjectStore store)
    {
        var found = store.Project(project);
        var files = Find(found, upload);
        using var visit = Enter(found, files.Id);
        if (!found.Adding.Wait(0))
        {
            throw ApiException.Conflict("upload-busy", "the project's uploads are being decoded; wait for that.");
        }

        try
        {
            files.Delete();
        }
        finally
        {
            found.Adding.Release();
        }

        return Results.NoContent();
    }

    private static UploadFiles Find(Project project, string upload) =>
        UploadFiles.IsId(upload) && new UploadFiles(project.Folder, upload) is var files && files.Request() is not null ? files : throw ApiException.NotFound("upload");

    private static IDisposable Enter(Project project, string upload) =>
        project.Uploads.TryEnter(upload) ?? throw ApiException.Conflict("upload-busy", "another request is sending to this upload; wait for it.");

    /// <summary>Refuses another upload where a project has as many frames, or unfinished uploads, as it may.</summary>
    public static void CheckRoom(Project project, ServeLimits limits)
    {
        if (project.Now.State.FrameCount >= limits.Frames)
        {
            throw ApiException.Conflict("too-many", $"the project has {limits.Frames} frames, which is the limit; make another project.");
        }

        if (UploadFiles.All(project.Folder).Count(id => new UploadFiles(project.Folder, id).End() is null) >= limits.OpenUploads)
        {
            throw ApiException.Conflict("too-many", $"{limits.OpenUploads} uploads are not finished, which is the limit; finish or delete some.");
        }
    }

    [GeneratedRegex("^[0-9a-fA-F]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
