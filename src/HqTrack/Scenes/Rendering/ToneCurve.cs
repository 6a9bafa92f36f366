namespace HqTrack.Scenes.Rendering;

/// <summary>From linear light to displayed bytes.</summary>
internal static class ToneCurve
{
    /// <summary>A filmic curve (Narkowicz's fit of ACES), then gamma 2, which a square root gives exactly.</summary>
    public static void Develop(ReadOnlySpan<float> light, float exposure, Span<byte> rgb)
    {
        for (var i = 0; i < rgb.Length; i++)
        {
            var x = light[i] * exposure;
            var shown = Math.Min(1, x * ((2.51f * x) + 0.03f) / ((x * ((2.43f * x) + 0.59f)) + 0.14f));
            rgb[i] = (byte)((255 * MathF.Sqrt(shown)) + 0.5f);
        }
    }
}
