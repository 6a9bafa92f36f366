using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Rendering;

/// <summary>Draws snapshots of one size; holds the buffers and is used by one thread at a time.</summary>
internal sealed class FrameRenderer
{
    // Samples of two triangles share one colour where both belong to one smooth part of a surface.
    private const float SameSurface = 0.9f;

    private readonly int width;
    private readonly int height;
    private readonly Projector projector = new();
    private readonly VisibilityBuffer visibility;
    private readonly ShadowMap shadows;
    private readonly Shader shader;
    private readonly float[] light;
    private SurfaceTriangle[] triangles = new SurfaceTriangle[1024];
    private int count;

    public FrameRenderer(int width, int height)
    {
        (this.width, this.height) = (width, height);
        visibility = new(width, height);
        light = new float[width * height * 3];
        shadows = new(Math.Min(width, height) >= 300 ? 512 : 256);
        shader = new(shadows);
    }

    /// <summary>Draws the mean of some moments.</summary>
    /// <param name="moments">At least one.</param>
    /// <param name="rgb">The picture, H x W x 3.</param>
    /// <param name="ids">The labels of the pixels' centres at the middle moment, H x W.</param>
    public void Draw(IReadOnlyList<Snapshot> moments, Span<byte> rgb, Span<byte> ids)
    {
        light.AsSpan().Clear();
        for (var i = 0; i < moments.Count; i++)
        {
            Add(moments[i], i == moments.Count / 2 ? ids : []);
        }

        ToneCurve.Develop(light, moments[0].Light.Exposure / moments.Count, rgb);
    }

    private void Add(Snapshot snapshot, Span<byte> ids)
    {
        shadows.Draw(projector, snapshot.Bodies, snapshot.Light.ToKey, snapshot.ShadowRadius);
        shader.Begin(snapshot);
        visibility.Clear();
        count = 0;
        for (var i = 0; i < snapshot.Bodies.Length; i++)
        {
            var sink = new Sink(this, snapshot.Bodies[i], i);
            projector.Project(snapshot.Bodies[i].Mesh, snapshot.Bodies[i].Map, snapshot.Camera, width, height, ref sink);
        }

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width) + x;
                var owners = visibility.Owners.AsSpan(at * VisibilityBuffer.Samples, VisibilityBuffer.Samples);
                var color = Resolve(owners, x, y);
                light[3 * at] += color.X;
                light[(3 * at) + 1] += color.Y;
                light[(3 * at) + 2] += color.Z;
                if (ids.Length > 0)
                {
                    ids[at] = owners[0] == VisibilityBuffer.None ? (byte)0 : triangles[owners[0]].Id;
                }
            }
        }
    }

    // Shades once per pixel and surface; the samples' mean.
    private Vec3 Resolve(ReadOnlySpan<int> owners, int x, int y)
    {
        Span<Vec3> colors = stackalloc Vec3[VisibilityBuffer.Samples];
        colors[0] = ShadeSample(owners[0], 0, x, y);
        if (owners[1] == owners[0] && owners[2] == owners[0] && owners[3] == owners[0] && owners[4] == owners[0])
        {
            return colors[0];
        }

        var sum = colors[0];
        for (var s = 1; s < VisibilityBuffer.Samples; s++)
        {
            var known = -1;
            for (var k = 0; k < s && known < 0; k++)
            {
                known = IsSameSurface(owners[k], owners[s]) ? k : -1;
            }

            colors[s] = known >= 0 ? colors[known] : ShadeSample(owners[s], s, x, y);
            sum += colors[s];
        }

        return sum * (1f / VisibilityBuffer.Samples);
    }

    private bool IsSameSurface(int a, int b)
    {
        if (a == b || a == VisibilityBuffer.None || b == VisibilityBuffer.None)
        {
            return a == b;
        }

        ref var first = ref triangles[a];
        ref var second = ref triangles[b];
        return first.Body == second.Body && first.Material == second.Material && Vec3.Dot(first.Face, second.Face) > SameSurface;
    }

    private Vec3 ShadeSample(int owner, int sample, int x, int y) => owner == VisibilityBuffer.None
        ? default
        : shader.Shade(ref triangles[owner], x + 0.5f + (VisibilityBuffer.OffsetX[sample] / 256f), y + 0.5f + (VisibilityBuffer.OffsetY[sample] / 256f));

    private void Add(in ScreenTriangle screen, in Corner a, in Corner b, in Corner c, int slot, in Body body, int index)
    {
        if (count == triangles.Length)
        {
            Array.Resize(ref triangles, 2 * count);
        }

        ref var surface = ref triangles[count];
        var material = body.Material(slot);
        var (wa, wb, wc) = ((double)a.Nearness, (double)b.Nearness, (double)c.Nearness);
        surface.Nearness = screen.Nearness;
        surface.U = screen.Interpolate(a.U * material.RepeatU * wa, b.U * material.RepeatU * wb, c.U * material.RepeatU * wc);
        surface.V = screen.Interpolate(a.V * material.RepeatV * wa, b.V * material.RepeatV * wb, c.V * material.RepeatV * wc);
        surface.NormalX = screen.Interpolate(a.Normal.X * wa, b.Normal.X * wb, c.Normal.X * wc);
        surface.NormalY = screen.Interpolate(a.Normal.Y * wa, b.Normal.Y * wb, c.Normal.Y * wc);
        surface.NormalZ = screen.Interpolate(a.Normal.Z * wa, b.Normal.Z * wb, c.Normal.Z * wc);
        surface.Face = Vec3.Cross(c.World - a.World, b.World - a.World).Normalized();
        surface.Material = material;
        surface.Texture = material.Texture;
        surface.Body = index;
        surface.Id = body.Id;
        surface.Radius = body.Radius;
        visibility.Draw(screen, count++);
    }

    private readonly struct Sink(FrameRenderer renderer, Body body, int index) : ITriangleSink
    {
        public static bool IsShaded => true;

        public void Add(in ScreenTriangle triangle, in Corner a, in Corner b, in Corner c, int slot) => renderer.Add(triangle, a, b, c, slot, body, index);
    }
}
