namespace HqTrack.Media;

/// <summary>
/// The 256 colours of object ids: the colour map of PASCAL VOC, which DAVIS uses. Bit 3k, 3k+1, 3k+2 of an id are bit 7-k of red, green and blue.
/// </summary>
internal static class Palette
{
    private static readonly byte[] _rgb = Make();

    /// <summary>256 x 3 bytes: R, G, B of every id.</summary>
    public static ReadOnlySpan<byte> Rgb => _rgb;

    /// <summary>The colour of one id.</summary>
    public static (byte R, byte G, byte B) Color(int id) => (_rgb[id * 3], _rgb[(id * 3) + 1], _rgb[(id * 3) + 2]);

    private static byte[] Make()
    {
        var rgb = new byte[256 * 3];
        for (var id = 0; id < 256; id++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                rgb[(id * 3) + (bit % 3)] |= (byte)(((id >> bit) & 1) << (7 - (bit / 3)));
            }
        }

        return rgb;
    }
}
