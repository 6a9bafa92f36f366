namespace HqTrack.Ops.Simd;

/// <summary>
/// The vector operations that kernels are written with: one kernel source, compiled for each width and for plain scalars.
/// </summary>
/// <typeparam name="T">Element, float or double.</typeparam>
/// <typeparam name="V">Register: Vector512, Vector256 or Vector128, or T itself.</typeparam>
internal unsafe interface ISimd<T, V>
    where T : unmanaged
    where V : struct
{
    /// <summary>Elements in a register.</summary>
    static abstract int Width { get; }

    /// <summary>Whether 32 registers are there (AVX-512) and larger blocks pay.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract V Zero { get; }

    static abstract V Load(T* source);

    /// <summary>2 * <see cref="Width"/> elements, those at even places and those at odd ones.</summary>
    static abstract void LoadPairs(T* source, out V even, out V odd);

    static abstract void Store(T* target, V value);

    static abstract V Broadcast(T value);

    /// <summary>a * b + c, fused where the processor fuses.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    /// <summary>The larger; what comes of not-a-number is the processor's choice.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The smaller; what comes of not-a-number is the processor's choice.</summary>
    static abstract V Min(V a, V b);

    static abstract V Floor(V value);

    /// <summary>1 where low &lt;= value &lt;= high, else 0.</summary>
    static abstract V Indicator(V value, V low, V high);

    /// <summary>Stores whole numbers, times a factor, as integers; not-a-number becomes 0.</summary>
    static abstract void StoreIntegers(int* target, V value, int factor);

    static abstract V Exp(V value);

    /// <summary>Sum of a register's elements.</summary>
    static abstract T Sum(V value);

    /// <summary>Sums of four registers' elements, <paramref name="distance"/> apart.</summary>
    static abstract void StoreSums(T* target, nint distance, V a, V b, V c, V d);

    /// <summary>Largest of a register's elements.</summary>
    static abstract T Max(V value);
}
