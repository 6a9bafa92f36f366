namespace HqTrack.Media;

/// <summary>Frames with their objects drawn over them: every object filled with a see-through shade of its palette colour, and a line along its edge.</summary>
public static class OverlayImage
{
    /// <summary>Draws into a copy of the frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="labels">Object ids, of the frame's size.</param>
    /// <exception cref="MediaException">The map has another size than the frame.</exception>
    public static Frame Draw(Frame frame, LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(labels);
        return Overlay.Draw(frame, labels);
    }

    /// <summary>As <see cref="Draw"/>, as the bytes of a JPEG file.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="labels">Object ids, of the frame's size.</param>
    /// <param name="quality">1..100.</param>
    /// <exception cref="MediaException">The map has another size than the frame.</exception>
    public static byte[] Jpeg(Frame frame, LabelMap labels, int quality = 85) => ImageFile.EncodeJpeg(Draw(frame, labels), quality);
}
