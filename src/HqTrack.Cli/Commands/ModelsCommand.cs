using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models list | info NAME: the catalogue and where its weights are.</summary>
internal static class ModelsCommand
{
    public static Command Create(Terminal terminal) => new("models", "The models and their weights") { List(terminal), Info(terminal) };

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

            terminal.WriteTable(["MODEL", "WEIGHTS", "NETWORK"], models.Select(model => (string[])[model.Name, Weights(model), model.Network]));
            terminal.Out.WriteLine();
            terminal.Out.WriteLine($"Weights are looked up as {Path.Combine(ModelCatalog.Folder, "NAME.safetensors")}, or given with --weights.");
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
            var chosen = parsed.GetRequiredValue(name);
            var known = ModelCatalog.List().Select(model => model.Name).ToList();
            if (!known.Contains(chosen))
            {
                throw new UsageException($"model '{chosen}' is not known; expected one of {string.Join(", ", known)}.");
            }

            var model = ModelCatalog.Info(chosen);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(ModelReport.Of(model));
                return ExitCode.Ok;
            }

            terminal.WriteFacts(
            [
                ("model", model.Name),
                ("network", model.Network),
                ("weights", Weights(model)),
                ("sha256", model.Sha256),
                ("source", model.Source),
                ("licence", model.Licence),
            ]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Weights(ModelEntry model) =>
        model.Location is null ? "none here" : $"{model.Location} ({(model.Bytes ?? 0) / 1e6:0.0} MB)";
}

/// <summary>models list --json.</summary>
internal sealed record ModelListReport(string Folder, IReadOnlyList<ModelReport> Models);

/// <summary>models info --json.</summary>
internal sealed record ModelReport(string Name, string Network, bool Present, string? Location, long? Bytes, string Sha256, string Source, string Licence)
{
    public static ModelReport Of(ModelEntry model) =>
        new(model.Name, model.Network, model.Location is not null, model.Location, model.Bytes, model.Sha256, model.Source, model.Licence);
}
