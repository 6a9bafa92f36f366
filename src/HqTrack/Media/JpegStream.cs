namespace HqTrack.Media;

/// <summary>Cuts a stream of JPEG pictures (MJPEG) into pictures by their markers (ITU T.81, annex B), so that thumbnails inside do not confuse it.</summary>
internal sealed class JpegStream(Stream stream)
{
    private const int MaxBytes = 256 << 20;

    private readonly BufferedStream _stream = new(stream, 1 << 16);

    /// <summary>The next picture's bytes; null at the end.</summary>
    /// <exception cref="MediaException">The stream ends inside a picture or holds something else.</exception>
    public byte[]? Next(int index)
    {
        var picture = new MemoryStream();
        var first = _stream.ReadByte();
        while (first is 0x0A or 0x0D) // some writers put line ends between pictures
        {
            first = _stream.ReadByte();
        }

        if (first < 0)
        {
            return null;
        }

        picture.WriteByte((byte)first);
        if (first != 0xFF || Copy(picture, index) != 0xD8)
        {
            throw new MediaException($"frame {index} on stdin does not begin like a JPEG; expected JPEG pictures one after another, all of one kind.");
        }

        var marker = Marker(picture, index);
        while (marker != 0xD9)
        {
            if (marker is 0x01 or >= 0xD0 and <= 0xD7)
            {
                marker = Marker(picture, index); // without content
                continue;
            }

            var length = (Copy(picture, index) << 8) | Copy(picture, index);
            for (var i = 2; i < length; i++)
            {
                Copy(picture, index);
            }

            marker = marker == 0xDA ? AfterScan(picture, index) : Marker(picture, index);
        }

        return picture.ToArray();
    }

    private int Marker(MemoryStream picture, int index)
    {
        if (Copy(picture, index) != 0xFF)
        {
            throw new MediaException($"frame {index} on stdin is a damaged JPEG; check the program that writes it.");
        }

        int marker;
        do
        {
            marker = Copy(picture, index);
        }
        while (marker == 0xFF);
        return marker;
    }

    // Compressed data ends at a marker that is neither stuffing nor a restart.
    private int AfterScan(MemoryStream picture, int index)
    {
        while (true)
        {
            if (Copy(picture, index) != 0xFF)
            {
                continue;
            }

            int marker;
            do
            {
                marker = Copy(picture, index);
            }
            while (marker == 0xFF);
            if (marker is not (0 or >= 0xD0 and <= 0xD7))
            {
                return marker;
            }
        }
    }

    private int Copy(MemoryStream picture, int index)
    {
        var value = _stream.ReadByte();
        if (value < 0 || picture.Length > MaxBytes)
        {
            throw new MediaException($"stdin ends inside frame {index}, or it is larger than {MaxBytes >> 20} MB; check the program that writes it.");
        }

        picture.WriteByte((byte)value);
        return value;
    }
}
