using System.Globalization;
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

    /// <summary>Python's repr: the shortest digits that read back as the same number, with a ".0" or an exponent of at least two digits.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        // .NET's shortest digits, laid out anew: it changes to exponents elsewhere.
        var parts = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var whole = parts[0].Split('.')[0].TrimStart('0');
        var fraction = parts[0].Contains('.') ? parts[0].Split('.')[1] : string.Empty;
        var leading = whole.Length > 0 ? whole.Length - 1 : -1 - (fraction.Length - fraction.TrimStart('0').Length);
        var exponent = leading + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        var digits = (whole + fraction).TrimStart('0').TrimEnd('0');
        var sign = double.IsNegative(value) ? "-" : "";
        return (digits.Length, exponent) switch
        {
            (0, _) => sign + "0.0",
            (1, < -4 or > 15) => $"{sign}{digits}e{exponent:+00;-00}",
            (_, < -4 or > 15) => $"{sign}{digits[0]}.{digits[1..]}e{exponent:+00;-00}",
            (_, < 0) => $"{sign}0.{new string('0', -exponent - 1)}{digits}",
            var (length, _) when length <= exponent + 1 => $"{sign}{digits.PadRight(exponent + 1, '0')}.0",
            _ => $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
        };
    }
}
