using System.Numerics;
using System.Runtime.CompilerServices;

namespace HqTrack.Ops.Simd;

/// <summary>One element at a time: processors without vectors, and double precision for checking gradients.</summary>
internal readonly unsafe struct SimdScalar<T> : ISimd<T, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Width => 1;

    public static bool HasManyRegisters => false;

    public static T Zero => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load(T* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadPairs(T* source, out T even, out T odd) => (even, odd) = (source[0], source[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, T value) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Broadcast(T value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd(T a, T b, T c) => (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Subtract(T a, T b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Multiply(T a, T b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Max(T a, T b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Min(T a, T b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Floor(T value) => T.Floor(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Indicator(T value, T low, T high) => value >= low && value <= high ? T.One : T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(int* target, T value, int factor) => *target = int.CreateSaturating(value) * factor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp(T value) => T.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(T value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(T* target, nint distance, T a, T b, T c, T d)
    {
        target[0] = a;
        target[distance] = b;
        target[2 * distance] = c;
        target[3 * distance] = d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Max(T value) => value;
}
