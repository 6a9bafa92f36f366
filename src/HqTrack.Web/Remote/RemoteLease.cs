using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>A run in the hands of a worker on another machine, as its server sees it: what it may read, and what it writes into the project's folder.</summary>
internal sealed class RemoteLease
{
    private readonly ProjectFolder folder;
    private readonly int run;
    private readonly FolderRun site;
    private readonly RunPlan plan;
    private readonly TrackRequested request;
    private readonly HashSet<int> frames;
    private readonly HashSet<string> blobs;
    private readonly SemaphoreSlim writing = new(1);
    private readonly TaskCompletionSource<bool> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens a run that was claimed for the worker.</summary>
    /// <exception cref="MediaException">What is to be done cannot be read, or must not be tried again.</exception>
    public RemoteLease(ProjectFolder folder, int run, FolderRun site)
    {
        (this.folder, this.run, this.site) = (folder, run, site);
        plan = site.Plan();
        request = plan.Request;
        frames = [.. plan.Passes.SelectMany(pass => pass.Frames.Concat(plan.Behind(pass)))];
        blobs = [.. plan.Blobs];
    }

    /// <summary>Its id: what a worker must name.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether the run is at its end; false where another process has taken it over. Fails where the worker's attempt did.</summary>
    public Task<bool> End => end.Task;

    /// <summary>What the worker is told of it.</summary>
    /// <exception cref="MediaException">A file of the project is missing or damaged.</exception>
    public LeaseDocument Document()
    {
        var journal = new StringBuilder();
        foreach (var entry in Journal.Read(folder.Journal).Take(run))
        {
            journal.Append(JsonSerializer.Serialize(entry, Journal.Format)).Append('\n');
        }

        return new(Id, Path.GetFileName(folder.Root), run, journal.ToString(), [.. Layers()], Checkpoint());
    }

    /// <summary>File of a frame that the run comes to.</summary>
    /// <exception cref="ApiException">It does not.</exception>
    public string Frame(int frame) => frames.Contains(frame) ? new ProjectFrames(folder, plan.State).Path(frame) : throw ApiException.NotFound("frame in this run");

    /// <summary>File of a mask that a person gave.</summary>
    /// <exception cref="ApiException">The run does not need it.</exception>
    public string Blob(string sha256) => blobs.Contains(sha256) ? folder.Blob(sha256) : throw ApiException.NotFound("mask in this run");

    /// <summary>File of the saved session.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public string Session() => site.Checkpoint() is { } made && File.Exists(made.Session) ? made.Session : throw ApiException.NotFound("checkpoint");

    /// <summary>Whether a person asked the run to end; also says that the run is still the worker's.</summary>
    public LeaseState State()
    {
        CheckOwn();
        return new(site.IsStopped);
    }

    /// <summary>Takes frames; one that is here already in the same form is passed over.</summary>
    /// <exception cref="ApiException">One does not fit the run, or was damaged on its way; those before it are kept.</exception>
    public Task PushAsync(PushDocument push, CancellationToken cancellation) => WriteAsync(() =>
    {
        foreach (var frame in push.Frames)
        {
            var labels = RemoteChecks.Labels(frame, frames, request.Objects, plan.State);
            var line = frame.Line(labels);
            if (!IsHere(line, frame.Mask))
            {
                site.Write(line, frame.Mask);
            }
        }

        return Task.CompletedTask;
    }, cancellation);

    /// <summary>Takes a checkpoint; frames up to it were pushed before.</summary>
    /// <param name="at">Where it was made.</param>
    /// <param name="sha256">Hash of the saved session.</param>
    /// <param name="body">The saved session.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <exception cref="ApiException">It does not fit the run, or was damaged on its way.</exception>
    public async Task SaveAsync(RunCheckpoint at, string sha256, Stream body, long most, CancellationToken cancellation)
    {
        if (!plan.Passes.Any(pass => pass.Name == at.Pass && pass.Frames.Contains(at.Frame)))
        {
            throw ApiException.Unusable($"frame {at.Frame} of this pass is not in this run.");
        }

        CheckOwn();
        var incoming = Path.Combine(folder.Run(run), $"session-incoming-{Guid.NewGuid():N}");
        try
        {
            await RemoteChecks.ReceiveAsync(body, incoming, sha256, most, cancellation).ConfigureAwait(false);
            await WriteAsync(
                () =>
                {
                    site.Save(at, path => File.Move(incoming, path, overwrite: true));
                    return Task.CompletedTask;
                },
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    /// <summary>Ends the run, or the attempt at it.</summary>
    /// <exception cref="ApiException">Frames are missing, or the end is none.</exception>
    public Task EndAsync(LeaseEnd said, CancellationToken cancellation) => WriteAsync(async () =>
    {
        if (said.State == LeaseEnd.Broken)
        {
            end.TrySetException(new RemoteAttemptException(RemoteChecks.Line(said.Error)));
            return;
        }

        if (said.State is not (RunEnd.Done or RunEnd.Stopped or RunEnd.Failed))
        {
            throw ApiException.Invalid("state is not known; expected done, stopped, failed or broken.");
        }

        if (said.State == RunEnd.Done && site.Results.Count(run) < plan.Frames)
        {
            throw ApiException.Unusable($"{site.Results.Count(run)} of {plan.Frames} frames are here; push the others before the run is done.");
        }

        await site.EndAsync(said.State, said.State == RunEnd.Failed ? RemoteChecks.Line(said.Error) : null, cancellation).ConfigureAwait(false);
        end.TrySetResult(true);
    }, cancellation);

    /// <summary>Takes nothing more; what is being written is written when this returns.</summary>
    public async Task CloseAsync()
    {
        end.TrySetCanceled();
        await writing.WaitAsync().ConfigureAwait(false);
        writing.Release();
    }

    private async Task WriteAsync(Func<Task> write, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            CheckOwn();
            await write().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (site.IsSuperseded)
        {
            CheckOwn();
            throw;
        }
        finally
        {
            writing.Release();
        }
    }

    private void CheckOwn()
    {
        if (site.IsSuperseded)
        {
            end.TrySetResult(false);
        }

        if (end.Task.IsCompleted)
        {
            throw RemoteChecks.Lost();
        }
    }

    private bool IsHere(RunFrame line, byte[] mask) =>
        site.Results.Frame(run, line.Frame) is { } known && known.Objects.SequenceEqual(line.Objects) && File.ReadAllBytes(site.Results.Paths(run).Mask(line.Frame)).AsSpan().SequenceEqual(mask);

    private IEnumerable<LayerDocument> Layers() => FrameLayers.Of(plan.State, site.Results, request.From).Runs.Select(layer =>
        new LayerDocument(layer.Run, TrackedDocument.Of(site.Results.Frame(layer.Run, request.From)!, ImageFile.ReadBytes(site.Results.Paths(layer.Run).Mask(request.From)))));

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

/// <summary>A worker's attempt failed in a way that was not foreseen.</summary>
internal sealed class RemoteAttemptException(string message) : Exception(message);
