using System.Runtime.InteropServices;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using static TorchSharp.torch;

namespace HqTrack.Tests.Runtime;

[Collection("torch")]
public sealed partial class NativeRuntimeTests
{
    [Fact]
    public void Tensors_compute_after_loading()
    {
        using var leaks = new LeakCheck();
        using var a = ones(3, 4);
        using var sum = a.sum();
        Assert.Equal(12f, sum.item<float>());
        Assert.NotNull(NativeRuntime.WrapperDescription);
    }

    [Fact]
    public void OpenMP_threads_are_told_to_sleep_soon()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libgomp is Linux's");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null || Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null, "set from outside");
        NativeRuntime.EnsureLoaded();
        Assert.Equal(OpenMpWaiting.Turns, Marshal.PtrToStringUTF8(NativeEnvironment("GOMP_SPINCOUNT")));
    }

    [Fact]
    public void NNPACK_is_off_and_a_library_without_it_stays_as_it_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the symbols are Linux's");
        NativeRuntime.EnsureLoaded();
        var libTorch = NativeLibrary.Load(Path.Combine(NativeRuntime.LibTorchFolder!, "libtorch_cpu.so"));
        Assert.False(NnPack.IsOn(libTorch));
        var other = NativeLibrary.GetMainProgramHandle();
        NnPack.SwitchOff(other);
        Assert.Null(NnPack.IsOn(other));
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        var patch = Assert.Throws<InvalidDataException>(() => ElfVersionPatch.MarkWeak(new byte[100], "GLIBCXX_3.4.32"));
        Assert.Contains("ELF64", patch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_entry_is_marked_weak_once()
    {
        var wrapper = Directory.GetFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipWhen(wrapper is null, "no Linux wrapper beside the tests");
        var image = File.ReadAllBytes(wrapper);
        var original = (byte[])image.Clone();
        Assert.Equal(1, ElfVersionPatch.MarkWeak(image, "GLIBCXX_3.4.32"));
        Assert.Equal(1, image.Zip(original).Count(pair => pair.First != pair.Second)); // one flag byte, nothing else
        Assert.Equal(0, ElfVersionPatch.MarkWeak(image, "GLIBCXX_9.9.99"));
    }

    [Fact]
    public async Task Interactive_work_goes_ahead_of_queued_frames()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var inference = new InferenceThread();
        using var hold = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        var order = new List<string>();
        int Note(string name)
        {
            order.Add(name);
            return 0;
        }

        var first = inference.RunAsync(
            () =>
            {
                started.SetResult();
                hold.Wait(cancellation);
                return Note("running");
            },
            cancellationToken: cancellation);
        await started.Task;
        var frame = inference.RunAsync(() => Note("frame"), cancellationToken: cancellation);
        var prompt = inference.RunAsync(() => Note("prompt"), isInteractive: true, cancellation);
        hold.Set();
        await Task.WhenAll(first, frame, prompt);
        Assert.Equal(["running", "prompt", "frame"], order);
    }

    [Fact]
    public void Exceptions_come_back_to_the_caller_unwrapped()
    {
        using var inference = new InferenceThread();
        Assert.Throws<InvalidOperationException>(() => inference.Run<int>(() => throw new InvalidOperationException("x")));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeEnvironment(string name);
}
