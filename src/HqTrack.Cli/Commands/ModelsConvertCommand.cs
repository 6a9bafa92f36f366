using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Runtime;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models convert FILE OUT: any weights to safetensors.</summary>
internal static class ModelsConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = Opt.Json();
        var file = new Argument<string>("FILE") { Description = "Weights, .pth or .safetensors" };
        var output = new Argument<string>("OUT") { Description = "The safetensors file to write" };
        var type = Opt.Choice("--dtype", "Type of floating-point tensors [default: their own]", "TYPE", WeightsConversion.TypeNames, fallback: null);
        var command = new Command("convert", "Write a weights file as safetensors") { file, output, type, json };
        command.SetAction(parsed =>
        {
            var (from, to) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(output));
            if (!File.Exists(from))
            {
                throw new WeightsMissingException($"weights file '{from}' not found; expected a .pth or .safetensors file.");
            }

            if (Path.GetFullPath(from) == Path.GetFullPath(to) || Directory.Exists(to) || to.Length == 0)
            {
                throw new UsageException($"OUT '{to}' is {(Directory.Exists(to) ? "a folder" : "no other file")}; expected the name of a new file.");
            }

            NativeRuntime.EnsureLoaded();
            using var weights = WeightsFile.Open(from);
            var result = WeightsConversion.Write(weights, to, parsed.GetValue(type));
            var report = new ConvertReport(from, result.Format, result.Part, result.Tensors, result.Elements, to, result.Bytes, ModelStore.Hash(to));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(report);
                return ExitCode.Ok;
            }

            terminal.Out.WriteLine($"{to}: {report.Tensors} tensors, {report.Elements / 1e6:0.00} M values, {report.Bytes / 1e6:0.0} MB, from {report.Format}{(report.Part.Length > 0 ? $" ('{report.Part}')" : string.Empty)}");
            terminal.Out.WriteLine($"sha256 {report.Sha256}");
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>models convert --json.</summary>
internal sealed record ConvertReport(string Input, string Format, string Part, int Tensors, long Elements, string Output, long Bytes, string Sha256);
