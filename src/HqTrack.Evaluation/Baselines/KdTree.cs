namespace HqTrack.Evaluation.Baselines;

/// <summary>
/// Exact nearest neighbours of points in a few dimensions. The tree is the order of the points itself: the middle of each range is a
/// node that splits the rest along the range's widest side.
/// </summary>
internal sealed class KdTree
{
    private const int LeafSize = 8;

    private readonly int dimensions;
    private readonly float[] points;    // in tree order
    private readonly int[] order;       // tree position -> index of the caller
    private readonly int[] positions;   // index of the caller -> tree position
    private readonly byte[] axes;       // per tree position that is a node

    /// <summary>Builds the tree; at least one point.</summary>
    /// <param name="values">Points, N x dimensions; copied.</param>
    /// <param name="dimensions">Dimensions of a point.</param>
    public KdTree(ReadOnlySpan<float> values, int dimensions)
    {
        this.dimensions = dimensions;
        var count = values.Length / dimensions;
        order = [.. Enumerable.Range(0, count)];
        axes = new byte[count];
        Build(values, 0, count);
        points = new float[values.Length];
        positions = new int[count];
        for (var i = 0; i < count; i++)
        {
            values.Slice(order[i] * dimensions, dimensions).CopyTo(points.AsSpan(i * dimensions));
            positions[order[i]] = i;
        }
    }

    /// <summary>Index of the point nearest to <paramref name="query"/>.</summary>
    /// <param name="query">One point.</param>
    /// <param name="guess">A point that is probably near, which narrows the search; -1 for none.</param>
    public int Nearest(ReadOnlySpan<float> query, int guess = -1)
    {
        var best = guess < 0 ? 0 : positions[guess];
        var distance = Distance(query, best);
        Search(query, 0, order.Length, ref best, ref distance);
        return order[best];
    }

    private void Build(ReadOnlySpan<float> values, int start, int end)
    {
        if (end - start <= LeafSize)
        {
            return;
        }

        var axis = WidestAxis(values, start, end);
        var keys = new float[end - start];
        for (var i = start; i < end; i++)
        {
            keys[i - start] = values[(order[i] * dimensions) + axis];
        }

        keys.AsSpan().Sort(order.AsSpan(start, end - start));
        var middle = (start + end) / 2;
        axes[middle] = (byte)axis;
        Build(values, start, middle);
        Build(values, middle + 1, end);
    }

    private int WidestAxis(ReadOnlySpan<float> values, int start, int end)
    {
        var (widest, width) = (0, -1f);
        for (var axis = 0; axis < dimensions; axis++)
        {
            var (low, high) = (float.MaxValue, float.MinValue);
            for (var i = start; i < end; i++)
            {
                var value = values[(order[i] * dimensions) + axis];
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }

            if (high - low > width)
            {
                (widest, width) = (axis, high - low);
            }
        }

        return widest;
    }

    private void Search(ReadOnlySpan<float> query, int start, int end, ref int best, ref float distance)
    {
        while (end - start > LeafSize)
        {
            var middle = (start + end) / 2;
            Try(query, middle, ref best, ref distance);
            var axis = axes[middle];
            var offset = query[axis] - points[(middle * dimensions) + axis];
            var (near, far) = offset < 0 ? ((start, middle), (middle + 1, end)) : ((middle + 1, end), (start, middle));
            Search(query, near.Item1, near.Item2, ref best, ref distance);
            if (offset * offset >= distance)
            {
                return;
            }

            (start, end) = far;
        }

        for (var i = start; i < end; i++)
        {
            Try(query, i, ref best, ref distance);
        }
    }

    private void Try(ReadOnlySpan<float> query, int position, ref int best, ref float distance)
    {
        var candidate = Distance(query, position);
        if (candidate < distance)
        {
            (best, distance) = (position, candidate);
        }
    }

    private float Distance(ReadOnlySpan<float> query, int position)
    {
        var point = points.AsSpan(position * dimensions, dimensions);
        var sum = 0f;
        for (var i = 0; i < point.Length; i++)
        {
            var difference = query[i] - point[i];
            sum += difference * difference;
        }

        return sum;
    }
}
