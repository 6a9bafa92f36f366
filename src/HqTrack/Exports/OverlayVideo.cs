using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Media.Video;

namespace HqTrack.Exports;

/// <summary>
/// DIR/overlay.mp4 through ffmpeg (H.264), at the source's mean rate or 25 a second. An encoder's state cannot be kept over the end of a process, so
/// the video grows in segments that end at each checkpoint and are joined, without coding anew, when it is closed.
/// </summary>
internal sealed class OverlayVideo : IExport
{
    private const double DefaultRate = 25;

    private readonly string path;
    private readonly string folder;
    private readonly string rate;
    private int segments;
    private Process? encoder;
    private Task<string>? messages;

    private OverlayVideo(ExportTarget target)
    {
        path = target.PathOf("overlay.mp4");
        folder = target.PathOf(ExportTarget.WorkFolder, "overlay-video");
        rate = (target.Source.FramesPerSecond ?? DefaultRate).ToString("0.######", CultureInfo.InvariantCulture);
        segments = target.State?["segments"]?.GetValue<int>() ?? 0;
        AtomicFile.CreateFolder(folder);
        foreach (var file in Directory.GetFiles(folder).Except(Enumerable.Range(0, segments).Select(SegmentPath)))
        {
            File.Delete(file);
        }
    }

    /// <summary>Opens the video, or the animation where there is no ffmpeg.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public static IExport Open(ExportTarget target) => FfmpegProgram.IsHere() ? new OverlayVideo(target) : new OverlayAnimation(target);

    public void Write(Frame frame, TrackedFrame result)
    {
        encoder ??= Start(frame.Width, frame.Height);
        try
        {
            encoder.StandardInput.BaseStream.Write(Overlay.Draw(frame, result.Labels).Rgb);
        }
        catch (IOException)
        {
            EndSegment();
            throw new MediaException($"cannot write '{path}': ffmpeg ended at frame {frame.Index}; try --export overlay instead."); // where it did not say more itself
        }
    }

    public JsonObject Checkpoint()
    {
        EndSegment();
        return new() { ["segments"] = segments };
    }

    public void Close()
    {
        EndSegment();
        if (segments > 0)
        {
            Join();
        }
    }

    public void Dispose()
    {
        if (encoder is { } running)
        {
            running.Kill();
            running.WaitForExit();
            running.Dispose();
            encoder = null;
        }
    }

    private string SegmentPath(int number) => Path.Combine(folder, $"{number:D6}.mp4");

    private Process Start(int width, int height)
    {
        var process = FfmpegProgram.Start(
            [
                "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{width}x{height}", "-r", rate, "-i", "pipe:0",
                "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-bf", "0", "-pix_fmt", "yuv420p", "-threads", "1", SegmentPath(segments),
            ],
            "--export overlay-video",
            feedsInput: true);
        messages = OwnThread.Run(process.StandardError.ReadToEnd);
        return process;
    }

    private void EndSegment()
    {
        if (encoder is not { } running)
        {
            return;
        }

        encoder = null;
        using (running)
        {
            try
            {
                running.StandardInput.Close();
            }
            catch (IOException)
            {
                // The exit code tells.
            }

            running.WaitForExit();
            if (running.ExitCode != 0)
            {
                throw new MediaException($"cannot write '{path}': ffmpeg ended with exit code {running.ExitCode} ({FfmpegProgram.LastLine(messages!.Result)}); try --export overlay instead.");
            }
        }

        segments++;
    }

    private void Join()
    {
        var list = Path.Combine(folder, "list.txt");
        var joined = Path.Combine(folder, "joined.mp4");
        File.WriteAllLines(list, Enumerable.Range(0, segments).Select(number => $"file '{number:D6}.mp4'"));
        using var process = FfmpegProgram.Start(["-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", list, "-c", "copy", "-movflags", "+faststart", joined], "--export overlay-video");
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new MediaException($"cannot write '{path}': ffmpeg ended with exit code {process.ExitCode} ({FfmpegProgram.LastLine(errors)}); free some space, or try --export overlay.");
        }

        File.Move(joined, path, overwrite: true);
        File.Delete(list);
    }
}

/// <summary>DIR/overlay.webp: the overlays as an animation, for machines without ffmpeg.</summary>
internal sealed class OverlayAnimation : IExport
{
    private const double DefaultRate = 25;
    private const string Part = "frames";

    private readonly string path;
    private readonly int milliseconds;
    private readonly PartFiles parts;
    private int width;
    private int height;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public OverlayAnimation(ExportTarget target)
    {
        path = target.PathOf("overlay.webp");
        milliseconds = Math.Max(1, (int)Math.Round(1000 / (target.Source.FramesPerSecond ?? DefaultRate)));
        parts = new(target, "overlay-animation");
        (width, height) = (target.State?["width"]?.GetValue<int>() ?? 0, target.State?["height"]?.GetValue<int>() ?? 0);
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        (width, height) = (frame.Width, frame.Height);
        parts.Append(Part, AnimatedWebp.Chunk(Overlay.Draw(frame, result.Labels), milliseconds));
    }

    public JsonObject Checkpoint()
    {
        var state = parts.Checkpoint();
        (state["width"], state["height"]) = (width, height);
        return state;
    }

    public void Close()
    {
        if (width > 0)
        {
            parts.Assemble(path, AnimatedWebp.Header(width, height, parts.Length(Part)), Piece.Of(Part));
        }
    }

    public void Dispose() => parts.Dispose();
}
