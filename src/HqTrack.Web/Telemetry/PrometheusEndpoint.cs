using HqTrack.Web.Security;
using Prometheus;

namespace HqTrack.Web.Telemetry;

/// <summary>GET /metrics: the meters of the server, the library and ASP.NET as Prometheus text.</summary>
internal sealed class PrometheusEndpoint : IDisposable
{
    private static readonly string[] Meters = [WebMetrics.Name, Runtime.Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    private readonly CollectorRegistry registry = Metrics.NewCustomRegistry();
    private readonly IDisposable adapter;

    /// <summary>Begins to listen to the meters.</summary>
    public PrometheusEndpoint() => adapter = MeterAdapter.StartListening(new MeterAdapterOptions
    {
        Registry = registry,
        MetricFactory = Metrics.WithCustomRegistry(registry),
        InstrumentFilterPredicate = instrument => Meters.Contains(instrument.Meter.Name),
    });

    /// <summary>Names of the meters that are told of.</summary>
    public static IReadOnlyList<string> MeterNames => Meters;

    public void Map(IEndpointRouteBuilder app) => app.MapGet("/metrics", WriteAsync).WithMetadata(new RequiredRole(Role.Read)).ExcludeFromDescription();

    public void Dispose() => adapter.Dispose();

    private async Task WriteAsync(HttpContext http)
    {
        http.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await registry.CollectAndExportAsTextAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
    }
}
