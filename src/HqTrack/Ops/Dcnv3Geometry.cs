namespace HqTrack.Ops;

/// <summary>Shape of a deformable convolution of the third version: square kernel, the same step and padding both ways.</summary>
/// <param name="Groups">Groups of channels; each has its own offsets and weights.</param>
/// <param name="Kernel">Side K of the kernel.</param>
/// <param name="Stride">Step between outputs.</param>
/// <param name="Padding">Zeros around the input.</param>
/// <param name="Dilation">Step between the kernel's points.</param>
/// <param name="OffsetScale">Factor of the kernel's points and of the offsets, which are in pixels.</param>
internal readonly record struct Dcnv3Geometry(
    int Groups, int Kernel = 3, int Stride = 1, int Padding = 1, int Dilation = 1, double OffsetScale = 1)
{
    /// <summary>Points per output and group.</summary>
    public int Points => Kernel * Kernel;

    /// <summary>Reach of the kernel to the left of its centre, in input pixels before scaling.</summary>
    public int Reach => Dilation * (Kernel - 1) / 2;

    /// <summary>Output side of an input side.</summary>
    public long Output(long side) => ((side + (2 * Padding) - (Dilation * (Kernel - 1)) - 1) / Stride) + 1;
}
