using HqTrack.Scenes.Rendering;

namespace HqTrack.Scenes.Staging;

/// <summary>
/// A script seen at a low resolution, labels only: who is visible when, how much of whom others hide, and how far a mask of the first
/// frame would get. It decides whether a draft does what was asked for.
/// </summary>
internal sealed class Rehearsal
{
    private readonly int[,] visible;
    private readonly int[,] alone;
    private readonly double[] overlap;

    /// <param name="script">The draft.</param>
    /// <param name="objects">Labels are 1 to this.</param>
    /// <param name="width">Of the frames; the rehearsal keeps their shape.</param>
    /// <param name="height">Of the frames.</param>
    /// <param name="looks">Frames looked at, at least 2 unless the script has one.</param>
    /// <param name="side">The long side looked at, pixels.</param>
    public Rehearsal(Script script, int objects, int width, int height, int looks, int side)
    {
        var (w, h) = width > height ? (side, Math.Max(8, side * height / width)) : (Math.Max(8, side * width / height), side);
        Looks = Math.Min(script.Frames, looks);
        Objects = objects;
        Pixels = w * h;
        visible = new int[Looks, objects + 1];
        alone = new int[Looks, objects + 1];
        overlap = new double[objects + 1];
        var (projector, now, first) = (new Projector(), new View(w * h), new byte[w * h]);
        for (var look = 0; look < Looks; look++)
        {
            var phase = script.Phase(Looks == 1 ? 0 : (double)look * (script.Frames - 1) / (Looks - 1));
            var camera = script.Camera.Camera(phase, w, h);
            now.Clear();
            foreach (var actor in script.Actors)
            {
                var body = actor.At(phase);
                var sink = new Sink(now, w, body.Id, now.NextMark());
                projector.Project(body.Mesh, body.Map, camera, w, h, ref sink);
                alone[look, body.Id] = now.Covered;
            }

            foreach (var id in now.Owners)
            {
                visible[look, id]++;
            }

            if (look == 0)
            {
                now.Owners.CopyTo(first, 0);
                IsCutAtFirst = IsAnyAtBorder(first, w, h);
            }
            else
            {
                Compare(first, now.Owners);
            }
        }
    }

    public int Looks { get; }

    public int Objects { get; }

    /// <summary>The picture's border cuts an object in the first frame.</summary>
    public bool IsCutAtFirst { get; }

    private int Pixels { get; }

    /// <summary>The share of the picture in which an object is visible.</summary>
    public float Visible(int look, int id) => (float)visible[look, id] / Pixels;

    /// <summary>The share of the picture it would have without others before it.</summary>
    public float Alone(int look, int id) => (float)alone[look, id] / Pixels;

    /// <summary>The share of it that is not hidden by others; 1 where it is out of the picture.</summary>
    public float Shown(int look, int id) => alone[look, id] == 0 ? 1 : (float)visible[look, id] / alone[look, id];

    /// <summary>Mean overlap (intersection over union) of its mask with that of the first frame.</summary>
    public double Stays(int id) => Looks == 1 ? 1 : overlap[id] / (Looks - 1);

    private static bool IsAnyAtBorder(byte[] ids, int width, int height)
    {
        var cut = ids.AsSpan(0, width).ContainsAnyExcept((byte)0) || ids.AsSpan((height - 1) * width, width).ContainsAnyExcept((byte)0);
        for (var y = 0; y < height && !cut; y++)
        {
            cut = ids[y * width] > 0 || ids[(y * width) + width - 1] > 0;
        }

        return cut;
    }

    private void Compare(byte[] first, byte[] now)
    {
        Span<int> both = stackalloc int[Objects + 1];
        Span<int> either = stackalloc int[Objects + 1];
        for (var p = 0; p < now.Length; p++)
        {
            either[first[p]]++;
            if (first[p] == now[p])
            {
                both[now[p]]++;
            }
            else
            {
                either[now[p]]++;
            }
        }

        for (var id = 1; id <= Objects; id++)
        {
            overlap[id] += either[id] == 0 ? 1 : (double)both[id] / either[id];
        }
    }

    private sealed class View(int pixels)
    {
        private readonly int[] marks = new int[pixels];
        private int mark;

        public float[] Nearness { get; } = new float[pixels];

        public byte[] Owners { get; } = new byte[pixels];

        /// <summary>Pixels of the body drawn last, hidden or not.</summary>
        public int Covered { get; private set; }

        public void Clear()
        {
            Nearness.AsSpan().Clear();
            Owners.AsSpan().Clear();
        }

        public int NextMark()
        {
            Covered = 0;
            return ++mark;
        }

        public void Cover(int pixel, int by)
        {
            if (marks[pixel] != by)
            {
                marks[pixel] = by;
                Covered++;
            }
        }
    }

    private readonly struct Sink(View view, int width, byte id, int mark) : ITriangleSink, IPixelVisitor
    {
        public static bool IsShaded => false;

        public void Add(in ScreenTriangle triangle, in Corner a, in Corner b, in Corner c, int slot)
        {
            var visitor = this;
            triangle.Fill(width, ref visitor);
        }

        public void Visit(int pixel, float nearness)
        {
            view.Cover(pixel, mark);
            if (nearness > view.Nearness[pixel])
            {
                view.Nearness[pixel] = nearness;
                view.Owners[pixel] = id;
            }
        }
    }
}
