using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace HqTrack.Runtime;

/// <summary>
/// Keeps libtorch's oneDNN from its AVX-512 convolutions on AMD processors of family 26 (Zen 5) that do not say how large their caches are, as in some virtual machines. There it computes
/// some convolutions wrongly (the goldens of ResNet-50 and TinyViT miss by up to 0.6; libtorch 2.10); those of older processors, and its AVX2 ones, are right.
/// </summary>
internal static partial class OneDnnLimit
{
    /// <summary>What oneDNN reads; a user who sets it is obeyed.</summary>
    public const string Variable = "ONEDNN_MAX_CPU_ISA";

    private const int Zen5 = 26;
    private const int Caches = unchecked((int)0x8000001d); // CPUID leaf of AMD, there since family 21
    private const int KindOfCache = 0x1f; // 0: no cache is described

    private static bool IsNeeded => X86Base.IsSupported && Avx512F.IsSupported && IsAmd && Family >= Zen5 && !CachesAreKnown;

    private static bool CachesAreKnown => (X86Base.CpuId(Caches, 0).Eax & KindOfCache) != 0;

    // The maker's twelve letters in EBX, EDX and ECX: "AuthenticAMD".
    private static bool IsAmd => X86Base.CpuId(0, 0) is { Ebx: 0x68747541, Edx: 0x69746e65, Ecx: 0x444d4163 };

    // Base family (15 in all that have an extended one) and extended family.
    private static int Family => X86Base.CpuId(1, 0).Eax is var signature ? ((signature >> 8) & 0xf) + ((signature >> 20) & 0xff) : 0;

    /// <summary>Sets the limit on Linux where it is needed; to be called before oneDNN is first used, which reads it then.</summary>
    public static void Set()
    {
        if (OperatingSystem.IsLinux() && IsNeeded && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            _ = SetEnvironment(Variable, "AVX2", 0); // .NET's own environment is a copy that native code does not see
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
