using System.Globalization;
using HqTrack.Media;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>What decides about a run, copied from its server into a temporary folder of the form that projects have, so that plans are made here as they are there.</summary>
internal sealed class RemoteMirror : IDisposable
{
    private readonly RemoteFolder root = new(RemoteFolder.Parent);
    private readonly ProjectFolder folder;
    private ProjectFrames frames = null!;
    private int sessions;

    /// <summary>Makes an empty one.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public RemoteMirror() => folder = new(root.Path, "project");

    /// <summary>What is to be done.</summary>
    public RunPlan Plan { get; private set; } = null!;

    /// <summary>Where to go on.</summary>
    public (RunCheckpoint At, string Session)? Checkpoint { get; private set; }

    /// <summary>A frame from its file's bytes.</summary>
    /// <exception cref="MediaException">They are damaged.</exception>
    public Frame Decode(int index, byte[] file) => frames.Decode(index, file);

    /// <summary>A new file for a saved session.</summary>
    public string NewSession() => Path.Combine(root.Path, string.Create(CultureInfo.InvariantCulture, $"session-{sessions++}"));

    public void Dispose() => root.Dispose();

    /// <summary>Copies.</summary>
    /// <param name="server">From where.</param>
    /// <param name="path">The run's path there.</param>
    /// <param name="lease">The run.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MediaException">The disk refuses, or what came is damaged.</exception>
    public async Task FillAsync(RemoteServer server, string path, LeaseDocument lease, CancellationToken cancellation)
    {
        AtomicFile.CreateFolder(folder.Root);
        AtomicFile.Write(folder.Journal, System.Text.Encoding.UTF8.GetBytes(lease.Journal));
        foreach (var (run, frame) in lease.Layers)
        {
            using var layer = RunWriter.Claim(new(folder.Run(run)), new(string.Empty, 0, 0, default));
            layer.Write(frame.Line(IndexedPng.Decode(frame.Mask, "mask of an earlier run")), frame.Mask);
        }

        Plan = RunPlan.Read(folder, new(folder), lease.Run);
        frames = new(folder, Plan.State);
        foreach (var blob in Plan.Blobs)
        {
            AtomicFile.Write(folder.Blob(blob), await server.FetchAsync($"{path}/masks/{blob}", blob, cancellation).ConfigureAwait(false));
        }

        if (lease.Checkpoint is { } made)
        {
            var file = NewSession();
            await server.FetchAsync($"{path}/session", made.Sha256, file, cancellation).ConfigureAwait(false);
            Checkpoint = (new(made.Pass, made.Frame), file);
        }
    }
}
