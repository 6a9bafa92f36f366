namespace HqTrack.Scenes.Geometry;

/// <summary>
/// Sine, exponential and logarithm made of IEEE 754 additions, multiplications and divisions alone, so that a scene has the same bits on
/// every machine: the C library's differ in the last place between systems, and between CPUs with and without fused multiply-add.
/// Errors are below 1e-14 for the arguments of a scene (|x| below 1e6).
/// </summary>
internal static class PortableMath
{
    private const double HalfPiHigh = 1.5707963267341256;       // 33 bits, so that k * HalfPiHigh is exact
    private const double HalfPiLow = 6.077100506506192e-11;
    private const double Ln2 = 0.6931471805599453;

    public static (double Sin, double Cos) SinCos(double x)
    {
        var quarter = Math.Floor((x * (2 / Math.PI)) + 0.5);
        var r = x - (quarter * HalfPiHigh) - (quarter * HalfPiLow);
        var q = r * r;

        // Taylor; |r| <= pi / 4, the first omitted terms are below 1e-15.
        var sin = r * (1 + (q * (-1.0 / 6 + (q * (1.0 / 120 + (q * (-1.0 / 5040 + (q * (1.0 / 362880 + (q * (-1.0 / 39916800 + (q / 6227020800.0))))))))))));
        var cos = 1 + (q * (-1.0 / 2 + (q * (1.0 / 24 + (q * (-1.0 / 720 + (q * (1.0 / 40320 + (q * (-1.0 / 3628800 + (q * (1.0 / 479001600 - (q / 87178291200.0)))))))))))));
        return ((long)quarter & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    public static double Sin(double x) => SinCos(x).Sin;

    public static double Cos(double x) => SinCos(x).Cos;

    /// <summary>e to the x, |x| below 700.</summary>
    public static double Exp(double x)
    {
        var whole = Math.Floor((x / Ln2) + 0.5);
        var r = x - (whole * Ln2);
        var (sum, term) = (1.0, 1.0);
        for (var n = 1; n <= 14; n++)
        {
            term *= r / n;
            sum += term;
        }

        return sum * BitConverter.Int64BitsToDouble(((long)whole + 1023) << 52);
    }

    /// <summary>The natural logarithm of a positive normal number.</summary>
    public static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // ln m = 2 artanh((m - 1) / (m + 1)), |s| <= 0.172.
        var s = (mantissa - 1) / (mantissa + 1);
        var (sum, power) = (0.0, s);
        for (var n = 1; n <= 21; n += 2)
        {
            sum += power / n;
            power *= s * s;
        }

        return (exponent * Ln2) + (2 * sum);
    }

    /// <summary>x to the y, x positive.</summary>
    public static double Pow(double x, double y) => Exp(y * Log(x));

    /// <summary>0 below <paramref name="low"/>, 1 above <paramref name="high"/>, smooth in between (3 t^2 - 2 t^3).</summary>
    public static float SmoothStep(float low, float high, float x)
    {
        var t = Math.Clamp((x - low) / (high - low), 0f, 1f);
        return t * t * (3 - (2 * t));
    }
}
