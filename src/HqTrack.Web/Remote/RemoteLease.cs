using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Web.Api;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>A run in the hands of a worker on another machine, as its server sees it: what it writes into the project's folder, until the run ends or is somebody else's.</summary>
internal sealed class RemoteLease
{
    private readonly ProjectFolder folder;
    private readonly int run;
    private readonly FolderRun site;
    private readonly RunPlan plan;
    private readonly SemaphoreSlim writing = new(1);
    private readonly TaskCompletionSource<bool> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens a run that was claimed for the worker.</summary>
    /// <exception cref="MediaException">What is to be done cannot be read, or must not be tried again.</exception>
    public RemoteLease(ProjectFolder folder, int run, FolderRun site)
    {
        (this.folder, this.run, this.site) = (folder, run, site);
        plan = site.Plan();
        View = new(folder, run, site, plan);
    }

    /// <summary>Its id: what a worker must name.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether the run is at its end; false where another process has taken it over. Fails where the worker's attempt did.</summary>
    public Task<bool> End => end.Task;

    /// <summary>What the worker may read.</summary>
    public LeaseView View { get; }

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
        RemoteChecks.Count(push);
        foreach (var frame in push.Frames)
        {
            cancellation.ThrowIfCancellationRequested();
            var labels = RemoteChecks.Labels(frame, View.Frames, plan.Request.Objects, plan.State);
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
            var hash = await RemoteFile.ReceiveAsync(body, incoming, most, cancellation).ConfigureAwait(false) ?? throw ApiException.TooLarge($"the body is longer than {most} bytes.");
            if (hash != sha256)
            {
                throw RemoteChecks.Damaged();
            }

            await WriteAsync(
                () =>
                {
                    CheckPushed(at);
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

    /// <summary>Ends the run as failed: what it needs cannot be read here, so no worker can do it.</summary>
    public Task FailAsync(string error, CancellationToken cancellation) => EndAsync(new(RunEnd.Failed, error), cancellation);

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

    // Whoever goes on from a checkpoint does not come to the frames before it.
    private void CheckPushed(RunCheckpoint at)
    {
        var here = site.Results.Frames(run);
        var before = plan.Passes.TakeWhile(pass => pass.Name != at.Pass).SelectMany(pass => pass.Frames);
        var upTo = plan.Passes.First(pass => pass.Name == at.Pass).Frames.TakeWhile(frame => frame != at.Frame).Append(at.Frame);
        foreach (var frame in before.Concat(upTo))
        {
            if (!here.ContainsKey(frame))
            {
                throw ApiException.Unusable($"frame {frame} was not pushed; a checkpoint comes after its frames.");
            }
        }
    }

    private bool IsHere(RunFrame line, byte[] mask) =>
        site.Results.Frame(run, line.Frame) is { } known && known.Objects.SequenceEqual(line.Objects) && File.ReadAllBytes(site.Results.Paths(run).Mask(line.Frame)).AsSpan().SequenceEqual(mask);
}

/// <summary>A worker's attempt failed in a way that was not foreseen.</summary>
internal sealed class RemoteAttemptException(string message) : Exception(message);
