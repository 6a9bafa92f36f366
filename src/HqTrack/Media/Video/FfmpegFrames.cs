using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace HqTrack.Media.Video;

/// <summary>
/// One run of ffmpeg that decodes: pictures come as PPM, which carries each one's size, time stamps as lines of the filter "showinfo". Turned
/// videos come upright; 10 bits become 8; transparency is dropped, the colours stay; every picture of a variable frame rate comes once.
/// </summary>
internal sealed class FfmpegFrames : IDisposable
{
    private const int KeptErrors = 3;

    private readonly string name;
    private readonly Process process;
    private readonly BufferedStream pictures;
    private readonly BlockingCollection<TimeSpan?> times = new();
    private readonly Queue<string> errors = new();
    private readonly Task messages;
    private readonly Task? feeding;

    /// <summary>Starts decoding.</summary>
    /// <param name="name">What messages call the video.</param>
    /// <param name="input">ffmpeg's options up to and with -i.</param>
    /// <param name="filter">A filter before the pictures come out, or null.</param>
    /// <param name="feed">Bytes for ffmpeg's stdin, or null.</param>
    /// <exception cref="MediaException">ffmpeg is missing.</exception>
    public FfmpegFrames(string name, IEnumerable<string> input, string? filter, Stream? feed = null)
    {
        this.name = name;
        process = FfmpegProgram.Start(
            ["-loglevel", "level+info", .. input, "-map", "0:V:0", "-vf", $"{(filter is null ? string.Empty : filter + ",")}showinfo=checksum=0", "-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"],
            $"the video '{name}'",
            feed is not null);
        pictures = new BufferedStream(process.StandardOutput.BaseStream, 1 << 16);
        messages = OwnThread.Run(ReadMessages);
        feeding = feed is null ? null : OwnThread.Run(() => Feed(feed));
    }

    /// <summary>Error lines of ffmpeg so far, the newest last.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (errors)
            {
                return [.. errors];
            }
        }
    }

    /// <summary>Reads the next picture; null at the end.</summary>
    /// <exception cref="MediaException">ffmpeg died or the picture is cut short.</exception>
    public (byte[] Rgb, int Width, int Height, TimeSpan? Time)? Next(int index)
    {
        try
        {
            if (PpmReader.Read(pictures, name) is { } picture)
            {
                return (picture.Rgb, picture.Width, picture.Height, times.TryTake(out var time, Timeout.Infinite) ? time : null);
            }
        }
        catch (EndOfStreamException)
        {
            // Cut in the middle of a picture: the exit code says why.
        }

        process.WaitForExit();
        messages.Wait();
        return process.ExitCode == 0
            ? null
            : throw new MediaException($"'{name}' cannot be decoded{(index == 0 ? ", no frame comes" : $" after frame {index - 1}")}: ffmpeg ended with exit code {process.ExitCode} ({Errors.LastOrDefault() ?? "no message"}); {Advice(index)}.");
    }

    /// <summary>Ends ffmpeg where it still runs.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        messages.Wait();
        feeding?.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        pictures.Dispose();
        process.Dispose();
        times.Dispose();
    }

    private string Advice(int index) => (index, feeding) switch
    {
        (0, null) => "check it with ffmpeg -i",
        (0, _) => "a pipe cannot be wound back, which MP4 and MOV mostly need: give the file itself, or pipe Matroska or MPEG-TS",
        _ => "check it with ffmpeg -i, or cut it before that frame",
    };

    private void ReadMessages()
    {
        while (process.StandardError.ReadLine() is { } line)
        {
            var at = line.IndexOf(" pts_time:", StringComparison.Ordinal);
            if (at >= 0)
            {
                var rest = line.AsSpan(at + 10).TrimStart();
                var length = rest.IndexOf(' ');
                times.Add(double.TryParse(length < 0 ? rest : rest[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);
            }
            else if (line.Contains("[error]", StringComparison.Ordinal) || line.Contains("[fatal]", StringComparison.Ordinal))
            {
                lock (errors)
                {
                    errors.Enqueue(line[(line.LastIndexOf(']') + 1)..].Trim());
                    if (errors.Count > KeptErrors)
                    {
                        errors.Dequeue();
                    }
                }
            }
        }

        times.CompleteAdding();
    }

    private void Feed(Stream feed)
    {
        try
        {
            feed.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // ffmpeg has seen enough, or is gone: its exit code tells.
        }
    }
}
