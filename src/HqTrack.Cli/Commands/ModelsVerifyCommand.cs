using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Weights;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack models verify [NAME]: are the weights here what was recorded, whole, and the model's?</summary>
internal static class ModelsVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = Opt.Json();
        var name = new Argument<string?>("NAME") { Description = "A name of 'models list' [default: every model with weights here]", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string>("--weights") { Description = "Check this file instead of the model's own", HelpName = "FILE" };
        var command = new Command("verify", "Check hash, keys, shapes and numbers of weights") { name, file, json };
        command.SetAction(parsed =>
        {
            var (chosen, path) = (parsed.GetValue(name), parsed.GetValue(file));
            if (chosen is null && path is not null)
            {
                throw new UsageException("--weights needs the model that the file belongs to; expected 'models verify NAME --weights FILE'.");
            }

            var names = chosen is not null ? [ModelsCommand.Known(chosen)] : ModelCatalog.List().Where(model => model.Location is not null).Select(model => model.Name).ToList();
            var checks = names.Select(model => ModelCatalog.Verify(model, path)).ToList();
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new VerifyReport(checks.All(check => check.Problem is null), checks));
            }
            else if (checks.Count == 0)
            {
                terminal.Out.WriteLine("No model has weights on this machine; nothing to check.");
            }
            else
            {
                Write(terminal, checks);
            }

            return checks.All(check => check.Problem is null) ? ExitCode.Ok : ExitCode.Weights;
        });
        return command;
    }

    private static void Write(Terminal terminal, List<ModelCheck> checks)
    {
        foreach (var check in checks)
        {
            if (check.Problem is null)
            {
                terminal.Out.WriteLine($"{check.Name}: ok, {check.Tensors} tensors, sha256 {check.Sha256} ({check.Location})");
            }
            else
            {
                terminal.Error.WriteLine($"hqtrack: {check.Name}: {check.Problem}");
            }
        }
    }
}

/// <summary>models verify --json.</summary>
internal sealed record VerifyReport(bool Ok, IReadOnlyList<ModelCheck> Models);
