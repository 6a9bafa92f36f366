namespace HqTrack.Training.Data;

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
