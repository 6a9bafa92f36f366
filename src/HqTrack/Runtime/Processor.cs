using System.Runtime.Intrinsics.X86;

namespace HqTrack.Runtime;

/// <summary>What an x86 processor says of itself by CPUID; nothing of it holds on others.</summary>
internal static class Processor
{
    private const int AmdCaches = unchecked((int)0x8000001d);
    private const int KindOfCache = 0x1f; // 0: no cache is described

    /// <summary>Made by Intel.</summary>
    public static bool IsIntel => X86Base.IsSupported && X86Base.CpuId(0, 0) is { Ebx: 0x756e6547, Edx: 0x49656e69, Ecx: 0x6c65746e }; // "Genu" "ineI" "ntel"

    /// <summary>Made by AMD.</summary>
    public static bool IsAmd => X86Base.IsSupported && X86Base.CpuId(0, 0) is { Ebx: 0x68747541, Edx: 0x69746e65, Ecx: 0x444d4163 }; // "Auth" "enti" "cAMD"

    /// <summary>The family with its extension, as AMD counts them: 25 is Zen 3 and 4, 26 Zen 5.</summary>
    public static int Family
    {
        get
        {
            var signature = X86Base.CpuId(1, 0).Eax;
            return ((signature >> 8) & 0xf) + ((signature >> 20) & 0xff);
        }
    }

    /// <summary>Whether an AMD processor with AVX-512 describes its caches; some virtual machines hide them.</summary>
    public static bool DescribesCaches => (X86Base.CpuId(AmdCaches, 0).Eax & KindOfCache) != 0;
}
