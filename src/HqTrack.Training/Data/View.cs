namespace HqTrack.Training.Data;

/// <summary>A gentle non-rigid wave on top of a projective view: amplitudes in picture pixels, one wave along each canvas axis.</summary>
internal readonly record struct Bend(float AmplitudeU, float AmplitudeV, float Frequency, float PhaseU, float PhaseV)
{
    public bool IsNone => AmplitudeU == 0 && AmplitudeV == 0;
}

/// <summary>Where in a picture every pixel of the canvas comes from. Coordinates are pixel indices: a whole number is a pixel's centre.</summary>
/// <param name="ToPicture">Canvas to picture.</param>
/// <param name="Bend">Displacement added in the picture.</param>
internal readonly record struct View(Homography ToPicture, Bend Bend = default)
{
    /// <summary>Picture coordinates of the canvas pixels (firstX + i, y).</summary>
    public void MapRow(int y, int firstX, Span<float> u, Span<float> v)
    {
        var m = ToPicture;
        var (rowU, rowV, rowW) = ((m.B * y) + m.C, (m.E * y) + m.F, (m.H * y) + m.I);
        var affine = m.G == 0 && m.H == 0;
        var scale = 1 / rowW;
        for (var i = 0; i < u.Length; i++)
        {
            var x = firstX + i;
            if (!affine)
            {
                scale = 1 / ((m.G * x) + rowW);
            }

            u[i] = (float)(((m.A * x) + rowU) * scale);
            v[i] = (float)(((m.D * x) + rowV) * scale);
        }

        if (!Bend.IsNone)
        {
            AddBend(y, firstX, u, v);
        }
    }

    /// <summary>The canvas rectangle [x0, x1) x [y0, y1) that surely holds a rectangle of the picture, cut to the canvas.</summary>
    public (int X0, int Y0, int X1, int Y1) Bounds(PictureObject part, int size)
    {
        var margin = 1 + Math.Max(Math.Abs(Bend.AmplitudeU), Math.Abs(Bend.AmplitudeV));
        var toCanvas = ToPicture.Inverse();
        var (x0, y0, x1, y1) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        for (var corner = 0; corner < 4; corner++)
        {
            var (x, y) = toCanvas.Map(
                (corner & 1) == 0 ? part.X0 - margin : part.X1 + margin,
                (corner & 2) == 0 ? part.Y0 - margin : part.Y1 + margin);
            (x0, y0, x1, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(x1, x), Math.Max(y1, y));
        }

        int Cut(double value) => (int)Math.Clamp(value, 0, size);
        return (Cut(Math.Floor(x0)), Cut(Math.Floor(y0)), Cut(Math.Ceiling(x1) + 1), Cut(Math.Ceiling(y1) + 1));
    }

    private void AddBend(int y, int firstX, Span<float> u, Span<float> v)
    {
        var shift = Bend.AmplitudeU * MathF.Sin((Bend.Frequency * y) + Bend.PhaseU);
        for (var i = 0; i < u.Length; i++)
        {
            u[i] += shift;
            v[i] += Bend.AmplitudeV * MathF.Sin((Bend.Frequency * (firstX + i)) + Bend.PhaseV);
        }
    }
}
