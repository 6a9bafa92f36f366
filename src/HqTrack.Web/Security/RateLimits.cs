using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using HqTrack.Web.Api;
using Microsoft.AspNetCore.RateLimiting;

namespace HqTrack.Web.Security;

/// <summary>How fast one client may ask: a bucket of tokens an address. What is costly has a bound of its own on how many are served at a time.</summary>
internal static class RateLimits
{
    /// <summary>Policy of endpoints that compute while the client waits.</summary>
    public const string Costly = "costly";

    private const int BurstSeconds = 4;
    private const int CostlyAtATime = 4;
    private const int CostlyWaiting = 64;

    public static void Configure(RateLimiterOptions limiter, ServeLimits limits)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(http => RateLimitPartition.GetTokenBucketLimiter(
            http.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limits.RequestsPerSecond * BurstSeconds,
                TokensPerPeriod = Math.Max(1, limits.RequestsPerSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = 0,
            }));
        limiter.AddConcurrencyLimiter(Costly, costly => (costly.PermitLimit, costly.QueueLimit) = (CostlyAtATime, CostlyWaiting));
        limiter.OnRejected = async (context, _) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
            context.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            await Problems.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "too-fast", $"more requests than allowed came from this address; wait {wait} s.").ConfigureAwait(false);
        };
    }
}
