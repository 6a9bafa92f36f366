using System.Globalization;

namespace HqTrack.Media;

/// <summary>Raw pixels as they come through a pipe: frame after frame, row after row, without a header.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Layout">rgb24, bgr24 or gray.</param>
internal sealed record RawFormat(int Width, int Height, string Layout)
{
    private static readonly string[] _layouts = ["rgb24", "bgr24", "gray"];

    /// <summary>Reads "raw:WxH" or "raw:WxH:LAYOUT".</summary>
    /// <exception cref="ArgumentException">Something else.</exception>
    public static RawFormat Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        return parts is ["raw", var size, ..] && parts.Length <= 3 && size.Split('x') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width is > 0 and < 1 << 16
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var height) && height is > 0 and < 1 << 16
            && (long)width * height < 1 << 28 && (parts.Length == 2 || _layouts.Contains(parts[2]))
            ? new(width, height, parts.Length == 3 ? parts[2] : "rgb24")
            : throw new ArgumentException($"'{text}' is not usable; expected raw:WxH or raw:WxH:LAYOUT with LAYOUT one of {string.Join(", ", _layouts)}.", nameof(text));
    }

    /// <summary>Reads a frame as RGB; null at the end of the stream.</summary>
    /// <exception cref="EndOfStreamException">The stream ends inside the frame.</exception>
    public byte[]? Read(Stream stream)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Width * Height * (Layout == "gray" ? 1 : 3));
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        if (read < bytes.Length)
        {
            throw new EndOfStreamException();
        }

        switch (Layout)
        {
            case "gray":
                var rgb = GC.AllocateUninitializedArray<byte>(bytes.Length * 3);
                for (var i = 0; i < bytes.Length; i++)
                {
                    rgb[i * 3] = rgb[(i * 3) + 1] = rgb[(i * 3) + 2] = bytes[i];
                }

                return rgb;
            case "bgr24":
                for (var i = 0; i < bytes.Length; i += 3)
                {
                    (bytes[i], bytes[i + 2]) = (bytes[i + 2], bytes[i]);
                }

                return bytes;
            default:
                return bytes;
        }
    }
}
