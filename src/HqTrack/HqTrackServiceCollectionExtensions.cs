using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HqTrack;

/// <summary>Registers a tracker with a service container.</summary>
public static class HqTrackServiceCollectionExtensions
{
    /// <summary>
    /// Adds one shared <see cref="HqTracker"/>, loaded when it is first asked for; sessions are started from it. It logs to the container's
    /// <see cref="ILoggerFactory"/> where there is one, and is disposed with the container.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    /// <param name="model">A name of the catalogue.</param>
    public static IServiceCollection AddHqTrack(this IServiceCollection services, Action<HqTrackerOptions>? configure = null, string model = "lite")
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(model);
        return services.AddSingleton(provider =>
        {
            var options = new HqTrackerOptions { LoggerFactory = provider.GetService<ILoggerFactory>() };
            configure?.Invoke(options);
            return HqTracker.Load(model, options);
        });
    }
}
