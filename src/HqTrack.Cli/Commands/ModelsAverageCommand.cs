using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Runtime;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models average OUT FILE FILE...: the mean of several runs' weights.</summary>
internal static class ModelsAverageCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = Opt.Json();
        var output = new Argument<string>("OUT") { Description = "The safetensors file to write" };
        var files = new Argument<string[]>("FILE") { Description = "Weights of the same network, two files or more", Arity = new ArgumentArity(2, 100) };
        var command = new Command("average", "Write the mean of several weights of one network") { output, files, json };
        command.SetAction(parsed =>
        {
            var (to, from) = (parsed.GetRequiredValue(output), parsed.GetRequiredValue(files));
            if (from.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            {
                throw new WeightsMissingException($"weights file '{missing}' not found; expected a .pth or .safetensors file.");
            }

            if (to.Length == 0 || Directory.Exists(to) || from.Any(file => Path.GetFullPath(file) == Path.GetFullPath(to)))
            {
                throw new UsageException($"OUT '{to}' is {(to.Length == 0 ? "empty" : Directory.Exists(to) ? "a folder" : "one of the files")}; expected the name of a new file.");
            }

            NativeRuntime.EnsureLoaded();
            var weights = new List<WeightsFile>();
            try
            {
                weights.AddRange(from.Select(file => WeightsFile.Open(file)));
                WeightsAverage.Write(weights, to);
            }
            finally
            {
                weights.ForEach(file => file.Dispose());
            }

            var report = new AverageReport(from, to, new FileInfo(to).Length, ModelStore.Hash(to));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(report);
                return ExitCode.Ok;
            }

            terminal.Out.WriteLine($"{to}: mean of {from.Length} files, {report.Bytes / 1e6:0.0} MB");
            terminal.Out.WriteLine($"sha256 {report.Sha256}");
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>models average --json.</summary>
internal sealed record AverageReport(IReadOnlyList<string> Inputs, string Output, long Bytes, string Sha256);
