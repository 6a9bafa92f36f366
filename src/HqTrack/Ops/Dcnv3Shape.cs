namespace HqTrack.Ops;

/// <summary>Sizes of one deformable convolution.</summary>
/// <param name="Batch">B</param>
/// <param name="Height">H</param>
/// <param name="Width">W</param>
/// <param name="Channels">Channels of a group.</param>
/// <param name="Geometry">Groups, kernel, stride, padding, dilation, offset scale.</param>
internal readonly record struct Dcnv3Shape(int Batch, int Height, int Width, int Channels, Dcnv3Geometry Geometry)
{
    /// <summary>H'</summary>
    public int OutHeight => (int)Geometry.Output(Height);

    /// <summary>W'</summary>
    public int OutWidth => (int)Geometry.Output(Width);

    /// <summary>Channels of all groups.</summary>
    public int AllChannels => Geometry.Groups * Channels;

    /// <summary>Points of all groups at one output.</summary>
    public int AllPoints => Geometry.Groups * Geometry.Points;
}
