using System.Text.Encodings.Web;
using System.Text.Json;

namespace HqTrack.Exports;

/// <summary>How exports write JSON.</summary>
internal static class ExportJson
{
    /// <summary>Compact, without escapes that only web pages need.</summary>
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
