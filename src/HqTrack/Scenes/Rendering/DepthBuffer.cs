namespace HqTrack.Scenes.Rendering;

/// <summary>The nearest surface at every pixel's centre.</summary>
internal sealed class DepthBuffer(int width, int height)
{
    public int Width => width;

    public int Height => height;

    /// <summary>Nearness, H x W; 0 where there is nothing.</summary>
    public float[] Nearness { get; } = new float[width * height];

    public void Clear() => Nearness.AsSpan().Clear();

    public void Draw(in ScreenTriangle triangle)
    {
        var nearest = new Nearest(Nearness);
        triangle.Fill(width, ref nearest);
    }

    private readonly struct Nearest(float[] depth) : IPixelVisitor
    {
        public void Visit(int pixel, float nearness)
        {
            if (nearness > depth[pixel])
            {
                depth[pixel] = nearness;
            }
        }
    }
}
