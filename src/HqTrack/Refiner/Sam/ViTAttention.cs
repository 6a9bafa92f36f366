using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Multi-head self-attention with decomposed relative positions, over windows or the whole map.</summary>
internal sealed class ViTAttention : nn.Module
{
    private readonly Parameter? rel_pos_h; // [2H - 1, D]
    private readonly Parameter? rel_pos_w; // [2W - 1, D]
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly long heads;

    /// <param name="channels">C</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="hasBias">Whether queries, keys and values have a bias.</param>
    /// <param name="positions">Height and width that the relative positions are made for; null for none.</param>
    public ViTAttention(long channels, int heads, bool hasBias, (long Height, long Width)? positions)
        : base(nameof(ViTAttention))
    {
        this.heads = heads;
        if (positions is { } size)
        {
            rel_pos_h = nn.Parameter(zeros((2 * size.Height) - 1, channels / heads));
            rel_pos_w = nn.Parameter(zeros((2 * size.Width) - 1, channels / heads));
        }

        qkv = nn.Linear(channels, channels * 3, hasBias);
        proj = nn.Linear(channels, channels);
        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> [B, H, W, C].</summary>
    /// <param name="x">Normalised map.</param>
    /// <param name="window">Side of a window; 0 attends to the whole map.</param>
    /// <remarks>
    /// Windows at the border are padded with zeros before the projection, as published, so padding has the bias as query, key and
    /// value and takes part in the softmax. The projection itself is done on the real positions only.
    /// </remarks>
    public Tensor Forward(Tensor x, int window)
    {
        using var scope = NewDisposeScope();
        long batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3), depth = channels / heads;
        long h = window > 0 ? window : height, w = window > 0 ? window : width;
        long rows = Windows.Padded(height, h) / h, columns = Windows.Padded(width, w) / w;
        var (q, k, v) = Project(x, rows, h, columns, w);
        var bias = rel_pos_h is null ? default : RelativePosition.Bias(q, rel_pos_h, rel_pos_w!, (h, w), (h, w));
        var attended = RelativeAttention.Forward(q, k, v, bias.Rows, bias.Columns, 1 / Math.Sqrt(depth))
            .view(batch, rows, columns, heads, h, w, depth)
            .permute(0, 1, 4, 2, 5, 3, 6)
            .reshape(batch, rows * h, columns * w, channels); // heads and windows together again
        return proj.call(attended.narrow(1, 0, height).narrow(2, 0, width)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, H, W, C] -> three times [B * windows * heads, h * w, D].</summary>
    private (Tensor Q, Tensor K, Tensor V) Project(Tensor x, long rows, long h, long columns, long w)
    {
        using var scope = NewDisposeScope();
        long batch = x.size(0), height = x.size(1), width = x.size(2);
        var projected = qkv.call(x).view(batch, height, width, 3, heads, -1);
        Tensor parts;
        if (rows * columns == 1 && h == height && w == width)
        {
            parts = projected.permute(3, 0, 4, 1, 2, 5).reshape(3, batch * heads, h * w, -1); // a view
        }
        else
        {
            parts = empty([3, batch, rows, columns, heads, h, w, projected.size(5)], device: x.device, dtype: x.dtype);
            for (long row = 0; row < rows; row++)
            {
                for (long column = 0; column < columns; column++)
                {
                    using var inner = NewDisposeScope();
                    long top = row * h, left = column * w, inHeight = Math.Min(h, height - top), inWidth = Math.Min(w, width - left);
                    var window = parts.select(2, row).select(2, column); // [3, B, heads, h, w, D]
                    if (inHeight < h || inWidth < w)
                    {
                        Pad(window);
                    }

                    window.narrow(3, 0, inHeight).narrow(4, 0, inWidth)
                        .copy_(projected.narrow(1, top, inHeight).narrow(2, left, inWidth).permute(3, 0, 4, 1, 2, 5));
                }
            }

            parts = parts.view(3, batch * rows * columns * heads, h * w, -1);
        }

        return (parts[0].MoveToOuterDisposeScope(), parts[1].MoveToOuterDisposeScope(), parts[2].MoveToOuterDisposeScope());
    }

    // What the projection makes of zeros.
    private void Pad(Tensor window)
    {
        if (qkv.bias is null)
        {
            window.zero_();
        }
        else
        {
            window.copy_(qkv.bias.view(3, 1, heads, 1, 1, -1).expand(window.shape));
        }
    }
}
