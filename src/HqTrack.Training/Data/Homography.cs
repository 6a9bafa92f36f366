namespace HqTrack.Training.Data;

/// <summary>A projective map of the plane: (x, y) -> ((A x + B y + C) / w, (D x + E y + F) / w), w = G x + H y + I.</summary>
internal readonly record struct Homography(double A, double B, double C, double D, double E, double F, double G, double H, double I)
{
    public static Homography Translation(double x, double y) => new(1, 0, x, 0, 1, y, 0, 0, 1);

    public static Homography Linear(double a, double b, double d, double e) => new(a, b, 0, d, e, 0, 0, 0, 1);

    /// <summary>Tilts the plane about the origin: what lies towards (g, h) shrinks.</summary>
    public static Homography Tilt(double g, double h) => new(1, 0, 0, 0, 1, 0, g, h, 1);

    /// <summary>First the right map, then the left.</summary>
    public static Homography operator *(in Homography l, in Homography r) => new(
        (l.A * r.A) + (l.B * r.D) + (l.C * r.G), (l.A * r.B) + (l.B * r.E) + (l.C * r.H), (l.A * r.C) + (l.B * r.F) + (l.C * r.I),
        (l.D * r.A) + (l.E * r.D) + (l.F * r.G), (l.D * r.B) + (l.E * r.E) + (l.F * r.H), (l.D * r.C) + (l.E * r.F) + (l.F * r.I),
        (l.G * r.A) + (l.H * r.D) + (l.I * r.G), (l.G * r.B) + (l.H * r.E) + (l.I * r.H), (l.G * r.C) + (l.H * r.F) + (l.I * r.I));

    /// <summary>The inverse, up to the scale that a projective map leaves free (the adjugate).</summary>
    public Homography Inverse()
    {
        var (a, d, g) = ((E * I) - (F * H), (F * G) - (D * I), (D * H) - (E * G));
        var scale = 1 / ((A * a) + (B * d) + (C * g));
        return new(
            a * scale, ((C * H) - (B * I)) * scale, ((B * F) - (C * E)) * scale,
            d * scale, ((A * I) - (C * G)) * scale, ((C * D) - (A * F)) * scale,
            g * scale, ((B * G) - (A * H)) * scale, ((A * E) - (B * D)) * scale);
    }

    public (double X, double Y) Map(double x, double y)
    {
        var w = 1 / ((G * x) + (H * y) + I);
        return (((A * x) + (B * y) + C) * w, ((D * x) + (E * y) + F) * w);
    }
}
