using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Relative position embeddings decomposed into rows and columns (Li et al. 2022, MViTv2; SAM's image encoder).</summary>
internal static class RelativePosition
{
    /// <summary>
    /// Embedding of every pair of a query and a key coordinate, [queries, keys, D]. A table of another length than
    /// 2 * max(queries, keys) - 1 is resized linearly; the shorter side is stretched to the longer one's coordinates.
    /// </summary>
    /// <param name="queries">Positions of the queries along one axis.</param>
    /// <param name="keys">Positions of the keys along that axis.</param>
    /// <param name="table">[2 * size - 1, D], by distance.</param>
    public static Tensor Table(long queries, long keys, Tensor table)
    {
        using var scope = NewDisposeScope();
        var length = (2 * Math.Max(queries, keys)) - 1;
        if (table.size(0) != length)
        {
            table = nn.functional.interpolate(table.t().unsqueeze(0), size: [length], mode: InterpolationMode.Linear, align_corners: false)[0].t();
        }

        float stretchQ = Math.Max((float)keys / queries, 1), stretchK = Math.Max((float)queries / keys, 1); // float32 as published, it decides roundings
        var index = new long[queries * keys];
        for (var q = 0; q < queries; q++)
        {
            for (var k = 0; k < keys; k++)
            {
                index[(q * keys) + k] = (long)((q * stretchQ) - (k * stretchK) + ((keys - 1) * stretchK)); // truncated, as published
            }
        }

        return table.index_select(0, tensor(index, device: table.device)).view(queries, keys, -1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Row and column term of the attention bias, computed from the unscaled queries.
    /// </summary>
    /// <param name="q">[N, H * W, D]</param>
    /// <param name="rowTable">[2H - 1, D], or another length.</param>
    /// <param name="columnTable">[2W - 1, D], or another length.</param>
    /// <param name="queries">H and W of the queries.</param>
    /// <param name="keys">H' and W' of the keys.</param>
    /// <returns>[N, H * W, H'] and [N, H * W, W'].</returns>
    public static (Tensor Rows, Tensor Columns) Bias(
        Tensor q, Tensor rowTable, Tensor columnTable, (long Height, long Width) queries, (long Height, long Width) keys)
    {
        using var scope = NewDisposeScope();
        long n = q.size(0), d = q.size(2);
        var map = q.view(n, queries.Height, queries.Width, d);
        var rows = map.permute(1, 0, 2, 3).reshape(queries.Height, -1, d) // [H, N * W, D]
            .bmm(Table(queries.Height, keys.Height, rowTable).transpose(1, 2)) // [H, N * W, H']
            .view(queries.Height, n, queries.Width, keys.Height).permute(1, 0, 2, 3).reshape(n, -1, keys.Height);
        var columns = map.permute(2, 0, 1, 3).reshape(queries.Width, -1, d) // [W, N * H, D]
            .bmm(Table(queries.Width, keys.Width, columnTable).transpose(1, 2)) // [W, N * H, W']
            .view(queries.Width, n, queries.Height, keys.Width).permute(1, 2, 0, 3).reshape(n, -1, keys.Width);
        return (rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }
}
