using System.Runtime.Intrinsics;

namespace HqTrack.Scenes.Rendering;

/// <summary>From linear light to displayed bytes.</summary>
internal static class ToneCurve
{
    /// <summary>A filmic curve (Narkowicz's fit of ACES), then gamma 2, which a square root gives exactly.</summary>
    public static void Develop(ReadOnlySpan<float> light, float exposure, Span<byte> rgb)
    {
        // Four at a time; every operation is exact to the last bit on its own, so the width does not matter.
        var i = 0;
        for (; i + 4 <= rgb.Length; i += 4)
        {
            var x = Vector128.Create(light.Slice(i, 4)) * exposure;
            var up = x * ((x * 2.51f) + Vector128.Create(0.03f));
            var down = (x * ((x * 2.43f) + Vector128.Create(0.59f))) + Vector128.Create(0.14f);
            var bytes = Vector128.ConvertToInt32((Vector128.Sqrt(Vector128.Min(Vector128<float>.One, up / down)) * 255f) + Vector128.Create(0.5f));
            for (var k = 0; k < 4; k++)
            {
                rgb[i + k] = (byte)bytes[k];
            }
        }

        for (; i < rgb.Length; i++)
        {
            var x = light[i] * exposure;
            var shown = Math.Min(1, x * ((x * 2.51f) + 0.03f) / ((x * ((x * 2.43f) + 0.59f)) + 0.14f));
            rgb[i] = (byte)((255 * MathF.Sqrt(shown)) + 0.5f);
        }
    }
}
