using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace HqTrack.Cli.Output;

/// <summary>Tells how far the work is.</summary>
/// <param name="frames">Frames finished since the last call.</param>
/// <param name="title">What is being done now; null for the same as before.</param>
internal delegate void Advance(int frames = 1, string? title = null);

/// <summary>Shows how far a command is: a live bar on a terminal, a line every ten seconds elsewhere, nothing when quiet.</summary>
internal static class FrameProgress
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    /// <summary>Runs work that reports each finished frame, one call at a time.</summary>
    /// <param name="terminal">Where to show it: its stderr.</param>
    /// <param name="isQuiet">Show nothing.</param>
    /// <param name="title">What is being done, a word or two.</param>
    /// <param name="total">Number of frames, or null where it is not known.</param>
    /// <param name="work">Gets the function to call as frames are finished.</param>
    public static Task<T> RunAsync<T>(Terminal terminal, bool isQuiet, string title, int? total, Func<Advance, Task<T>> work)
    {
        if (isQuiet)
        {
            return work((_, _) => { });
        }

        return terminal.Status.Profile.Out.IsTerminal ? ShowBarAsync(terminal.Status, title, total, work) : work(Lines(terminal, title, total));
    }

    private static Task<T> ShowBarAsync<T>(IAnsiConsole console, string title, int? total, Func<Advance, Task<T>> work)
    {
        ProgressColumn[] columns = [new TaskDescriptionColumn(), new ProgressBarColumn(), new FramesColumn(), new RemainingTimeColumn()];
        return console.Progress().AutoClear(true).Columns(total is null ? [columns[0], columns[2]] : columns).StartAsync(context =>
        {
            var task = context.AddTask(Markup.Escape(title), maxValue: total ?? double.MaxValue);
            return work((frames, current) =>
            {
                task.Description = Markup.Escape(current ?? title);
                task.Increment(frames);
            });
        });
    }

    private static Advance Lines(Terminal terminal, string title, int? total)
    {
        var start = Stopwatch.GetTimestamp();
        var last = TimeSpan.Zero;
        var frames = 0;
        return (more, current) =>
        {
            frames += more;
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed - last >= LineEvery)
            {
                last = elapsed;
                var left = total is { } count ? $", {(count - frames) * elapsed.TotalSeconds / frames:0} s left" : string.Empty;
                terminal.Error.WriteLine($"{current ?? title}: {Counted(frames, total)}, {frames / elapsed.TotalSeconds:0.0} frames/s{left}");
            }
        };
    }

    private static string Counted(double frames, int? total) => total is { } count ? $"{frames:0} of {count} frames" : $"{frames:0} frames";

    private sealed class FramesColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            var seconds = task.ElapsedTime?.TotalSeconds ?? 0;
            int? total = task.MaxValue < int.MaxValue ? (int)task.MaxValue : null;
            return new Text($"{Counted(task.Value, total)}{(seconds > 0 ? $", {task.Value / seconds:0.0}/s" : string.Empty)}");
        }
    }
}
