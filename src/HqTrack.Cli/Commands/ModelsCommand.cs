using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models: the catalogue, where its weights are, and what can be done with weights files.</summary>
internal static class ModelsCommand
{
    public static Command Create(Terminal terminal) => new("models", "The models and their weights")
    {
        List(terminal),
        Info(terminal),
        ModelsImportCommand.Create(terminal),
        ModelsConvertCommand.Create(terminal),
        ModelsAverageCommand.Create(terminal),
        ModelsVerifyCommand.Create(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var json = Opt.Json();
        var command = new Command("list", "Every model, and whether its weights are on this machine") { json };
        command.SetAction(parsed =>
        {
            var models = ModelCatalog.List();
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new ModelListReport(ModelCatalog.Folder, [.. models.Select(ModelReport.Of)]));
                return ExitCode.Ok;
            }

            terminal.WriteTable(["MODEL", "KIND", "WEIGHTS", "NETWORK"], models.Select(model => (string[])[model.Name, model.Kind, Weights(model), model.Network]));
            terminal.Out.WriteLine();
            terminal.Out.WriteLine($"'hqtrack models info NAME' says where weights come from; 'hqtrack models import FILE --as NAME' takes them into {ModelCatalog.Folder}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Info(Terminal terminal)
    {
        var json = Opt.Json();
        var name = new Argument<string>("NAME") { Description = "A name of 'models list'" };
        var command = new Command("info", "One model: network, weights, hash, licence") { name, json };
        command.SetAction(parsed =>
        {
            var model = ModelCatalog.Info(Known(parsed.GetRequiredValue(name)));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(ModelReport.Of(model));
                return ExitCode.Ok;
            }

            WriteFacts(terminal, model);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A name of the catalogue.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static string Known(string name)
    {
        var known = ModelCatalog.List().Select(model => model.Name).ToList();
        return known.Contains(name) ? name : throw new UsageException($"model '{name}' is not known; expected one of {string.Join(", ", known)}.");
    }

    /// <summary>Writes what is known of a model.</summary>
    public static void WriteFacts(Terminal terminal, ModelEntry model)
    {
        List<(string, string)> facts =
        [
            ("model", model.Name),
            ("kind", model.Kind),
            ("network", model.Network),
            ("weights", Weights(model)),
            ("sha256", model.Sha256),
            ("source", model.Source),
            ("licence", model.Licence),
        ];
        if (model.ImportedFrom is not null)
        {
            facts.AddRange([("imported from", model.ImportedFrom), ("its sha256", model.ImportedSha256 ?? "unknown")]);
        }

        terminal.WriteFacts(facts);
    }

    private static string Weights(ModelEntry model) =>
        model.Location is null ? "none here" : $"{model.Location} ({(model.Bytes ?? 0) / 1e6:0.0} MB)";
}

/// <summary>models list --json.</summary>
internal sealed record ModelListReport(string Folder, IReadOnlyList<ModelReport> Models);

/// <summary>models info --json and models import --json.</summary>
internal sealed record ModelReport(
    string Name, string Kind, string Network, bool Present, string? Location, long? Bytes, string Sha256, string Source, string Licence, string? ImportedFrom, string? ImportedSha256)
{
    public static ModelReport Of(ModelEntry model) => new(
        model.Name, model.Kind, model.Network, model.Location is not null, model.Location, model.Bytes, model.Sha256, model.Source, model.Licence, model.ImportedFrom, model.ImportedSha256);
}
