using System.Security.Cryptography;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Api;

/// <summary>POST .../frames: a single image in one request. The same image sent twice, also at the same time, is one frame.</summary>
internal static class ImageEndpoint
{
    private static readonly string[] Types = ["image/jpeg", "image/png", "image/webp", "image/gif"];

    public static void Map(RouteGroupBuilder api) => api.MapPost("/projects/{project}/frames", AddAsync)
        .WithSummary("Adds an image in one request").Accepts<byte[]>(Types[0], Types[1..]).Produces<UploadDocument>(StatusCodes.Status201Created);

    private static async Task<IResult> AddAsync(string project, string? name, HttpContext http, ProjectStore store, FrameIngest ingest, ServeLimits limits, TimeProvider clock)
    {
        var found = store.Project(project);
        if (!Types.Contains(http.Request.ContentType?.Split(';')[0].Trim()))
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "content-type", "the body is of another type than expected; send an image (image/jpeg, png, webp, gif), and videos through /uploads.");
        }

        var bytes = await http.Request.ReadBodyAsync(limits.ImageBytes).ConfigureAwait(false);
        var request = new UploadRequest(Lookup.CheckFileName(name ?? "image"), bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), clock.GetUtcNow());
        var files = new UploadFiles(found.Folder, UploadFiles.IdOf(request.Name, request.Sha256));
        using var visit = await found.Uploads.EnterAsync(files.Id, http.RequestAborted).ConfigureAwait(false);
        if (files.End() is not { Error: null })
        {
            UploadEndpoints.CheckRoom(found, limits);
            files.Delete();
            files.Write(request);
            await File.WriteAllBytesAsync(files.Data, bytes, http.RequestAborted).ConfigureAwait(false);
            await ingest.RunAsync(found, files.Id, CancellationToken.None).ConfigureAwait(false);
        }

        var document = files.Document();
        return document.Error is { } error ? throw ApiException.Unusable(error) : Results.Created($"/api/projects/{found.Id}/uploads/{files.Id}", document);
    }
}
