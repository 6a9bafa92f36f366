using System.CommandLine;
using System.Reflection;
using HqTrack.Cli.Doctor;
using HqTrack.Cli.Options;
using HqTrack.Runtime;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack doctor: what this machine has, what is missing, what to do about it.</summary>
internal static class DoctorCommand
{
    private const string VectorSwitch = "DOTNET_EnableHWIntrinsic=0"; // .NET then reports no vectors, and the kernels take their scalar code

    public static Command Create(Terminal terminal)
    {
        var json = Opt.Json();
        var command = new Command("doctor", "Look at this machine: libtorch, CPU, CUDA, ffmpeg, weights, cache, kernels") { json };
        command.SetAction(parsed =>
        {
            var report = Examine();
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(report);
            }
            else
            {
                Print(terminal, report);
            }

            // Without libtorch nothing else matters yet: the one line to act on.
            foreach (var problem in report.Libtorch.Loaded ? report.Problems : report.Problems.Take(1))
            {
                terminal.Error.WriteLine($"hqtrack: {problem}");
            }

            return !report.Libtorch.Loaded ? ExitCode.NativeRuntime : report.Ok ? ExitCode.Ok : ExitCode.Failure;
        });
        return command;
    }

    private static DoctorReport Examine()
    {
        var (libtorch, cuda) = RuntimeChecks.Collect();
        var kernels = libtorch.Loaded ? RuntimeChecks.TestKernels() : new KernelFacts(false, 0, 0, [], 0);
        var cache = MachineChecks.TryCache();
        var problems = new List<string>();
        if (libtorch.Error is { } error)
        {
            problems.Add(error);
        }

        foreach (var check in kernels.Checks.Where(check => !check.Ok))
        {
            problems.Add($"the kernel {check.Name} computes other values with {kernels.VectorBits}-bit vectors than with scalar code (difference {check.MaxError?.ToString("0.0e+0") ?? "not a number"}, expected at most {kernels.Tolerance:0.0e+0}); set {VectorSwitch} and report this CPU.");
        }

        if (!cache.Writable)
        {
            problems.Add($"the cache folder '{cache.Folder}' cannot be written ({cache.Error}); set {UserCache.Variable} to a writable folder.");
        }

        return new(
            libtorch.Loaded && kernels.Ok,
            problems,
            Version(),
            SystemFacts.Collect(),
            libtorch,
            cuda,
            MachineChecks.FindFfmpeg(),
            [.. ModelCatalog.List().Select(ModelReport.Of)],
            cache,
            kernels);
    }

    private static void Print(Terminal terminal, DoctorReport report)
    {
        var (system, libtorch) = (report.System, report.Libtorch);
        var facts = new List<(string Label, string Value)>
        {
            ("hqtrack", $"{report.Version} on .NET {system.Dotnet}"),
            ("system", $"{system.Os}, {system.Platform}: {system.Support}"),
            ("CPU", $"{system.Cpu}, {system.Cores} cores, {system.VectorBits}-bit vectors"),
            ("memory", $"{system.MemoryMb / 1024.0:0.0} GiB"),
            ("libtorch", libtorch.Loaded ? $"{libtorch.Version} from {libtorch.Folder ?? "beside the application"}" : "does not load"),
            ("wrapper", libtorch.Wrapper ?? "not loaded"),
            ("CUDA", report.Cuda.Available ? $"{report.Cuda.Devices} device(s)" : "none that this libtorch can use"),
            ("ffmpeg", report.Ffmpeg.Found ? $"{report.Ffmpeg.Path} ({report.Ffmpeg.Version ?? "does not run"})" : "not found; only video files need it"),
            ("cache", $"{report.Cache.Folder}, {(report.Cache.Writable ? "writable" : "not writable")}"),
            ("models", Present(report.Models)),
        };
        facts.AddRange(report.Kernels.Checks.Select(check =>
            ("kernel", $"{check.Name}: {(check.Ok ? "ok" : "WRONG")}, {report.Kernels.VectorBits}-bit vectors, {check.MaxError:0.0e+0} from scalar code")));
        terminal.WriteFacts(facts);
    }

    private static string Present(IReadOnlyList<ModelReport> models)
    {
        var absent = models.Where(model => !model.Present).Select(model => model.Name).ToList();
        IEnumerable<string> parts = models.Where(model => model.Present).Select(model => $"{model.Name} ({model.Location})");
        return string.Join(", ", absent.Count > 0 ? parts.Append($"no weights for {string.Join(", ", absent)}") : parts);
    }

    private static string Version() =>
        typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
