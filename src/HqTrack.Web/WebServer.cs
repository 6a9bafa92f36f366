using System.Text.Json.Serialization;
using HqTrack.Web.Api;
using HqTrack.Web.Inference;
using HqTrack.Web.Ingest;
using HqTrack.Web.Jobs;
using HqTrack.Web.Live;
using HqTrack.Web.Projects;
using HqTrack.Web.Remote;
using HqTrack.Web.Security;
using HqTrack.Web.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HqTrack.Web;

/// <summary>The server: Kestrel, the API, the page, and the workers of this process.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Engine engine;
    private readonly ProjectStore store;

    private WebServer(WebApplication app, Engine engine, ProjectStore store) => (this.app, this.engine, this.store) = (app, engine, store);

    /// <summary>Address that the server listens on.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Loads the models, opens the data folder and listens.</summary>
    /// <exception cref="Media.MediaException">The data folder cannot be used, or the port is taken.</exception>
    /// <exception cref="Weights.WeightsMissingException">The model has no weights here.</exception>
    /// <exception cref="JobStoreException">The job store cannot be used.</exception>
    public static async Task<WebServer> StartAsync(ServeOptions options, CancellationToken cancellation)
    {
        var store = new ProjectStore(options.Data, TimeProvider.System);
        Engine? engine = null;
        WebApplication? app = null;
        try
        {
            options.Jobs?.Prepare();
            engine = Engine.Load(options.Model, options.Models, options.Refiner);
            app = Build(options, engine, store);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            TellDamage(app, store);
            return new(app, engine, store);
        }
        catch (Exception e)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
            engine?.Dispose();
            store.Dispose();
            throw e is IOException ? new Media.MediaException($"cannot listen on {options.Host}, port {options.Port}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; choose another port (--port).", e) : e;
        }
    }

    /// <summary>Serves until it is cancelled; runs stop at the next frame and go on at the next start.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var end = new TaskCompletionSource();
        await using var registration = cancellation.Register(end.SetResult);
        await end.Task.ConfigureAwait(false);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync().ConfigureAwait(false);
        engine.Dispose();
        store.Dispose();
    }

    // One that is damaged keeps no other from being served.
    private static void TellDamage(WebApplication app, ProjectStore store)
    {
        _ = store.All;
        foreach (var line in store.Damage)
        {
            app.Logger.NotServed(line);
        }
    }

    private static WebApplication Build(ServeOptions options, Engine engine, ProjectStore store)
    {
        // Empty: nothing is read from the folder the command is started in, or from the environment.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listening.Configure(kestrel, options));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(options.LogLevel);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Hangfire", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning); // requests are logged by RequestLog
        var isStarted = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => isStarted && level >= LogLevel.Warning); // what fails before becomes one line of the command
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        options.Logging?.Invoke(builder.Logging);
        AddServices(builder.Services, options, engine, store);
        OpenTelemetryExport.Add(builder);
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => isStarted = true);
        app.Services.GetRequiredService<WebMetrics>();
        app.Use(new RequestLog(app.Services.GetRequiredService<ILogger<RequestLog>>()).InvokeAsync);
        app.Use(ResponseHeaders.InvokeAsync);
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.WriteAsync(context.HttpContext));
        app.UseRouting();
        app.UseRateLimiter();
        app.Use(new RequestGuard([options.Host, .. options.AllowedHosts], app.Services.GetRequiredService<TokenTable>()).InvokeAsync);
        var api = app.MapGroup("/api");
        InfoEndpoints.Map(api);
        ProjectEndpoints.Map(api);
        FrameEndpoints.Map(api);
        ImageEndpoint.Map(api);
        UploadEndpoints.Map(api);
        ObjectEndpoints.Map(api);
        PromptEndpoints.Map(api);
        TrackingEndpoints.Map(api);
        MaskEndpoints.Map(api);
        ExportEndpoints.Map(api);
        EventEndpoint.Map(api);
        WorkEndpoints.Map(api, options.Limits);
        InfoEndpoints.MapChecks(app);
        app.Services.GetRequiredService<PrometheusEndpoint>().Map(app);
        JobDashboard.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
        StaticPage.Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, ServeOptions options, Engine engine, ProjectStore store)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Limits);
        services.AddSingleton(engine);
        services.AddSingleton(engine.Tracker);
        services.AddSingleton(store);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new TokenTable(options.Tokens, TimeProvider.System));
        services.AddSingleton<FrameIngest>();
        services.AddJobQueue(DataFolder.Open(options.Data), options.Jobs).AddFileWorker(options.Jobs);
        services.AddSingleton<IJobQueue, ServedQueue>();
        if (options.Tracks)
        {
            services.AddTrackingWorker(options.Jobs);
        }

        services.AddSingleton<RemoteWorkers>().AddHostedService(provider => provider.GetRequiredService<RemoteWorkers>());
        services.AddHostedService<UnfinishedWork>();
        services.AddHostedService<RunWatch>();
        services.AddHostedService<Example>();
        services.AddSingleton<WebMetrics>();
        services.AddSingleton<PrometheusEndpoint>();
        services.AddRouting();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddRateLimiter(limiter => RateLimits.Configure(limiter, options.Limits));
        services.AddExceptionHandler<Problems>();
        services.AddProblemDetails();
        services.AddOpenApi();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.MaxDepth = 16;
        });
    }
}

internal static partial class WebServerLog
{
    [LoggerMessage(6, LogLevel.Error, "A project is not served: {Reason}")]
    public static partial void NotServed(this ILogger logger, string reason);
}
