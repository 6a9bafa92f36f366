using System.Reflection;
using System.Runtime.InteropServices;
using HqTrack.Runtime;
using TorchSharp;

namespace HqTrack.Tests.Runtime;

/// <summary>Numbers in tensor expressions outlive their .NET objects, which a collection may free while libtorch still reads the number.</summary>
[Collection("torch")]
public sealed class ScalarLifetimeTests
{
    private const int NativeSize = 32; // sizeof(c10::Scalar)

    [Fact]
    public void A_number_is_whole_after_its_object_is_gone()
    {
        Assert.SkipUnless(NativeCode.IsAllowed, "Linux on x64, native functions not left as shipped");
        NativeRuntime.EnsureLoaded();
        Assert.True(ScalarLifetime.IsExtended);
        Scalar scalar = 1234.5;
        var property = typeof(Scalar).GetProperty("Handle", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!;
        var handle = (nint)property.GetValue(scalar)!;
        var expected = Bytes(handle);
        scalar.Dispose(); // what a finalizer does
        Assert.True(ScalarLifetime.Keeps(handle));
        using Scalar other = -1.0; // would take the place of a freed one
        Assert.Equal(expected, Bytes(handle));
    }

    private static byte[] Bytes(nint address)
    {
        var bytes = new byte[NativeSize];
        Marshal.Copy(address, bytes, 0, bytes.Length);
        return bytes;
    }
}
