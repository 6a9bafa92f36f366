namespace HqTrack.Evaluation.Vot;

/// <summary>A region as the VOT toolkit knows it: the state of an object in one frame. Coordinates are pixels of the frame.</summary>
internal abstract record Region
{
    private Region()
    {
    }

    /// <summary>Whether the toolkit takes the region for "no object here".</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>A code instead of a shape; its meaning depends on the file it stands in.</summary>
    public sealed record Special(int Code) : Region
    {
        /// <summary>In ground truth: not annotated. In results: no answer.</summary>
        public const int Unknown = 0;

        /// <summary>In results: the frame in which the object was pointed out.</summary>
        public const int Initialization = 1;

        /// <summary>In results: the tracker was declared to have failed.</summary>
        public const int Failure = 2;

        public override bool IsEmpty => true;
    }

    /// <summary>A point.</summary>
    public sealed record Point(double X, double Y) : Region
    {
        public override bool IsEmpty => false;
    }

    /// <summary>A box: left and top edge, width and height.</summary>
    public sealed record Rectangle(float X, float Y, float Width, float Height) : Region
    {
        public override bool IsEmpty => !(Width > 0 && Height > 0);
    }

    /// <summary>A closed polygon of at least three points, x and y in turn.</summary>
    public sealed record Polygon(IReadOnlyList<float> Points) : Region
    {
        public override bool IsEmpty
        {
            get
            {
                var (xs, ys) = (Points.Where((_, i) => i % 2 == 0), Points.Where((_, i) => i % 2 == 1));
                return xs.Min() == xs.Max() || ys.Min() == ys.Max();
            }
        }
    }

    /// <summary>A mask somewhere in the frame.</summary>
    /// <param name="X">Frame column of the mask's first column; may be negative.</param>
    /// <param name="Y">Frame row of the mask's first row; may be negative.</param>
    /// <param name="Width">Columns of the mask, 0 for none.</param>
    /// <param name="Height">Rows of the mask, 0 for none.</param>
    /// <param name="Pixels">Height x Width, 0 or 1.</param>
    public sealed record Mask(int X, int Y, int Width, int Height, byte[] Pixels) : Region
    {
        /// <summary>The mask of nothing.</summary>
        public static Mask None { get; } = new(0, 0, 0, 0, []);

        /// <summary>The toolkit's rule: also masks in their own first column, or first row, count as empty.</summary>
        public override bool IsEmpty => Extent() is not { Right: > 0, Bottom: > 0 };

        /// <summary>The tight box around the set pixels, both ends included, in the mask's own coordinates; (0, 0, 0, 0) for none.</summary>
        public (int Left, int Top, int Right, int Bottom) Extent()
        {
            var (left, top, right, bottom) = (int.MaxValue, -1, -1, -1);
            for (var y = 0; y < Height; y++)
            {
                ReadOnlySpan<byte> row = Pixels.AsSpan(y * Width, Width);
                var first = row.IndexOfAnyExcept((byte)0);
                if (first >= 0)
                {
                    top = top < 0 ? y : top;
                    bottom = y;
                    left = Math.Min(left, first);
                    right = Math.Max(right, row.LastIndexOfAnyExcept((byte)0));
                }
            }

            return top < 0 ? (0, 0, 0, 0) : (left, top, right, bottom);
        }

        /// <summary>Cut to the tight box, as the toolkit does when it reads text: a mask whose right-most column is its first is thrown away.</summary>
        public Mask Cut()
        {
            var (left, top, right, bottom) = Extent();
            return right == 0 ? None : Crop(left, top, right - left + 1, bottom - top + 1);
        }

        /// <summary>A part of the mask, in its own coordinates.</summary>
        public Mask Crop(int left, int top, int width, int height)
        {
            var pixels = new byte[width * height];
            for (var y = 0; y < height; y++)
            {
                Pixels.AsSpan(((top + y) * Width) + left, width).CopyTo(pixels.AsSpan(y * width));
            }

            return new(X + left, Y + top, width, height, pixels);
        }

        public bool Equals(Mask? other) =>
            other is not null && (X, Y, Width, Height) == (other.X, other.Y, other.Width, other.Height) && Pixels.AsSpan().SequenceEqual(other.Pixels);

        public override int GetHashCode() => HashCode.Combine(X, Y, Width, Height);
    }
}
