using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>An encoded image: what propagation and decoder read. Shared by all groups of objects of a frame.</summary>
/// <param name="S4">[B, C, H/4, W/4]</param>
/// <param name="S8">[B, C, H/8, W/8]</param>
/// <param name="S16">[B, C, H/16, W/16]</param>
/// <param name="Projected">[B, E, H/16, W/16], the projected last map.</param>
/// <param name="Key8">Keys of the mask path, [B, H/8 * W/8, D]; null without one.</param>
/// <param name="Appearance">What the mask path's target model reads, [B, H/16 * W/16, F]; null without one.</param>
internal sealed record ImageFeatures(Tensor S4, Tensor S8, Tensor S16, Tensor Projected, Tensor? Key8, Tensor? Appearance) : IDisposable
{
    /// <summary>Height and width at 1/16.</summary>
    public (long Height, long Width) Grid16 => (Projected.size(2), Projected.size(3));

    /// <summary>Height and width at 1/8.</summary>
    public (long Height, long Width) Grid8 => (S8.size(2), S8.size(3));

    public void Dispose()
    {
        S4.Dispose();
        S8.Dispose();
        S16.Dispose();
        Projected.Dispose();
        Key8?.Dispose();
        Appearance?.Dispose();
    }

    /// <summary>The features of one slice of the batch, as views.</summary>
    public ImageFeatures Slice(long start, long count) => new(
        S4.narrow(0, start, count), S8.narrow(0, start, count), S16.narrow(0, start, count), Projected.narrow(0, start, count), Key8?.narrow(0, start, count),
        Appearance?.narrow(0, start, count));
}
