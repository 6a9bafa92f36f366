using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models import FILE --as NAME: takes published weights over after checking that they fit.</summary>
internal static class ModelsImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = Opt.Json();
        var file = new Argument<string>("FILE") { Description = "Weights, .pth or .safetensors" };
        var name = new Option<string>("--as") { Description = "The model they belong to, a name of 'models list'", HelpName = "NAME", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Take the file even if the model was imported from another one" };
        var command = new Command("import", "Take a weights file into the store and record its hash") { file, name, replace, json };
        command.SetAction(parsed =>
        {
            var model = ModelsCommand.Known(parsed.GetRequiredValue(name));
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
            {
                throw new WeightsMissingException($"weights file '{path}' not found; expected weights of model '{model}' (.pth or .safetensors).");
            }

            var entry = ModelCatalog.Import(path, model, parsed.GetValue(replace));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(ModelReport.Of(entry));
                return ExitCode.Ok;
            }

            ModelsCommand.WriteFacts(terminal, entry);
            return ExitCode.Ok;
        });
        return command;
    }
}
