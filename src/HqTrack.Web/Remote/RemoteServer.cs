using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Remote;

/// <summary>What a worker asks of its server; docs/api.md describes the requests.</summary>
internal sealed partial class RemoteServer(PatientHttp http)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan LongestTransfer = TimeSpan.FromMinutes(10);
    private static readonly long MostBytes = new ServeLimits().SessionBytes;

    /// <summary>The server's address.</summary>
    public string Address => http.Server;

    /// <summary>Asks whether the address is a server's and the token one of its.</summary>
    public async Task CheckAsync(CancellationToken cancellation) =>
        (await http.SendAsync(() => new(HttpMethod.Get, "../info"), LongestAnswer, false, cancellation).ConfigureAwait(false)).Dispose();

    /// <summary>Begins to work.</summary>
    /// <param name="hello">Who works.</param>
    /// <param name="isPatient">Whether a server that does not answer is waited for.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<WorkerDocument> JoinAsync(WorkerHello hello, bool isPatient, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(() => Post("workers", hello), LongestAnswer, isPatient, cancellation).ConfigureAwait(false);
        var worker = await ReadAsync<WorkerDocument>(response, cancellation).ConfigureAwait(false);
        return Id().IsMatch(worker.Worker) && worker.LostAfterSeconds is > 0 and <= 86400 ? worker : throw Strange();
    }

    /// <summary>Waits a while for a run.</summary>
    /// <returns>Null where there is none.</returns>
    public async Task<LeaseDocument?> ClaimAsync(string worker, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(() => Post($"workers/{worker}/claim", null), LongestTransfer, true, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        var lease = await ReadAsync<LeaseDocument>(response, cancellation).ConfigureAwait(false);
        return Id().IsMatch(lease.Lease) && ProjectFolder.IsId(lease.Project) ? lease : throw Strange();
    }

    /// <summary>Goes, without waiting for a server that is away.</summary>
    public async Task LeaveAsync(string worker, CancellationToken cancellation) =>
        (await http.SendAsync(() => new(HttpMethod.Delete, $"workers/{worker}"), LongestAnswer, false, cancellation).ConfigureAwait(false)).Dispose();

    /// <summary>Tells something of a run.</summary>
    /// <param name="path">workers/{worker}/leases/{lease}/...</param>
    /// <param name="body">The document; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where nothing is said of the run.</returns>
    public async Task<LeaseState?> TellAsync(string path, object? body, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(() => Post(path, body), LongestAnswer, true, cancellation).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NoContent ? null : await ReadAsync<LeaseState>(response, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends results, which may take longer than words.</summary>
    /// <param name="path">Likewise.</param>
    /// <param name="push">The results.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<LeaseState> PushAsync(string path, PushDocument push, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(() => Post(path, push), LongestTransfer, true, cancellation).ConfigureAwait(false);
        return await ReadAsync<LeaseState>(response, cancellation).ConfigureAwait(false);
    }

    /// <summary>Fetches a file, again where it was damaged on its way.</summary>
    /// <param name="path">Likewise.</param>
    /// <param name="sha256">Its hash; null where the answer says it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<byte[]> FetchAsync(string path, string? sha256, CancellationToken cancellation)
    {
        byte[] content = [];
        using var response = await http.SendAsync(() => new(HttpMethod.Get, path), LongestTransfer, true, cancellation, async (answer, limit) =>
        {
            await answer.Content.LoadIntoBufferAsync(PatientHttp.MostBytes, limit).ConfigureAwait(false);
            content = await answer.Content.ReadAsByteArrayAsync(limit).ConfigureAwait(false);
            var isWhole = sha256 is null ? answer.Headers.TryGetValues("Repr-Digest", out var digest) && digest.First() == RemoteChecks.DigestOf(content) : TrackedDocument.HashOf(content) == sha256;
            CheckWhole(isWhole);
        }).ConfigureAwait(false);
        return content;
    }

    /// <summary>Likewise, to a file here, whatever its length.</summary>
    public async Task FetchAsync(string path, string sha256, string file, CancellationToken cancellation) =>
        (await http.SendAsync(() => new(HttpMethod.Get, path), LongestTransfer, true, cancellation, async (answer, limit) =>
        {
            var body = await answer.Content.ReadAsStreamAsync(limit).ConfigureAwait(false);
            await using var own = body.ConfigureAwait(false);
            CheckWhole(await RemoteFile.ReceiveAsync(body, file, MostBytes, limit).ConfigureAwait(false) == sha256);
        }).ConfigureAwait(false)).Dispose();

    /// <summary>Sends a file.</summary>
    /// <param name="path">Likewise, with a query.</param>
    /// <param name="file">The file.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<LeaseState> SendAsync(string path, string file, CancellationToken cancellation)
    {
        var sha256 = await RemoteFile.HashOfAsync(file, cancellation).ConfigureAwait(false);
        using var response = await http.SendAsync(
            () => new(HttpMethod.Put, $"{path}&sha256={sha256}") { Content = new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new("application/octet-stream") } } },
            LongestTransfer, true, cancellation).ConfigureAwait(false);
        return await ReadAsync<LeaseState>(response, cancellation).ConfigureAwait(false);
    }

    private static HttpRequestMessage Post(string path, object? body) => new(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Format) };

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Format, cancellation).ConfigureAwait(false) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw Strange(e);
        }
    }

    private static void CheckWhole(bool isWhole)
    {
        if (!isWhole)
        {
            throw new HttpRequestException("a file's bytes do not have the hash they were sent with");
        }
    }

    private RemoteException Strange(Exception? e = null) =>
        new($"the answer of {Address} is none that this version knows; check that --remote is the address of an 'hqtrack serve' of this version.", e);

    [GeneratedRegex(@"^[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
