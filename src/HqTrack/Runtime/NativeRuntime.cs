using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace HqTrack.Runtime;

/// <summary>
/// Loads libtorch and the TorchSharp wrapper before the first use of any torch type.
/// </summary>
/// <remarks>
/// The module initializer only subscribes to assembly loads, so that programs that never touch a tensor (masks, scenes) do not
/// pay for libtorch; the load itself happens when the runtime binds TorchSharp, or at <see cref="EnsureLoaded"/>.
/// </remarks>
internal static partial class NativeRuntime
{
    /// <summary>Environment variable naming the folder of another libtorch (its "lib" folder).</summary>
    public const string LibTorchVariable = "HQTRACK_LIBTORCH";

    private const string LibTorchFile = "libtorch_cpu.so";

    private static readonly Lock Gate = new();
    private static NativeRuntimeException? failure;
    private static bool done;

    /// <summary>Folder libtorch was loaded from; null before loading or where the platform's own search is used.</summary>
    public static string? LibTorchFolder { get; private set; }

    /// <summary>How the wrapper was loaded: "as shipped" or "copy with weak GLIBCXX_..." and its path.</summary>
    public static string? WrapperDescription { get; private set; }

    /// <summary>Loads the native libraries once per process.</summary>
    /// <param name="libTorchFolder">Folder of another libtorch; null takes HQTRACK_LIBTORCH, else the package beside the application.</param>
    /// <exception cref="NativeRuntimeException">Nothing could be loaded; the message says what to add or set.</exception>
    public static void EnsureLoaded(string? libTorchFolder = null)
    {
        lock (Gate)
        {
            if (!done)
            {
                done = true;
                try
                {
                    Load(libTorchFolder ?? Environment.GetEnvironmentVariable(LibTorchVariable));
                }
                catch (NativeRuntimeException e)
                {
                    failure = e;
                }
            }

            if (failure is not null)
            {
                throw failure;
            }
        }
    }

    // The one place where a module initializer is wanted: TorchSharp must not be bound before the preload.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void WatchForTorch()
#pragma warning restore CA2255
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, e) =>
        {
            if (e.LoadedAssembly.GetName().Name == "TorchSharp")
            {
                try
                {
                    EnsureLoaded();
                }
                catch (NativeRuntimeException)
                {
                    // Kept in `failure`: every entry point calls EnsureLoaded and reports it; an exception here would be lost in the loader.
                }
            }
        };
    }

    private static void Load(string? chosenFolder)
    {
        if (!OperatingSystem.IsLinux())
        {
            // The wrapper finds libtorch beside the application by itself there.
            WrapperDescription = "platform default";
            return;
        }

        LibTorchFolder = FindLibTorch(chosenFolder);
        OpenMpWaiting.Shorten();
        AllocatorMemory.LimitArenas();
        AllocatorMemory.KeepForReuse();
        OneDnnLimit.Set();
        Preload(LibTorchFolder);
        var libTorch = NativeLibrary.Load(Path.Combine(LibTorchFolder, LibTorchFile));
        NnPack.SwitchOff(libTorch);
        MklKernels.ChooseByInstructions(libTorch);
        var wrapper = SearchFolders().Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).FirstOrDefault(File.Exists)
            ?? throw new NativeRuntimeException("libLibTorchSharp.so not found beside the application; reference the package TorchSharp 0.107.0 from the application.");
        try
        {
            ScalarLifetime.Extend(NativeLibrary.Load(wrapper));
            WrapperDescription = $"as shipped ({wrapper})";
        }
        catch (DllNotFoundException e) when (MissingVersion().Match(e.Message) is { Success: true } match)
        {
            var copy = PatchedCopy(wrapper, match.Value);
            ScalarLifetime.Extend(LoadOrExplain(copy));
            WrapperDescription = $"copy with weak {match.Value} ({copy})";
        }
        catch (DllNotFoundException e)
        {
            throw new NativeRuntimeException($"{wrapper} does not load with the libtorch in {LibTorchFolder}: {OneLine(e.Message)}; use libtorch 2.10.0 (package libtorch-cpu-linux-x64) or set {LibTorchVariable}.", e);
        }
    }

    private static string FindLibTorch(string? chosenFolder)
    {
        if (chosenFolder is { Length: > 0 })
        {
            return File.Exists(Path.Combine(chosenFolder, LibTorchFile))
                ? Path.GetFullPath(chosenFolder)
                : throw new NativeRuntimeException($"no {LibTorchFile} in '{chosenFolder}'; expected the lib folder of a libtorch 2.10 ({LibTorchVariable} or --libtorch).");
        }

        return SearchFolders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, LibTorchFile)))
            ?? throw new NativeRuntimeException($"libtorch not found beside the application; add the package libtorch-cpu-linux-x64 2.10.0 to the application, or set {LibTorchVariable} to the lib folder of a libtorch.");
    }

    private static IEnumerable<string> SearchFolders()
    {
        var known = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"), .. known];
    }

    // Dependencies first: each later library then finds them by SONAME wherever it lies itself.
    private static void Preload(string folder)
    {
        string[] optional = ["libgomp*.so*", "libcudart*.so*", "libc10.so", "libc10_cuda.so", LibTorchFile, "libtorch_cuda.so", "libtorch.so"];
        foreach (var file in optional.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)))
        {
            var library = LoadOrExplain(file);
            if (Path.GetFileName(file).StartsWith("libgomp", StringComparison.Ordinal))
            {
                OpenMpTeam.Use(library);
            }
        }
    }

    private static nint LoadOrExplain(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeRuntimeException($"{file} does not load: {OneLine(e.Message)}; use the package libtorch-cpu-linux-x64 2.10.0 or set {LibTorchVariable}.", e);
        }
    }

    private static string PatchedCopy(string wrapper, string version)
    {
        var image = File.ReadAllBytes(wrapper);
        var folder = Path.Combine(UserCache.Root, "native", Convert.ToHexStringLower(SHA256.HashData(image))[..16]);
        var copy = Path.Combine(folder, "libLibTorchSharp.so");
        if (File.Exists(copy) && new FileInfo(copy).Length == image.Length)
        {
            return copy;
        }

        try
        {
            if (ElfVersionPatch.MarkWeak(image, version) == 0)
            {
                throw new NativeRuntimeException($"{wrapper} wants {version}, which this system's libstdc++ lacks; install a newer libstdc++6.");
            }

            Directory.CreateDirectory(folder);
            var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, copy, overwrite: true);
            return copy;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new NativeRuntimeException($"cannot prepare the native wrapper in '{folder}': {OneLine(e.Message)}; set {UserCache.Variable} to a writable folder.", e);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    [GeneratedRegex(@"GLIBCXX_[0-9.]+[0-9]")]
    private static partial Regex MissingVersion();
}
