using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>
/// How a camera renders a whole clip: colours (brightness, contrast, saturation, hue), grey, blur, noise, strong compression. Every
/// frame varies a little around the clip's look.
/// </summary>
internal sealed record Appearance(float Brightness, float Contrast, float Saturation, float Hue, float Flicker, int Blur, int Noise, int JpegQuality)
{
    private const float Unchanged = 0.15f;

    public static Appearance Random(ref Rng rng)
    {
        var (brightness, contrast, saturation, hue) = (rng.LogRange(0.72f, 1.25f), rng.LogRange(0.75f, 1.3f), rng.Range(0.6f, 1.4f), 0.12f * rng.Normal());
        if (rng.Chance(Unchanged))
        {
            (brightness, contrast, saturation, hue) = (1, 1, 1, 0);
        }

        return new Appearance(
            brightness, contrast, rng.Chance(0.05f) ? 0 : saturation, Math.Clamp(hue, -0.3f, 0.3f), rng.Chance(0.7f) ? 0.02f : 0.06f,
            rng.Chance(0.12f) ? 1 + rng.Below(2) : 0, rng.Chance(0.12f) ? 1 + rng.Below(4) : 0, rng.Chance(0.06f) ? 15 + rng.Below(50) : 0);
    }

    /// <summary>Changes the frames' pixels in place; frames may be replaced by new ones.</summary>
    public void Apply(ref Rng rng, Frame[] frames)
    {
        for (var t = 0; t < frames.Length; t++)
        {
            var frame = frames[t];
            var flicker = this with { Brightness = Brightness * (1 + (Flicker * rng.Normal())), Contrast = Contrast * (1 + (Flicker * rng.Normal())) };
            new ColorMatrix(flicker.Brightness, flicker.Contrast, Saturation, Hue, MeanGrey(frame.Rgb)).Apply(frame.Rgb);
            for (var i = 0; i < Blur; i++)
            {
                Smoothing.Apply(frame.Rgb, frame.Width, frame.Height);
            }

            if (Noise > 0)
            {
                AddNoise(ref rng, frame.Rgb);
            }

            if (JpegQuality > 0)
            {
                frames[t] = ImageFile.Decode(ImageFile.EncodeJpeg(frame, JpegQuality), "a training frame", frame.Index);
            }
        }
    }

    private static float MeanGrey(byte[] rgb)
    {
        long sum = 0;
        foreach (var value in rgb)
        {
            sum += value;
        }

        return (float)sum / rgb.Length;
    }

    // Binomial: the bits set in a random byte, centred; spread sqrt(2) steps.
    private void AddNoise(ref Rng rng, Span<byte> rgb)
    {
        for (var i = 0; i < rgb.Length; i += 8)
        {
            var random = rng.NextUInt64();
            var end = Math.Min(i + 8, rgb.Length);
            for (var k = i; k < end; k++, random >>= 8)
            {
                rgb[k] = (byte)Math.Clamp(rgb[k] + (Noise * (int.PopCount((int)(random & 255)) - 4)), 0, 255);
            }
        }
    }
}
