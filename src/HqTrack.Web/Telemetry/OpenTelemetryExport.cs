using System.Collections;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HqTrack.Web.Telemetry;

/// <summary>Metrics and traces over OTLP, where the usual variable says where to (OTEL_EXPORTER_OTLP_ENDPOINT); else nothing is sent anywhere.</summary>
internal static class OpenTelemetryExport
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void Add(WebApplicationBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is not { Length: > 0 })
        {
            return;
        }

        // The server's configuration is empty on purpose; of the environment only these names are let in.
        builder.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(entry => ((string)entry.Key).StartsWith(Prefix, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value)));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? "hqtrack", serviceVersion: typeof(OpenTelemetryExport).Assembly.GetName().Version!.ToString(3)))
            .WithMetrics(metrics => metrics.AddMeter([.. PrometheusEndpoint.MeterNames]).AddOtlpExporter())
            .WithTracing(tracing => tracing.AddSource(Runtime.Telemetry.Name).AddAspNetCoreInstrumentation().AddOtlpExporter());
    }
}
