using System.Diagnostics;
using System.Net;
using Polly;
using Polly.Retry;

namespace HqTrack.Web.Remote;

/// <summary>
/// Requests to one server. One that does not answer, or says that it is busy, is asked again, ever more slowly, for as long as
/// <paramref name="patience"/>; so every request may arrive twice.
/// </summary>
internal sealed class PatientHttp : IDisposable
{
    /// <summary>Longest answer that is kept in memory: a frame's file, or what a run starts from.</summary>
    public const long MostBytes = 256L << 20;

    private static readonly ResiliencePropertyKey<long> Began = new("hqtrack.began");

    private readonly HttpClient http;
    private readonly TimeSpan patience;
    private readonly ILogger logger;
    private readonly ResiliencePipeline<HttpResponseMessage> patient;

    public PatientHttp(Uri server, string? token, TimeSpan patience, ILogger logger)
    {
        (Server, this.patience, this.logger) = (server.AbsoluteUri.TrimEnd('/'), patience, logger);
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = new(Server + "/api/work/"),
            Timeout = Timeout.InfiniteTimeSpan, // each attempt has its own
        };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        patient = new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = args => ValueTask.FromResult(
                !args.Context.CancellationToken.IsCancellationRequested && IsTransient(args.Outcome) && Stopwatch.GetElapsedTime(args.Context.Properties.GetValue(Began, 0)) < patience),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(0.25),
            MaxDelay = TimeSpan.FromSeconds(10),
            OnRetry = Retry,
        }).Build();
    }

    /// <summary>The server's address.</summary>
    public string Server { get; }

    /// <summary>Sends a request until it is answered.</summary>
    /// <param name="make">Makes the request, anew for each attempt.</param>
    /// <param name="most">How long an attempt may take.</param>
    /// <param name="isPatient">Whether a server that does not answer is asked again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="read">Reads the content of a successful answer, and refuses it by an <see cref="HttpRequestException"/>; null keeps it with the answer.</param>
    /// <returns>A successful answer.</returns>
    /// <exception cref="RemoteException">The server is away for too long, or refuses.</exception>
    /// <exception cref="LeaseLostException">The run or the worker is not known any more.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, TimeSpan most, bool isPatient, CancellationToken cancellation, Func<HttpResponseMessage, CancellationToken, Task>? read = null)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(Began, Stopwatch.GetTimestamp());
        try
        {
            var pipeline = isPatient ? patient : ResiliencePipeline<HttpResponseMessage>.Empty;
            var response = await pipeline.ExecuteAsync(tried => TryAsync(make, most, read, tried.CancellationToken), context).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw IsTransient(Outcome.FromResult(response)) ? Away(Outcome.FromResult(response), isPatient) : RemoteProblem.Of(response, Server);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && IsTransient(Outcome.FromException<HttpResponseMessage>(e)))
        {
            throw Away(Outcome.FromException<HttpResponseMessage>(e), isPatient);
        }
        catch (HttpRequestException e) when (IsTooLong(e))
        {
            throw new RemoteException($"an answer of {Server} is longer than {MostBytes >> 20} MiB, expected at most that; check that --remote is the address of an 'hqtrack serve' of this version.", e) { IsRefusal = true };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose() => http.Dispose();

    private async ValueTask<HttpResponseMessage> TryAsync(Func<HttpRequestMessage> make, TimeSpan most, Func<HttpResponseMessage, CancellationToken, Task>? read, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(most);
        using var request = make();
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        try
        {
            await (answer.IsSuccessStatusCode && read is not null ? read(answer, limit.Token) : answer.Content.LoadIntoBufferAsync(MostBytes, limit.Token)).ConfigureAwait(false);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private ValueTask Retry(OnRetryArguments<HttpResponseMessage> args)
    {
        logger.Away(Server, Reason(args.Outcome), args.RetryDelay.TotalSeconds);
        args.Outcome.Result?.Dispose();
        return ValueTask.CompletedTask;
    }

    private RemoteException Away(Outcome<HttpResponseMessage> outcome, bool isPatient) => isPatient
        ? new($"the server at {Server} has not answered for {patience.TotalSeconds:0} s: {Reason(outcome)}; start the worker again when it is back, or give it more --patience.", outcome.Exception)
        : new($"the server at {Server} cannot be worked for: {Reason(outcome)}; check --remote and that 'hqtrack serve' runs there.", outcome.Exception);

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException e } when IsTooLong(e) => false,
        { Exception: HttpRequestException or IOException or OperationCanceledException } => true, // cancelled by the attempt's own limit
        { Exception: not null } or { Result.IsSuccessStatusCode: true } => false,
        { Result.StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } => true,
        { Result: { } response } => RemoteProblem.CodeOf(response) == RemoteProblem.Damaged,
        _ => false,
    };

    private static bool IsTooLong(HttpRequestException e) => e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded;

    private static string Reason(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: OperationCanceledException } => "it does not answer in time",
        { Exception: { } e } => e.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.'),
        _ => RemoteProblem.Line(outcome.Result!),
    };
}

internal static partial class PatientHttpLog
{
    [LoggerMessage(8, LogLevel.Warning, "The server at {Server} does not answer ({Reason}); asked again in {Seconds:0.0} s")]
    public static partial void Away(this ILogger logger, string server, string reason, double seconds);
}
