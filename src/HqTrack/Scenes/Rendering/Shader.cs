using System.Runtime.CompilerServices;
using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Rendering;

/// <summary>A triangle with what shading needs of it; everything is divided by distance, so that it is linear on the screen.</summary>
internal struct SurfaceTriangle
{
    public Plane Nearness;
    public Plane U;
    public Plane V;
    public Plane NormalX;
    public Plane NormalY;
    public Plane NormalZ;
    public Vec3 Face;
    public Material Material;
    public Texture Texture;
    public int Body;
    public byte Id;

    /// <summary>As of <see cref="Rendering.Body.Radius"/>.</summary>
    public float Radius;
}

/// <summary>
/// The light that a surface sends to the camera: textured diffuse reflection of a key light with soft shadows and of the sky, a highlight,
/// a little reflected sky at grazing angles, and darkening where things come close.
/// </summary>
internal sealed class Shader(ShadowMap shadows)
{
    private (Vec3 Center, float Square, int Body)[] occluders = [];
    private int occluderCount;
    private Snapshot scene = null!;
    private Camera camera;

    public void Begin(Snapshot snapshot)
    {
        (scene, camera) = (snapshot, snapshot.Camera);
        occluderCount = 0;
        if (occluders.Length < scene.Bodies.Length)
        {
            occluders = new (Vec3, float, int)[scene.Bodies.Length];
        }

        for (var i = 0; i < scene.Bodies.Length; i++)
        {
            if (scene.Bodies[i].CastsShadow)
            {
                var radius = 0.8f * scene.Bodies[i].Radius;
                occluders[occluderCount++] = (scene.Bodies[i].Map.Origin, radius * radius, i);
            }
        }
    }

    /// <summary>Linear light at a point of the screen that the triangle covers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Vec3 Shade(ref readonly SurfaceTriangle t, float x, float y)
    {
        var z = 1 / t.Nearness.At(x, y);
        var (u, v) = (t.U.At(x, y) * z, t.V.At(x, y) * z);
        var albedo = t.Texture.Sample(
            u, v, (t.U.X - (u * t.Nearness.X)) * z, (t.V.X - (v * t.Nearness.X)) * z, (t.U.Y - (u * t.Nearness.Y)) * z, (t.V.Y - (v * t.Nearness.Y)) * z);
        if (!t.Material.IsLit)
        {
            return albedo;
        }

        var normal = new Vec3(t.NormalX.At(x, y), t.NormalY.At(x, y), t.NormalZ.At(x, y)).Normalized();
        var ray = (camera.Right * ((x - camera.CenterX) / camera.Focal)) + (camera.Up * ((camera.CenterY - y) / camera.Focal)) + camera.Forward;
        var point = camera.Position + (ray * z);
        var light = scene.Light;

        var facing = Vec3.Dot(normal, light.ToKey);
        var key = default(Vec3);
        var gloss = t.Material.Gloss;
        if (facing > 0)
        {
            var strength = shadows.Lit(point, normal);
            if (light.Pool > 0)
            {
                var off = Vec3.Dot(point, point) / (light.Pool * light.Pool);
                strength /= 1 + (off * off);
            }

            key = light.Key * strength;
        }

        var open = Openness(point, normal, t.Body, t.Radius);
        var ambient = Vec3.Lerp(light.Ground, light.Sky, 0.5f + (0.5f * normal.Y)) * open;
        var color = albedo * ((key * facing) + ambient);
        if (gloss > 0)
        {
            var toEye = -ray.Normalized();
            if (facing > 0)
            {
                var half = (toEye + light.ToKey).Normalized();
                var power = Math.Max(0, Vec3.Dot(normal, half));
                for (var i = 0; i < t.Material.Sharpness; i++)
                {
                    power *= power;
                }

                color += key * (power * gloss * facing);
            }

            var graze = 1 - Math.Max(0, Vec3.Dot(normal, toEye));
            var fresnel = 0.04f + (0.5f * graze * graze * graze * graze);
            color += light.Sky * (gloss * fresnel * open * (0.6f + (0.4f * normal.Y)));
        }

        return color;
    }

    // Each body takes a share of the sky as its bounding sphere does (Quilez, "sphere ambient occlusion"); so does the floor beneath.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private float Openness(Vec3 point, Vec3 normal, int body, float radius)
    {
        var open = 1f;
        foreach (ref readonly var other in occluders.AsSpan(0, occluderCount))
        {
            var d = other.Center - point;
            var square = Vec3.Dot(d, d);
            if (square < 9 * other.Square && other.Body != body)
            {
                var distance = MathF.Sqrt(square);
                var towards = (Vec3.Dot(normal, d) / distance * 0.8f) + 0.2f;
                if (towards > 0)
                {
                    var share = Math.Min(1, other.Square / square);

                    // To nothing at three radii, so that there is no edge.
                    share *= 1 - (square / (9 * other.Square));
                    open *= 1 - Math.Min(0.85f, towards * share);
                }
            }
        }

        if (scene.HasFloor && radius > 0)
        {
            var height = Math.Max(0, point.Y) / (0.7f * radius);
            open *= 1 - (0.6f * (0.6f - (0.4f * normal.Y)) / (1 + (height * height * 4)));
        }

        return open;
    }
}
