using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using HqTrack.Media;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HqTrack.Tests;

/// <summary>A service container, its logs, activities and instruments, under the documented names.</summary>
[Collection("torch")]
public sealed class TelemetryTests
{
    [Fact]
    public void A_container_shares_one_tracker_that_tells_what_it_does()
    {
        var (messages, activities, instruments) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), new ConcurrentDictionary<string, double>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "HqTrack",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities.Add(activity.OperationName),
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener { InstrumentPublished = (instrument, own) => { if (instrument.Meter.Name == "HqTrack") { own.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => instruments.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => instruments.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        meters.Start();

        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new ListLoggers(messages));
        services.AddHqTrack(options => options.MaxSize = 64);
        using (var provider = services.BuildServiceProvider())
        {
            var tracker = provider.GetRequiredService<HqTracker>();
            Assert.Same(tracker, provider.GetRequiredService<HqTracker>());
            using var session = tracker.StartSession();
            var labels = new LabelMap(96, 64);
            labels.Ids.AsSpan(96 * 10, 96 * 20).Fill(4);
            session.Add(new Frame(new byte[96 * 64 * 3], 96, 64), Prompt.Mask(labels));
            session.Track(new Frame(new byte[96 * 64 * 3], 96, 64, 1));
            session.Correct(4, labels);
            session.Remove(4);
        }

        Assert.Contains(messages, message => message.StartsWith("HqTrack: Loaded lite, refiner off, on cpu", StringComparison.Ordinal));
        Assert.Contains("HqTrack: Frame 0: objects 4 added", messages);
        Assert.Contains("HqTrack: Frame 1: objects 4 removed", messages);
        Assert.Contains("HqTrack: Frame 1: objects 4 corrected", messages);
        Assert.Equal(["hqtrack.load", "hqtrack.prompt", "hqtrack.prompt", "hqtrack.prompt", "hqtrack.track"], activities.Order(StringComparer.Ordinal));
        Assert.Equal(1, instruments["hqtrack.frames"]);
        Assert.Equal(3, instruments["hqtrack.prompts"]);
        Assert.True(instruments["hqtrack.frame.duration"] > 0);
    }

    private sealed class ListLoggers(ConcurrentBag<string> messages) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new ListLogger(messages, categoryName);

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class ListLogger(ConcurrentBag<string> messages, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            messages.Add($"{category}: {formatter(state, exception)}");
    }
}
