using System.Runtime.Intrinsics.X86;

namespace HqTrack.Runtime;

/// <summary>
/// Keeps libtorch's oneDNN from its AVX-512 convolutions on AMD processors of family 26 (Zen 5) that do not say how large their caches are, as in some virtual machines. There it computes
/// some convolutions wrongly (the goldens of ResNet-50 and TinyViT miss by up to 0.6; libtorch 2.10); those of older processors, and its AVX2 ones, are right.
/// </summary>
internal static class OneDnnLimit
{
    /// <summary>What oneDNN reads; a user who sets it is obeyed.</summary>
    public const string Variable = "ONEDNN_MAX_CPU_ISA";

    private const int Zen5 = 26;

    /// <summary>Sets the limit where it is needed; to be called before oneDNN is first used, which reads it then.</summary>
    public static void Set()
    {
        if (Avx512F.IsSupported && Processor.IsAmd && Processor.Family >= Zen5 && !Processor.DescribesCaches)
        {
            NativeEnvironment.SetDefault(Variable, "AVX2");
        }
    }
}
