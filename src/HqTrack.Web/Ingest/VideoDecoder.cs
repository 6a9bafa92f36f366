using System.Globalization;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Media.Video;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Ingest;

/// <summary>
/// Video files to JPEG frames by ffmpeg, in a process of its own with bounds on time, memory and output. Only containers that cannot name other files
/// are opened, and no protocol but the file itself: a playlist fetches nothing.
/// </summary>
internal sealed class VideoDecoder(ServeLimits limits)
{
    private const string Containers = "mov,mp4,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,mjpeg,h264,hevc";

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(30);
    private static readonly string[] Input = ["-protocol_whitelist", "file", "-format_whitelist", Containers];

    /// <summary>Decodes a file.</summary>
    /// <exception cref="IngestException">It is no video, or too large or too long.</exception>
    public FramesAdded Decode(string path, UploadRequest request, FrameTarget target, ProjectState state, CancellationToken cancellation)
    {
        var (rate, announced) = Probe(path, request, target, cancellation);
        var folder = target.Decoding;
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        AtomicFile.CreateFolder(folder);
        try
        {
            var most = limits.Frames - state.FrameCount;
            var (exitCode, _, error) = BoundedProcess.Run(
                FfmpegProgram.Program,
                ["-hide_banner", "-nostats", "-nostdin", "-loglevel", "error", .. Input, "-i", $"file:{path}", "-map", "0:V:0", "-fps_mode", "passthrough", "-frames:v", Text(most + 1), "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-f", "image2", Path.Combine(folder, "%06d.jpg")],
                new(limits.DecodeTime, limits.DecodeBytes),
                cancellation);
            var files = Directory.GetFiles(folder);
            Array.Sort(files, StringComparer.Ordinal);
            if (files.Length == 0 || exitCode != 0)
            {
                throw new IngestException($"'{request.Name}' cannot be decoded ({error}); check it with ffmpeg -i.");
            }

            if (files.Length < announced && error != FfmpegProgram.NoMessage)
            {
                throw new IngestException($"'{request.Name}' is damaged: {files.Length} of its {announced} frames can be decoded ({error}); repair it (ffmpeg -i FILE REPAIRED.mp4 keeps the frames that are good), or send another copy.");
            }

            target.CheckCount(request.Name, files.Length);
            var first = ImageFile.Read(files[0]);
            target.CheckSize(request.Name, first.Width, first.Height);
            for (var n = 0; n < files.Length; n++)
            {
                var to = target.PathOf(n, ".jpg");
                AtomicFile.CreateFolder(Path.GetDirectoryName(to)!);
                File.Move(files[n], to, overwrite: true);
            }

            return new(state.FrameCount, files.Length, request.Name, ".jpg", first.Width, first.Height, rate ?? 25, request.Sha256);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Frames a second, and how many frames the container says it has; null where it says nothing.
    private (double? Rate, int? Frames) Probe(string path, UploadRequest request, FrameTarget target, CancellationToken cancellation)
    {
        var (exitCode, output, _) = BoundedProcess.Run(
            FfmpegProgram.ProbeProgram,
            ["-v", "error", .. Input, "-show_entries", "format=duration:stream=codec_type,width,height,avg_frame_rate,nb_frames", "-of", "json", $"file:{path}"],
            new(ProbeTime, limits.DecodeBytes),
            cancellation);
        using var document = JsonDocument.Parse(exitCode == 0 ? output : "{}");
        var root = document.RootElement;
        var streams = root.TryGetProperty("streams", out var list)
            ? list.EnumerateArray().Where(stream => Value(stream, "codec_type") == "video").ToList()
            : [];
        if (streams.Count == 0)
        {
            throw new IngestException($"'{request.Name}' is neither an image nor a video that can be read; expected JPEG, PNG, WebP, or a video such as MP4, MOV, MKV, WebM or AVI.");
        }

        var seconds = root.TryGetProperty("format", out var format) ? Number(format, "duration") : null;
        if (seconds > limits.Duration.TotalSeconds)
        {
            throw new IngestException(string.Create(CultureInfo.InvariantCulture, $"'{request.Name}' is {seconds:0} seconds long, expected at most {limits.Duration.TotalSeconds:0}; cut it."));
        }

        var (width, height) = ((int)(Number(streams[0], "width") ?? 0), (int)(Number(streams[0], "height") ?? 0));
        if ((long)width * height > limits.Pixels || width < 1 || height < 1)
        {
            throw new IngestException($"'{request.Name}' is {width}x{height}, expected at most {limits.Pixels / 1_000_000} million pixels; scale it down.");
        }

        var announced = (int?)Number(streams[0], "nb_frames");
        target.CheckCount(request.Name, announced ?? 1);
        var rate = Value(streams[0], "avg_frame_rate")?.Split('/') is [var over, var under]
            && double.TryParse(over, CultureInfo.InvariantCulture, out var frames) && double.TryParse(under, CultureInfo.InvariantCulture, out var second) && frames > 0 && second > 0 ? frames / second : (double?)null;
        return (rate, announced);
    }

    private static string? Value(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static double? Number(JsonElement element, string name) =>
        double.TryParse(Value(element, name), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
