using System.Globalization;
using System.Text.Json;

namespace HqTrack.Media.Video;

/// <summary>What a video file says of itself.</summary>
/// <param name="Width">Of the frames as they are shown, in pixels: after rotation.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Count">Number of frames where the container knows it.</param>
/// <param name="FramesPerSecond">Mean rate; null where there is none.</param>
internal sealed record VideoProbe(int Width, int Height, int? Count, double? FramesPerSecond)
{
    /// <summary>Asks ffprobe.</summary>
    /// <exception cref="MediaException">ffprobe is missing, or the file is no video.</exception>
    public static VideoProbe Of(string path)
    {
        var (exitCode, output, error) = FfmpegProgram.Probe(
            ["-v", "error", "-protocol_whitelist", "file,pipe", "-show_streams", "-of", "json", $"file:{path}"], $"the video '{path}'");
        if (exitCode != 0)
        {
            throw new MediaException($"'{path}' is not a video that ffmpeg can read ({error}); expected a video file, a folder of images, or a list of files (.txt).");
        }

        using var document = JsonDocument.Parse(output);
        var streams = document.RootElement.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var video = streams.FirstOrDefault(stream => Text(stream, "codec_type") == "video" && !IsCover(stream));
        if (video.ValueKind == JsonValueKind.Undefined)
        {
            var found = streams.Count == 0 ? "nothing" : string.Join(", ", streams.Select(stream => $"{Text(stream, "codec_type")} ({Text(stream, "codec_name")})"));
            throw new MediaException($"'{path}' has no video stream (it holds {found}); give a file with pictures.");
        }

        var (width, height) = (Number(video, "width") ?? 0, Number(video, "height") ?? 0);
        var isTurned = Math.Abs(Rotation(video)) % 180 == 90;
        return new(isTurned ? height : width, isTurned ? width : height, Number(video, "nb_frames"), Rate(Text(video, "avg_frame_rate")));
    }

    private static bool IsCover(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var disposition) && disposition.TryGetProperty("attached_pic", out var cover) && cover.GetInt32() == 1;

    private static int Rotation(JsonElement stream) =>
        stream.TryGetProperty("side_data_list", out var list)
            ? list.EnumerateArray().Select(data => data.TryGetProperty("rotation", out var rotation) ? (int)rotation.GetDouble() : 0).FirstOrDefault(rotation => rotation != 0)
            : 0;

    private static string Text(JsonElement stream, string name) => stream.TryGetProperty(name, out var value) ? value.ToString() : "unknown";

    private static int? Number(JsonElement stream, string name) => int.TryParse(Text(stream, name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? Rate(string fraction) =>
        fraction.Split('/') is [var over, var under] && double.TryParse(over, CultureInfo.InvariantCulture, out var frames) && double.TryParse(under, CultureInfo.InvariantCulture, out var seconds) && frames > 0 && seconds > 0
            ? frames / seconds
            : null;
}
