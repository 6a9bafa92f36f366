using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HqTrack.Ops.Simd;

/// <summary>8 floats.</summary>
internal readonly unsafe struct Simd256 : ISimd<float, Vector256<float>>
{
    public static int Width => Vector256<float>.Count;

    public static bool HasManyRegisters => false;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadPairs(float* source, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<float> a = Vector256.Load(source), b = Vector256.Load(source + Width);
        even = Vector256.Create(
            Vector256.Shuffle(a, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower(),
            Vector256.Shuffle(b, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower());
        odd = Vector256.Create(
            Vector256.Shuffle(a, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower(),
            Vector256.Shuffle(b, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector256<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Floor(Vector256<float> value) => Vector256.Floor(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Indicator(Vector256<float> value, Vector256<float> low, Vector256<float> high) =>
        Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value, low) & Vector256.LessThanOrEqual(value, high), Vector256<float>.One, Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(int* target, Vector256<float> value, int factor) => (Vector256.ConvertToInt32(value) * factor).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> value) => Vector256.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> value) => Vector256.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(float* target, nint distance, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        Simd128.StoreSums(
            target, distance, a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector256<float> value)
    {
        return Simd128.Max(Vector128.MaxNative(value.GetLower(), value.GetUpper()));
    }
}
