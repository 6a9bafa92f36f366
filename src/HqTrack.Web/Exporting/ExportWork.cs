using System.IO.Compression;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Exporting;

/// <summary>Writes a project's masks in a format; the result is one file, folders are zipped.</summary>
internal sealed class ExportWork(Project project, TimeProvider clock)
{
    /// <summary>Does the export. It begins anew where an earlier attempt did not end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(string id, CancellationToken cancellation)
    {
        var files = new ExportFiles(project.Folder, id);
        if (files.Request() is not { } request || files.End() is not null)
        {
            return;
        }

        ExportEnd end;
        try
        {
            end = Write(files, request, cancellation);
        }
        catch (MediaException e)
        {
            end = new(null, 0, e.Message);
        }

        files.Write(end);
        project.Events.Send("export", new { id, state = end.Error is null ? "done" : "failed", at = clock.GetUtcNow() });
    }

    private ExportEnd Write(ExportFiles files, ExportRequest request, CancellationToken cancellation)
    {
        if (Directory.Exists(files.Work))
        {
            Directory.Delete(files.Work, recursive: true);
        }

        AtomicFile.CreateFolder(files.Work);
        var kind = ExportFormats.Find(request.Format) ?? throw new MediaException($"the format '{request.Format}' is not known here, expected one of {ExportFormats.Names}; this server is older than the one that took the order.");
        var state = new EditHistory(Journal.Read(project.Folder.Journal).Take(request.Revision)).State;
        var frames = new ProjectFrames(project.Folder, state);
        var source = new ProjectSource(project.Id, frames, state);
        using (var export = kind.Open(new(files.Work, source) { Names = state.Objects.ToDictionary(entry => entry.Key, entry => entry.Value.Name) }))
        {
            for (var index = 0; index < state.FrameCount; index++)
            {
                cancellation.ThrowIfCancellationRequested();
                var frame = frames.Load(index);
                var composed = project.Masks.Compose(state, index);
                export.Write(frame, new(index, composed.Labels, [.. composed.Objects.Select(entry => new TrackedObject(entry.Id, entry.Area, entry.Box, entry.Confidence, false))]) { Timestamp = frame.Timestamp });
            }

            export.Close();
        }

        return Finish(files, kind);
    }

    private static ExportEnd Finish(ExportFiles files, ExportKind kind)
    {
        var work = Path.Combine(files.Work, ExportTarget.WorkFolder);
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        string name;
        if (Directory.GetFileSystemEntries(files.Work) is [var only] && File.Exists(only))
        {
            name = Path.GetFileName(only);
            File.Move(only, Path.Combine(files.Root, name), overwrite: true);
        }
        else
        {
            name = $"{kind.Name}.zip";
            AtomicFile.Write(Path.Combine(files.Root, name), stream => ZipFile.CreateFromDirectory(files.Work, stream, CompressionLevel.Fastest, includeBaseDirectory: false));
        }

        Directory.Delete(files.Work, recursive: true);
        return new(name, new FileInfo(Path.Combine(files.Root, name)).Length, null);
    }
}
