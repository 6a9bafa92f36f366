using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HqTrack.Ops.Simd;

/// <summary>4 floats.</summary>
internal readonly unsafe struct Simd128 : ISimd<float, Vector128<float>>
{
    public static int Width => Vector128<float>.Count;

    public static bool HasManyRegisters => false;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadPairs(float* source, out Vector128<float> even, out Vector128<float> odd)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + Width);
        even = Vector128.Create(
            Vector128.Shuffle(a, Vector128.Create(0, 2, 0, 2)).GetLower(),
            Vector128.Shuffle(b, Vector128.Create(0, 2, 0, 2)).GetLower());
        odd = Vector128.Create(
            Vector128.Shuffle(a, Vector128.Create(1, 3, 1, 3)).GetLower(),
            Vector128.Shuffle(b, Vector128.Create(1, 3, 1, 3)).GetLower());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector128<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Floor(Vector128<float> value) => Vector128.Floor(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Indicator(Vector128<float> value, Vector128<float> low, Vector128<float> high) =>
        Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(value, low) & Vector128.LessThanOrEqual(value, high), Vector128<float>.One, Vector128<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(int* target, Vector128<float> value, int factor) => (Vector128.ConvertToInt32(value) * factor).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> value) => Vector128.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> value) => Vector128.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(float* target, nint distance, Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse3.IsSupported)
        {
            var sums = Sse3.HorizontalAdd(Sse3.HorizontalAdd(a, b), Sse3.HorizontalAdd(c, d));
            target[0] = sums.ToScalar();
            target[distance] = sums.GetElement(1);
            target[2 * distance] = sums.GetElement(2);
            target[3 * distance] = sums.GetElement(3);
            return;
        }

        target[0] = Sum(a);
        target[distance] = Sum(b);
        target[2 * distance] = Sum(c);
        target[3 * distance] = Sum(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector128<float> value)
    {
        var pair = Vector128.MaxNative(value, Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(pair.ToScalar(), pair.GetElement(1));
    }
}
