using System.Globalization;
using HqTrack.Evaluation.Measures;

namespace HqTrack.Evaluation.Vot;

/// <summary>
/// Regions as text, as the VOT toolkit reads and writes them: one number is a special code, two a point, four a rectangle, six or
/// more a polygon; "m" x,y,w,h,runs is a mask.
/// </summary>
internal static class RegionText
{
    /// <summary>Reads a region; masks are cut to their tight box, a NaN among coordinates is special 0.</summary>
    /// <returns>Null for three or five or seven ... numbers, which the toolkit takes for no region at all.</returns>
    /// <exception cref="FormatException">The text is no region; the message says why.</exception>
    public static Region? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith('m'))
        {
            return ParseMask(text[1..]).Cut();
        }

        var numbers = text.Split(',').Select(Number).ToArray();
        if (numbers.Length == 1)
        {
            return Math.Abs(numbers[0]) <= int.MaxValue
                ? new Region.Special((int)numbers[0])
                : throw new FormatException($"'{text}' is no special code, expected a whole number");
        }

        if (numbers.Length is 3 || (numbers.Length > 4 && numbers.Length % 2 == 1))
        {
            return null;
        }

        if (numbers.Any(double.IsNaN))
        {
            return new Region.Special(Region.Special.Unknown);
        }

        return numbers switch
        {
            [var x, var y] => new Region.Point(x, y),
            [var x, var y, var width, var height] => new Region.Rectangle((float)x, (float)y, (float)width, (float)height),
            _ => new Region.Polygon([.. numbers.Select(number => (float)number)]),
        };
    }

    /// <summary>Writes a region.</summary>
    public static string Format(Region region) => region switch
    {
        Region.Special special => special.Code.ToString(CultureInfo.InvariantCulture),
        Region.Point point => Join(point.X, point.Y),
        Region.Rectangle box => Join(box.X, box.Y, box.Width, box.Height),
        Region.Polygon polygon => Join([.. polygon.Points.Select(value => (double)value)]),
        Region.Mask mask => $"m{mask.X},{mask.Y},{mask.Width},{mask.Height},{string.Join(',', MaskRuns.Encode(mask.Pixels))}",
        _ => throw new ArgumentOutOfRangeException(nameof(region)),
    };

    private static Region.Mask ParseMask(string text)
    {
        var numbers = text.Split(',').Select(token => int.TryParse(token, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{Shorten(token)}' in a mask is no whole number")).ToArray();
        return numbers.Length >= 4
            ? new(numbers[0], numbers[1], numbers[2], numbers[3], MaskRuns.Decode(numbers.AsSpan(4), numbers[2], numbers[3]))
            : throw new FormatException($"a mask has {numbers.Length} numbers, expected x, y, width, height and runs");
    }

    private static double Number(string token) => double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException($"'{Shorten(token)}' is no number");

    private static string Shorten(string token) => token.Length <= 40 ? token : token[..40] + "...";

    private static string Join(params double[] values) => string.Join(',', values.Select(OfficialNumber.Repr));
}
