using System.Globalization;
using System.Text.RegularExpressions;
using HqTrack.Evaluation.Measures;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>
/// Regions as TraX messages carry them (trax 4.0.2, src/region.c): one number is a special code, four a rectangle, six or more a polygon,
/// "mask:" x,y,w,h,runs a mask; a NaN makes it special. Numbers are read up to their first odd letter, as atof does, in single precision.
/// </summary>
internal static partial class TraxRegion
{
    private const int MaxPixels = 1 << 26;
    private const int MaxText = 1 << 24;
    private const int MaxCorners = 10_000;

    /// <summary>Reads a region.</summary>
    /// <exception cref="FormatException">The text is no region; the message says why.</exception>
    public static Region Parse(string text)
    {
        var prefix = Scheme().Match(text);
        var numbers = Numbers(text.AsSpan(prefix.Length));
        if (numbers.Any(double.IsNaN))
        {
            return new Region.Special(numbers is [_, _, _, var code] && !double.IsNaN(code) ? -Whole(code) : Region.Special.Unknown);
        }

        return (prefix.Groups["name"].Value, numbers.Length) switch
        {
            ("mask", >= 4) => Mask(numbers),
            ("mask", var count) => throw new FormatException($"a mask has {count} numbers, expected x, y, width, height and runs"),
            ("special", not 1) => throw new FormatException($"a special code has {numbers.Length} numbers, expected 1"),
            ("rect", not 4) => throw new FormatException($"a rectangle has {numbers.Length} numbers, expected 4"),
            (not "poly", 1) => new Region.Special(Whole(numbers[0])),
            (not "poly", 4) => new Region.Rectangle((float)numbers[0], (float)numbers[1], (float)numbers[2], (float)numbers[3]),
            (_, > 2 * MaxCorners and var count) => throw new FormatException($"the polygon has {count / 2} corners, expected at most {MaxCorners}"),
            (_, >= 6 and var count) when count % 2 == 0 => new Region.Polygon([.. numbers.Select(number => (float)number)]),
            (_, var count) => throw new FormatException($"{count} numbers are no region, expected 1 (special), 4 (rectangle), an even number of at least 6 (polygon) or mask:x,y,w,h,runs"),
        };
    }

    /// <summary>Writes a region as the official library does: four decimals, a mask without its last background run.</summary>
    public static string Format(Region region)
    {
        switch (region)
        {
            case Region.Special special:
                return special.Code.ToString(CultureInfo.InvariantCulture);
            case Region.Rectangle box:
                return Join(box.X, box.Y, box.Width, box.Height);
            case Region.Polygon polygon:
                return Join([.. polygon.Points]);
            case Region.Mask mask:
                var runs = MaskRuns.Encode(mask.Pixels);
                return $"mask:{string.Join(',', [mask.X, mask.Y, mask.Width, mask.Height, .. runs.Take(runs.Count & ~1)])}";
            default:
                throw new ArgumentOutOfRangeException(nameof(region));
        }
    }

    /// <summary>A mask as an answer: one without pixels has its one run, which every build of the library reads (some end at a mask without any).</summary>
    /// <param name="mask">The object's mask, or <see cref="Region.Mask.None"/>.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    public static string Answer(Region.Mask mask, int width, int height) => mask.Pixels.AsSpan().Contains((byte)1)
        ? Format(mask)
        : $"mask:0,0,{width},{height},{width * height}";

    /// <summary>A mask's tight box as an answer; zeros for a mask without pixels.</summary>
    public static string AnswerBox(Region.Mask mask)
    {
        if (!mask.Pixels.AsSpan().Contains((byte)1))
        {
            return Join(0, 0, 0, 0);
        }

        var (left, top, right, bottom) = mask.Extent();
        return Join(mask.X + left, mask.Y + top, right - left + 1, bottom - top + 1);
    }

    /// <summary>The filled box that the official client sends to a tracker of masks: coordinates are truncated.</summary>
    /// <exception cref="FormatException">The box is too large.</exception>
    public static Region.Mask Filled(Region.Rectangle box)
    {
        var (width, height) = (Math.Max(0, Whole(box.Width)), Math.Max(0, Whole(box.Height)));
        CheckSize(width, height);
        var pixels = new byte[width * height];
        pixels.AsSpan().Fill(1);
        return new(Whole(box.X), Whole(box.Y), width, height, pixels);
    }

    private static Region.Mask Mask(double[] numbers)
    {
        var (width, height) = (Whole(numbers[2]), Whole(numbers[3]));
        if (width < 1 || height < 1)
        {
            throw new FormatException($"the mask is {width}x{height}, expected sides of at least 1");
        }

        CheckSize(width, height);
        var pixels = new byte[width * height];
        var position = 0;
        for (var i = 4; i < numbers.Length && position < pixels.Length; i++)
        {
            var run = Whole(numbers[i]);
            if (run < 0)
            {
                throw new FormatException($"run {i - 3} of the mask is {run} long, expected 0 or more");
            }

            run = Math.Min(run, pixels.Length - position); // surplus runs are cut, missing ones are background
            pixels.AsSpan(position, run).Fill((byte)(i & 1));
            position += run;
        }

        return new(Whole(numbers[0]), Whole(numbers[1]), width, height, pixels);
    }

    private static void CheckSize(int width, int height)
    {
        if ((long)width * height > MaxPixels)
        {
            throw new FormatException($"the region is {width}x{height}, expected at most {MaxPixels / 1_000_000} million pixels");
        }
    }

    private static double[] Numbers(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxText)
        {
            throw new FormatException($"the text has {text.Length} letters, expected at most {MaxText >> 20} MB");
        }

        var numbers = new List<double>();
        foreach (var range in text.Split(','))
        {
            numbers.Add(Number(text[range]));
        }

        return [.. numbers];
    }

    // Up to the first letter that fits no number, as atof reads; none is 0.
    private static double Number(ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        var end = text is ['+' or '-', ..] ? 1 : 0;
        if (text[end..].StartsWith("nan", StringComparison.OrdinalIgnoreCase))
        {
            return double.NaN;
        }

        if (text[end..].StartsWith("inf", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException("a coordinate is infinite, expected numbers");
        }

        var whole = Digits(text, end);
        var hasPoint = end + whole < text.Length && text[end + whole] == '.';
        var fraction = hasPoint ? Digits(text, end + whole + 1) : 0;
        if (whole + fraction == 0)
        {
            return 0;
        }

        end += whole + (hasPoint ? 1 + fraction : 0);
        if (end < text.Length && text[end] is 'e' or 'E')
        {
            var exponent = end + (end + 1 < text.Length && text[end + 1] is '+' or '-' ? 2 : 1);
            end = Digits(text, exponent) is > 0 and var digits ? exponent + digits : end;
        }

        return double.Parse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static int Digits(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - start;
    }

    private static int Whole(double number) => (int)Math.Clamp(number, -int.MaxValue, int.MaxValue);

    private static string Join(params ReadOnlySpan<float> values)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            texts[i] = OfficialNumber.Fixed(values[i], 4);
        }

        return string.Join(',', texts);
    }

    [GeneratedRegex("^(?<name>[a-z+.-]{0,15}):")]
    private static partial Regex Scheme();
}
