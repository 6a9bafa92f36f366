using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Ingest;

/// <summary>Makes frames of uploads. Files go to their places first; the edit in the journal makes them frames, so a kill leaves none half.</summary>
internal sealed class FrameIngest(ServeLimits limits)
{
    /// <summary>Makes frames of an upload that is here whole.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; it begins anew the next time.</exception>
    public async Task RunAsync(Project project, string id, CancellationToken cancellation)
    {
        var files = new UploadFiles(project.Folder, id);
        await project.Adding.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (files.Request() is not { } request || files.End() is not null)
            {
                return;
            }

            UploadEnd end;
            try
            {
                var added = Known(project, request) ?? await AddAsync(project, files.Data, request, cancellation).ConfigureAwait(false);
                end = new(added.First, added.Count, null);
            }
            catch (Exception e) when (e is MediaException or IngestException)
            {
                end = new(null, 0, e.Message.Replace($"'{files.Data}'", $"'{request.Name}'", StringComparison.Ordinal));
            }

            files.Write(end);
            project.Events.Send("upload", new { id, state = end.Error is null ? "done" : "failed", first = end.First, count = end.Count, error = end.Error });
        }
        finally
        {
            project.Adding.Release();
        }
    }

    // Killed between the journal and end.json: the frames are there.
    private static FramesAdded? Known(Project project, UploadRequest request) =>
        project.Now.State.Uploads.Find(upload => upload.Sha256 == request.Sha256 && upload.Name == request.Name);

    private async Task<FramesAdded> AddAsync(Project project, string data, UploadRequest request, CancellationToken cancellation)
    {
        if (await HashAsync(data, cancellation).ConfigureAwait(false) != request.Sha256)
        {
            throw new IngestException($"'{request.Name}' arrived with another SHA-256 than announced; send it again.");
        }

        var state = project.Now.State;
        var target = new FrameTarget(project.Folder, state, limits);
        var added = await Task.Run(() => target.Add(data, request, cancellation), cancellation).ConfigureAwait(false);
        project.Do(null, _ => added);
        return added;
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}

/// <summary>A file that cannot become frames; the message is one line.</summary>
internal sealed class IngestException(string message) : Exception(message);
