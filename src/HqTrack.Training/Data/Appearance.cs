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

/// <summary>Brightness, contrast about the image's mean, saturation and a hue turn as one 3x3 matrix with offset, in 12-bit fixed point.</summary>
internal readonly struct ColorMatrix
{
    private const int One = 1 << 12;
    private readonly int[] _m;
    private readonly int _offset;

    /// <param name="brightness">Factor on every channel.</param>
    /// <param name="contrast">Factor on the distance from the mean.</param>
    /// <param name="saturation">Factor on the distance from grey; 0 is grey.</param>
    /// <param name="hue">Turn about the grey axis, radians.</param>
    /// <param name="mean">The image's mean value, 0..255.</param>
    public ColorMatrix(float brightness, float contrast, float saturation, float hue, float mean)
    {
        Span<float> luma = [0.299f, 0.587f, 0.114f];
        var (sin, cos) = MathF.SinCos(hue);
        var gain = brightness * contrast;
        _m = new int[9];
        for (var r = 0; r < 3; r++)
        {
            for (var c = 0; c < 3; c++)
            {
                // Rotation about (1, 1, 1) / sqrt(3) by Rodrigues' formula, then the pull towards luma.
                var turn = ((1 - cos) / 3) + (r == c ? cos : 0) + (((c - r + 3) % 3) switch { 1 => -sin, 2 => sin, _ => 0 } / MathF.Sqrt(3));
                _m[(r * 3) + c] = (int)MathF.Round(One * gain * ((saturation * turn) + ((1 - saturation) * luma[c])));
            }
        }

        _offset = (int)MathF.Round(One * brightness * (1 - contrast) * mean) + (One / 2);
    }

    public void Apply(Span<byte> rgb)
    {
        var (m0, m1, m2, m3, m4, m5, m6, m7, m8) = (_m[0], _m[1], _m[2], _m[3], _m[4], _m[5], _m[6], _m[7], _m[8]);
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            var (r, g, b) = ((int)rgb[i], (int)rgb[i + 1], (int)rgb[i + 2]);
            rgb[i] = Clamp((m0 * r) + (m1 * g) + (m2 * b) + _offset);
            rgb[i + 1] = Clamp((m3 * r) + (m4 * g) + (m5 * b) + _offset);
            rgb[i + 2] = Clamp((m6 * r) + (m7 * g) + (m8 * b) + _offset);
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value >> 12, 0, 255);
}
