using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// Prompts drawn as maps on the decoder's grid. Not in the releases: tokens alone say where a prompt is by a code of frequencies, which takes millions of masks to learn to read; a drawing
/// is read by convolutions at once (interactive segmentation has long done so, e.g. Sofiiuk et al. 2021).
/// </summary>
internal static class PromptMaps
{
    /// <summary>Maps of a prompt: the box, clicks inside and outside as dots, the same as wide spots, the mask.</summary>
    public const int Channels = 6;

    private const double DotCells = 1.5;      // standard deviation of a dot, in cells of the grid
    private const double SpotShare = 0.1;     // of a spot, as a share of the image's side

    /// <summary>Draws a batch, [B, 6, grid, grid]: all values 0..1, the mask's -1..1; what is not given is 0.</summary>
    /// <param name="prompts">At least one part.</param>
    /// <param name="grid">Size of the decoder's masks.</param>
    /// <param name="image">Size of the padded image in pixels.</param>
    /// <param name="device">Where the maps are wanted.</param>
    public static Tensor Draw(SamPrompts prompts, (int Height, int Width) grid, (int Height, int Width) image, Device device)
    {
        using var scope = NewDisposeScope();
        var batch = prompts.Points?.size(0) ?? prompts.Boxes?.size(0) ?? prompts.Masks!.size(0);
        var none = zeros([batch, 1, grid.Height, grid.Width], device: device);
        var cell = (float)image.Width / grid.Width;
        Tensor Middles(int count) => ((arange(count, dtype: ScalarType.Float32, device: device) + 0.5f) * cell) - 0.5f; // of cells, in pixels
        Tensor x = Middles(grid.Width), y = Middles(grid.Height);
        var maps = new List<Tensor> { prompts.Boxes is { } boxes ? Box(boxes, x, y, cell) : none };
        if (prompts.Points is { } points)
        {
            var distance = Distance(points, x, y);
            var labels = prompts.Labels!.to(ScalarType.Float32).view(batch, -1, 1, 1);
            foreach (var deviation in new[] { DotCells * cell, SpotShare * image.Width })
            {
                var spots = (distance / (-2 * deviation * deviation)).exp();
                maps.Add((spots * (labels == 1)).amax([1L], keepdim: true));
                maps.Add((spots * (labels == 0)).amax([1L], keepdim: true));
            }
        }
        else
        {
            maps.AddRange([none, none, none, none]);
        }

        maps.Add(prompts.Masks is { } masks ? (masks / 2).tanh() : none);
        return cat(maps, 1).MoveToOuterDisposeScope();
    }

    // Squared distance of every cell's middle from every point, [B, n, grid, grid], in pixels.
    private static Tensor Distance(Tensor points, Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var across = (x - points.select(2, 0).unsqueeze(-1)).square().unsqueeze(2);
        var down = (y - points.select(2, 1).unsqueeze(-1)).square().unsqueeze(3);
        return (across + down).MoveToOuterDisposeScope();
    }

    // The share of each cell that the box covers, [B, 1, grid, grid].
    private static Tensor Box(Tensor boxes, Tensor x, Tensor y, float cell)
    {
        using var scope = NewDisposeScope();
        Tensor Covered(Tensor middles, int low) =>
            (((middles - boxes.narrow(1, low, 1) + 0.5f) / cell) + 0.5f).clamp(0, 1) * (((boxes.narrow(1, low + 2, 1) - middles + 0.5f) / cell) + 0.5f).clamp(0, 1); // [B, side]
        return (Covered(x, 0).unsqueeze(1) * Covered(y, 1).unsqueeze(2)).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
