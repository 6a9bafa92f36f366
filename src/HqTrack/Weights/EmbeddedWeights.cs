using System.Security.Cryptography;

namespace HqTrack.Weights;

/// <summary>The default weights inside the assembly; absent in a build with -p:EmbedWeights=false.</summary>
internal static class EmbeddedWeights
{
    /// <summary>A seekable stream over a model's weights, or null.</summary>
    public static Stream? Open(string name) => typeof(EmbeddedWeights).Assembly.GetManifestResourceStream($"HqTrack.Weights.{name}.safetensors");

    /// <summary>Lower-case hexadecimal SHA-256 of a stream from its start.</summary>
    public static string Sha256(Stream stream)
    {
        stream.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
