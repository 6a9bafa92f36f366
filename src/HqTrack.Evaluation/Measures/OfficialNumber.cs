using System.Numerics;

namespace HqTrack.Evaluation.Measures;

/// <summary>Numbers as text the way the official (Python) programs print them: .NET rounds halves away from zero, they round to even.</summary>
internal static class OfficialNumber
{
    /// <summary>A cell of a CSV: three decimals, NaN is empty.</summary>
    public static string Csv(double value) => double.IsNaN(value) ? string.Empty : Fixed(value, 3);

    /// <summary>"%.Nf": rounds the exact binary value half to even; negative zero keeps its sign.</summary>
    /// <param name="value">Any double; NaN and infinities are "nan", "inf" and "-inf".</param>
    /// <param name="decimals">Digits after the point, at least 1.</param>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        // |value| = mantissa * 2^exponent exactly.
        var bits = BitConverter.DoubleToInt64Bits(value);
        var field = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        BigInteger scaled = field == 0 ? mantissa : mantissa | (1L << 52);
        var exponent = Math.Max(field, 1) - 1075;
        scaled *= BigInteger.Pow(10, decimals);
        if (exponent >= 0)
        {
            scaled <<= exponent;
        }
        else
        {
            var unit = BigInteger.One << -exponent;
            scaled = BigInteger.DivRem(scaled, unit, out var rest);
            var half = (rest << 1).CompareTo(unit);
            scaled += half > 0 || (half == 0 && !scaled.IsEven) ? 1 : 0;
        }

        var digits = scaled.ToString().PadLeft(decimals + 1, '0');
        return $"{(double.IsNegative(value) ? "-" : "")}{digits[..^decimals]}.{digits[^decimals..]}";
    }
}
