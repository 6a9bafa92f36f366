using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AnnotatorClient;

/// <summary>A typed client of `hqtrack serve`. Give it an HttpClient whose BaseAddress is the server's.</summary>
public sealed class HqTrackClient
{
    private const int PieceBytes = 4 << 20;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    private readonly HttpClient http;

    /// <param name="http">Base address http://host:8420/.</param>
    /// <param name="token">A token of the server; null where it needs none.</param>
    public HqTrackClient(HttpClient http, string? token = null)
    {
        this.http = http;
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Task<Project> CreateProjectAsync(string name, CancellationToken cancellation = default) => SendAsync<Project>(HttpMethod.Post, "projects", new { name }, cancellation);

    public Task<Page<Project>> ListProjectsAsync(string? after = null, int limit = 100, CancellationToken cancellation = default) =>
        SendAsync<Page<Project>>(HttpMethod.Get, $"projects?limit={limit}{(after is null ? string.Empty : $"&after={Uri.EscapeDataString(after)}")}", null, cancellation);

    public Task<Project> GetProjectAsync(string project, CancellationToken cancellation = default) => SendAsync<Project>(HttpMethod.Get, $"projects/{project}", null, cancellation);

    public Task<Project> RenameProjectAsync(string project, string name, CancellationToken cancellation = default) => SendAsync<Project>(HttpMethod.Patch, $"projects/{project}", new { name }, cancellation);

    public Task DeleteProjectAsync(string project, CancellationToken cancellation = default) => SendAsync(HttpMethod.Delete, $"projects/{project}", null, cancellation);

    /// <summary>Adds one image.</summary>
    public Task<Upload> AddImageAsync(string project, string name, byte[] image, string type, CancellationToken cancellation = default) =>
        SendAsync<Upload>(HttpMethod.Post, $"projects/{project}/frames?name={Uri.EscapeDataString(name)}", Body(image, type), cancellation);

    /// <summary>Sends a file of any length in pieces and waits until it has become frames. Called again after a break it goes on where it came to.</summary>
    public async Task<Upload> UploadAsync(string project, string name, Stream file, CancellationToken cancellation = default)
    {
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        var upload = await SendAsync<Upload>(HttpMethod.Post, $"projects/{project}/uploads", new { name, size = file.Length, sha256 }, cancellation);
        var path = $"projects/{project}/uploads/{upload.Id}";
        var piece = new byte[PieceBytes];
        while (upload.State == "receiving")
        {
            file.Position = upload.Offset;
            var body = Body(piece.AsSpan(0, await file.ReadAtLeastAsync(piece, piece.Length, false, cancellation)).ToArray(), "application/offset+octet-stream");
            body.Headers.Add("Upload-Offset", upload.Offset.ToString());
            upload = await SendAsync<Upload>(HttpMethod.Patch, path, body, cancellation);
        }

        while (upload.State == "decoding")
        {
            await Task.Delay(100, cancellation);
            upload = await SendAsync<Upload>(HttpMethod.Get, path, null, cancellation);
        }

        return upload.Error is null ? upload : throw new ApiException(422, "unusable", upload.Error);
    }

    /// <summary>A frame as JPEG.</summary>
    public Task<byte[]> GetFrameAsync(string project, int frame, int? width = null, CancellationToken cancellation = default) =>
        BytesAsync($"projects/{project}/frames/{frame}{(width is null ? string.Empty : $"?width={width}")}", cancellation);

    public Task<TrackedObject> AddObjectAsync(string project, string? name = null, string? color = null, CancellationToken cancellation = default) =>
        SendAsync<TrackedObject>(HttpMethod.Post, $"projects/{project}/objects", new { name, color }, cancellation);

    public Task<IReadOnlyList<TrackedObject>> ListObjectsAsync(string project, CancellationToken cancellation = default) =>
        SendAsync<IReadOnlyList<TrackedObject>>(HttpMethod.Get, $"projects/{project}/objects", null, cancellation);

    /// <summary>Changes what is not null.</summary>
    public Task<TrackedObject> ChangeObjectAsync(string project, int id, string? name = null, string? color = null, bool? locked = null, bool? hidden = null, CancellationToken cancellation = default) =>
        SendAsync<TrackedObject>(HttpMethod.Patch, $"projects/{project}/objects/{id}", new { name, color, locked, hidden }, cancellation);

    public Task<Edit> DeleteObjectAsync(string project, int id, CancellationToken cancellation = default) => SendAsync<Edit>(HttpMethod.Delete, $"projects/{project}/objects/{id}", null, cancellation);

    /// <summary>The mask that points and boxes give, without an edit.</summary>
    public Task<Preview> PreviewAsync(string project, int frame, IReadOnlyList<Point> points, IReadOnlyList<Box>? boxes = null, CancellationToken cancellation = default) =>
        SendAsync<Preview>(HttpMethod.Post, $"projects/{project}/frames/{frame}/preview", new { points, boxes }, cancellation);

    /// <summary>Says by points and boxes which pixels an object has.</summary>
    public Task<Prompt> PromptAsync(string project, int frame, int id, IReadOnlyList<Point> points, IReadOnlyList<Box>? boxes = null, CancellationToken cancellation = default) =>
        SendAsync<Prompt>(HttpMethod.Put, $"projects/{project}/frames/{frame}/prompts/{id}", new { points, boxes }, cancellation);

    /// <summary>Says by run lengths which pixels an object has.</summary>
    public Task<Prompt> PromptAsync(string project, int frame, int id, Mask mask, CancellationToken cancellation = default) =>
        SendAsync<Prompt>(HttpMethod.Put, $"projects/{project}/frames/{frame}/prompts/{id}", new { mask }, cancellation);

    /// <summary>Says by an indexed or grey PNG which pixels an object has: all but 0.</summary>
    public Task<Prompt> PromptAsync(string project, int frame, int id, byte[] png, CancellationToken cancellation = default) =>
        SendAsync<Prompt>(HttpMethod.Put, $"projects/{project}/frames/{frame}/prompts/{id}", Body(png, "image/png"), cancellation);

    public Task<Edit> LockFrameAsync(string project, int frame, CancellationToken cancellation = default) => SendAsync<Edit>(HttpMethod.Put, $"projects/{project}/frames/{frame}/lock", null, cancellation);

    public Task<Edit> UnlockFrameAsync(string project, int frame, CancellationToken cancellation = default) => SendAsync<Edit>(HttpMethod.Delete, $"projects/{project}/frames/{frame}/lock", null, cancellation);

    public Task<Undo> UndoAsync(string project, CancellationToken cancellation = default) => SendAsync<Undo>(HttpMethod.Post, $"projects/{project}/undo", null, cancellation);

    public Task<Undo> RedoAsync(string project, CancellationToken cancellation = default) => SendAsync<Undo>(HttpMethod.Post, $"projects/{project}/redo", null, cancellation);

    /// <summary>Starts tracking.</summary>
    /// <param name="direction">forward, backward or both.</param>
    public Task<Run> TrackAsync(string project, int from, string direction = "forward", int? to = null, IReadOnlyList<int>? objects = null, CancellationToken cancellation = default) =>
        SendAsync<Run>(HttpMethod.Post, $"projects/{project}/tracking", new { from, direction, to, objects }, cancellation);

    public Task<Run> GetRunAsync(string project, int run, CancellationToken cancellation = default) => SendAsync<Run>(HttpMethod.Get, $"projects/{project}/tracking/{run}", null, cancellation);

    public Task<Run> StopAsync(string project, int run, CancellationToken cancellation = default) => SendAsync<Run>(HttpMethod.Post, $"projects/{project}/tracking/{run}/stop", null, cancellation);

    /// <summary>Waits until a run has ended.</summary>
    public async Task<Run> WaitAsync(string project, int run, CancellationToken cancellation = default)
    {
        while (true)
        {
            var now = await GetRunAsync(project, run, cancellation);
            if (now.State is not ("queued" or "running"))
            {
                return now;
            }

            await Task.Delay(100, cancellation);
        }
    }

    /// <summary>A frame's masks as indexed PNG.</summary>
    public Task<byte[]> GetMaskAsync(string project, int frame, CancellationToken cancellation = default) => BytesAsync($"projects/{project}/frames/{frame}/mask", cancellation);

    public Task<IReadOnlyList<FrameObject>> GetFrameObjectsAsync(string project, int frame, bool masks = false, CancellationToken cancellation = default) =>
        SendAsync<IReadOnlyList<FrameObject>>(HttpMethod.Get, $"projects/{project}/frames/{frame}/objects?masks={(masks ? "true" : "false")}", null, cancellation);

    public Task<Tracks> GetTracksAsync(string project, CancellationToken cancellation = default) => SendAsync<Tracks>(HttpMethod.Get, $"projects/{project}/tracks", null, cancellation);

    /// <summary>Exports in a format and downloads the file.</summary>
    public async Task<(Export Export, byte[] File)> ExportAsync(string project, string format, CancellationToken cancellation = default)
    {
        var export = await SendAsync<Export>(HttpMethod.Post, $"projects/{project}/exports", new { format }, cancellation);
        while (export.State == "running")
        {
            await Task.Delay(100, cancellation);
            export = await SendAsync<Export>(HttpMethod.Get, $"projects/{project}/exports/{export.Id}", null, cancellation);
        }

        return export.Error is null ? (export, await BytesAsync($"projects/{project}/exports/{export.Id}/file", cancellation)) : throw new ApiException(422, "unusable", export.Error);
    }

    /// <summary>What happens in a project, until the caller has enough.</summary>
    public async IAsyncEnumerable<LiveEvent> ListenAsync(string project, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var response = await http.GetAsync($"api/projects/{project}/events", HttpCompletionOption.ResponseHeadersRead, cancellation);
        await CheckAsync(response, cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var name = string.Empty;
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return new(name, line[6..]);
            }
        }
    }

    private static ByteArrayContent Body(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var response = await SendAsync(method, path, body, cancellation);
        return (await response.Content.ReadFromJsonAsync<T>(Format, cancellation))!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, $"api/{path}") { Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body, body.GetType(), options: Format)) };
        var response = await http.SendAsync(request, cancellation);
        await CheckAsync(response, cancellation);
        return response;
    }

    private async Task<byte[]> BytesAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? await response.Content.ReadFromJsonAsync<JsonNode>(cancellation)
                : null;
            var status = (int)response.StatusCode;
            response.Dispose();
            throw new ApiException(status, (string?)problem?["code"] ?? "http", (string?)problem?["detail"] ?? $"the server answered {status}.");
        }
    }
}
