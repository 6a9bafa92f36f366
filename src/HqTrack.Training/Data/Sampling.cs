using System.Runtime.CompilerServices;
using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>
/// Samples pictures into square canvases: images bilinear with 8-bit weights, ids by nearest neighbour, both at the same coordinates,
/// so that they move as one. Beyond its edges a picture goes on mirrored.
/// </summary>
internal static unsafe class Sampling
{
    private const int MaxSize = 2048;

    /// <summary>Fills the canvas; <paramref name="ids"/> maps the picture's ids to the clip's.</summary>
    public static void Fill(Picture picture, in View view, byte[] ids, Frame canvas, LabelMap labels)
    {
        var size = Check(canvas);
        Span<float> us = stackalloc float[size];
        Span<float> vs = stackalloc float[size];
        var (width, height) = (picture.Width, picture.Height);
        fixed (byte* rgb = picture.Image.Rgb, source = picture.Labels.Ids, targetRgb = canvas.Rgb, targetIds = labels.Ids)
        {
            for (var y = 0; y < size; y++)
            {
                view.MapRow(y, 0, us, vs);
                var outRgb = targetRgb + (y * size * 3);
                var outIds = targetIds + (y * size);
                for (var x = 0; x < size; x++, outRgb += 3)
                {
                    var (u, v) = (Mirror(us[x], width), Mirror(vs[x], height));
                    Bilinear(rgb, width, height, u, v, outRgb);
                    outIds[x] = ids[source[((int)(v + 0.5f) * width) + (int)(u + 0.5f)]];
                }
            }
        }
    }

    /// <summary>
    /// Lays one object over the canvas. Its edge is soft (the mask, sampled bilinearly, is the opacity); a pixel takes the id where the
    /// object covers half of it or more.
    /// </summary>
    public static void Paste(Picture picture, in View view, in PictureObject part, byte id, Frame canvas, LabelMap labels)
    {
        var size = Check(canvas);
        var (x0, y0, x1, y1) = view.Bounds(part, size);
        if (x0 >= x1)
        {
            return;
        }

        Span<float> us = stackalloc float[x1 - x0];
        Span<float> vs = stackalloc float[x1 - x0];
        var (width, height) = (picture.Width, picture.Height);
        var color = stackalloc byte[3];
        fixed (byte* rgb = picture.Image.Rgb, mask = picture.Labels.Ids, targetRgb = canvas.Rgb, targetIds = labels.Ids)
        {
            for (var y = y0; y < y1; y++)
            {
                view.MapRow(y, x0, us, vs);
                for (var x = x0; x < x1; x++)
                {
                    var (u, v) = (us[x - x0], vs[x - x0]);
                    if (!(u > part.X0 - 1 && v > part.Y0 - 1 && u < part.X1 && v < part.Y1))
                    {
                        continue;
                    }

                    var opacity = Coverage(mask, width, height, u, v, part.Id);
                    if (opacity == 0)
                    {
                        continue;
                    }

                    Bilinear(rgb, width, height, Math.Clamp(u, 0, width - 1), Math.Clamp(v, 0, height - 1), color);
                    var pixel = targetRgb + (((y * size) + x) * 3);
                    for (var c = 0; c < 3; c++)
                    {
                        pixel[c] = (byte)(((pixel[c] * (256 - opacity)) + (color[c] * opacity) + 128) >> 8);
                    }

                    if (opacity >= 128)
                    {
                        targetIds[(y * size) + x] = id;
                    }
                }
            }
        }
    }

    // Reflection about the centres of the edge pixels, into [0, length - 1].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mirror(float at, int length)
    {
        float last = length - 1;
        return at >= 0 && at <= last ? at : MirrorFar(at, last);
    }

    private static float MirrorFar(float at, float last)
    {
        if (last == 0 || !float.IsFinite(at))
        {
            return 0;
        }

        var folded = MathF.Abs(at) % (2 * last);
        return Math.Clamp(folded > last ? (2 * last) - folded : folded, 0, last);
    }

    // (u, v) lies within the picture.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Bilinear(byte* rgb, int width, int height, float u, float v, byte* result)
    {
        var (x, y) = ((int)u, (int)v);
        var (fx, fy) = ((int)((u - x) * 256), (int)((v - y) * 256));
        var topLeft = rgb + (((y * width) + x) * 3);
        var right = x < width - 1 ? 3 : 0;
        var down = y < height - 1 ? width * 3 : 0;
        for (var c = 0; c < 3; c++)
        {
            var top = (topLeft[c] * (256 - fx)) + (topLeft[c + right] * fx);
            var bottom = (topLeft[c + down] * (256 - fx)) + (topLeft[c + down + right] * fx);
            result[c] = (byte)(((top * (256 - fy)) + (bottom * fy) + 32768) >> 16);
        }
    }

    // How much of the place is the object's, 0..256; nothing is outside the picture.
    private static int Coverage(byte* mask, int width, int height, float u, float v, byte id)
    {
        var (x, y) = ((int)MathF.Floor(u), (int)MathF.Floor(v));
        var (fx, fy) = ((int)((u - x) * 256), (int)((v - y) * 256));
        int At(int px, int py) => (uint)px < (uint)width && (uint)py < (uint)height && mask[(py * width) + px] == id ? 256 : 0;
        var top = (At(x, y) * (256 - fx)) + (At(x + 1, y) * fx);
        var bottom = (At(x, y + 1) * (256 - fx)) + (At(x + 1, y + 1) * fx);
        return ((top * (256 - fy)) + (bottom * fy)) >> 16;
    }

    private static int Check(Frame canvas) => canvas.Width <= MaxSize
        ? canvas.Width
        : throw new ArgumentException($"a canvas of {canvas.Width} pixels, expected at most {MaxSize}.", nameof(canvas));
}
