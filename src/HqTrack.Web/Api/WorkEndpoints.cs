using HqTrack.Web.Remote;
using HqTrack.Web.Runs;
using HqTrack.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace HqTrack.Web.Api;

/// <summary>/work: runs for workers that do not share the data folder. They pull frames and push results.</summary>
internal static class WorkEndpoints
{
    private const string Lease = "/workers/{worker}/leases/{lease}";

    public static void Map(RouteGroupBuilder api, ServeLimits limits)
    {
        var work = api.MapGroup("/work").WithMetadata(new RequiredRole(Role.Edit));
        work.MapPost("/workers", JoinAsync).WithSummary("A worker begins").Produces<WorkerDocument>(StatusCodes.Status201Created);
        work.MapDelete("/workers/{worker}", LeaveAsync).WithSummary("A worker goes; its run goes back to the queue").Produces(StatusCodes.Status204NoContent);
        work.MapPost("/workers/{worker}/claim", ClaimAsync).WithSummary("Waits for a run").Produces<LeaseDocument>().Produces(StatusCodes.Status204NoContent);
        work.MapPost(Lease + "/beat", Beat).WithSummary("The worker is there").Produces<LeaseState>();
        work.MapGet(Lease + "/frames/{frame:int}", FrameAsync).WithSummary("A frame's file").Produces(StatusCodes.Status200OK, null, "application/octet-stream");
        work.MapGet(Lease + "/masks/{sha256}", Mask).WithSummary("A mask that a person gave").Produces(StatusCodes.Status200OK, null, "image/png");
        work.MapGet(Lease + "/session", Session).WithSummary("The session of the last checkpoint").Produces(StatusCodes.Status200OK, null, "application/octet-stream");
        work.MapPost(Lease + "/frames", PushAsync).WithMetadata(new RequestSizeLimitAttribute(limits.PushBytes)).WithSummary("Keeps frames' results").Produces<LeaseState>();
        work.MapPut(Lease + "/session", SaveAsync).WithMetadata(new RequestSizeLimitAttribute(limits.SessionBytes)).WithSummary("Makes a checkpoint").Accepts<byte[]>("application/octet-stream").Produces<LeaseState>();
        work.MapPost(Lease + "/end", EndAsync).WithSummary("Ends the run").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> JoinAsync(WorkerHello body, RemoteWorkers workers, HttpContext http)
    {
        var joined = await workers.JoinAsync(body, http.RequestAborted).ConfigureAwait(false);
        return Results.Created($"/api/work/workers/{joined.Worker}", joined);
    }

    private static async Task<IResult> LeaveAsync(string worker, RemoteWorkers workers)
    {
        await workers.LeaveAsync(worker).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static async Task<IResult> ClaimAsync(string worker, RemoteWorkers workers, IHostApplicationLifetime lifetime, HttpContext http)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var slot = workers.Find(worker);
            return await slot.NextAsync(workers.Wait, stop.Token).ConfigureAwait(false) is { } lease && await slot.DocumentAsync(lease, stop.Token).ConfigureAwait(false) is { } document ? Results.Ok(document) : Results.NoContent();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Results.NoContent();
        }
    }

    private static LeaseState Beat(string worker, string lease, RemoteWorkers workers) => Find(workers, worker, lease).State();

    private static async Task<IResult> FrameAsync(string worker, string lease, int frame, RemoteWorkers workers, HttpContext http)
    {
        var bytes = await Task.Run(() => Find(workers, worker, lease).View.Frame(frame), http.RequestAborted).ConfigureAwait(false);
        http.Response.Headers["Repr-Digest"] = RemoteChecks.DigestOf(bytes);
        return Results.Bytes(bytes, "application/octet-stream");
    }

    private static IResult Mask(string worker, string lease, string sha256, RemoteWorkers workers) => Results.File(Path.GetFullPath(Find(workers, worker, lease).View.Blob(sha256)), "image/png");

    private static IResult Session(string worker, string lease, RemoteWorkers workers) => Results.File(Path.GetFullPath(Find(workers, worker, lease).View.Session()), "application/octet-stream");

    private static async Task<LeaseState> PushAsync(string worker, string lease, PushDocument body, RemoteWorkers workers, HttpContext http)
    {
        var found = Find(workers, worker, lease);
        await found.PushAsync(body, http.RequestAborted).ConfigureAwait(false);
        return found.State();
    }

    private static async Task<LeaseState> SaveAsync(string worker, string lease, string pass, int frame, string sha256, RemoteWorkers workers, ServeLimits limits, HttpContext http)
    {
        var found = Find(workers, worker, lease);
        await found.SaveAsync(new(pass, frame), sha256, http.Request.Body, limits.SessionBytes, http.RequestAborted).ConfigureAwait(false);
        return found.State();
    }

    private static async Task<IResult> EndAsync(string worker, string lease, LeaseEnd body, RemoteWorkers workers, HttpContext http)
    {
        var slot = workers.Find(worker);
        var found = slot.Find(lease) ?? throw RemoteChecks.Lost();
        await found.EndAsync(body, http.RequestAborted).ConfigureAwait(false);
        slot.Close(found);
        return Results.NoContent();
    }

    private static RemoteLease Find(RemoteWorkers workers, string worker, string lease) => workers.Find(worker).Find(lease) ?? throw RemoteChecks.Lost();
}
