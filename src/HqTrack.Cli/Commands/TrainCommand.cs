using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Training;
using HqTrack.Training.Data;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack train vmos: trains a segmenter, or goes on with the run in the output folder.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string> data = new("--data") { Description = "Training data: davis2016/train and static/*, or one such folder", HelpName = "DIR", Required = true };
    private readonly Option<string> output = Opt.Output("Folder of the run; a run in it is continued");
    private readonly Option<string> model = Opt.Choice("--model", "Network to train", "NAME", [.. VmosConfig.All.Select(config => config.Name)], "lite");
    private readonly Option<string> stage = Opt.Choice("--stage", "Recipe: mixed (videos, stills, scenes), or the published static and video", "NAME", ["mixed", "static", "video"], "mixed");
    private readonly Option<string> init = new("--init") { Description = "Start from these weights: a model's name or a file (of an encoder alone, only that)", HelpName = "NAME|FILE" };
    private readonly Option<int?> steps = Opt.Integer("--steps", "Steps of the run; the rate decays within them [default: 3000]", 1);
    private readonly Option<int?> seed = Opt.Integer("--seed", "Seed of weights and clips [default: 1]", 0);
    private readonly Option<double?> rate = Opt.Number("--rate", "Learning rate after the warm-up [default: the recipe's]", 0);
    private readonly Option<double?> encoderRatio = Opt.Number("--encoder-ratio", "The encoder's rate relative to the rest; 1 for an encoder that starts at random [default: 0.1]", 0);
    private readonly Option<int?> frozen = Opt.Integer("--frozen-stages", "Stages of the encoder that stay as they are, 0 to 4; 0 for an encoder that starts at random [default: 2]", 0, 4);
    private readonly Option<TrainingPhase[]> phases = RecipeOptions.CreatePhases();
    private readonly Option<ClipMix?> mix = RecipeOptions.CreateMix();
    private readonly Option<int?> maxGap = Opt.Integer("--max-gap", $"Most frames between two of a clip of real video [default: {new ClipMix().MaxGap}]", 1);
    private readonly Option<FeedbackRange?> feedback = RecipeOptions.CreateFeedback();
    private readonly Option<int?> saveEvery = Opt.Integer("--save-every", "Seconds between two checkpoints [default: 180]", 1);
    private readonly Option<TimeSpan?> minutes = RecipeOptions.CreateMinutes();
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);
    private readonly Option<int?> loaders = Opt.Integer("--loader-threads", "Threads that prepare clips [default: 1]", 0);
    private readonly Option<string> device = new("--device") { Description = "cpu, auto, cuda or cuda:N", HelpName = "NAME", DefaultValueFactory = _ => "cpu" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private TrainCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var train = new TrainCommand(terminal);
        var vmos = new Command("vmos", "Train a segmenter on videos, stills and rendered scenes");
        foreach (var option in (Option[])[
            train.data, train.output, train.model, train.stage, train.init, train.steps, train.seed, train.rate, train.encoderRatio, train.frozen, train.phases,
            train.mix, train.maxGap, train.feedback, train.minutes, train.saveEvery, train.threads, train.loaders, train.device, train.quiet, train.json])
        {
            vmos.Options.Add(option);
        }

        vmos.SetAction((parsed, cancellation) => Task.Run(() => train.Run(parsed, cancellation), CancellationToken.None));
        return new Command("train", "Train a model") { vmos, TrainRefinerCommand.Create(terminal) };
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var options = new VmosTrainingOptions
        {
            Model = parsed.GetRequiredValue(model),
            Data = parsed.GetRequiredValue(data),
            Output = parsed.GetRequiredValue(output),
            Recipe = Recipe(parsed),
            Init = parsed.GetValue(init),
            Threads = parsed.GetValue(threads),
            LoaderThreads = parsed.GetValue(loaders) ?? 1,
            Device = parsed.GetRequiredValue(device),
            TimeLimit = parsed.GetValue(minutes),
            SaveEvery = TimeSpan.FromSeconds(parsed.GetValue(saveEvery) ?? 180),
        };
        var last = new TrainingLines(parsed.GetValue(quiet) ? null : terminal, "clips");
        if (!VmosTraining.Run(options, last, cancellation))
        {
            throw new OperationCanceledException(cancellation);
        }

        last.Report(terminal, parsed.GetValue(json), options.Model, options.Recipe.Steps, new TrainerOptions(options.Output, options.Model).WeightsPath);
        return ExitCode.Ok;
    }

    private TrainingRecipe Recipe(ParseResult parsed)
    {
        var count = parsed.GetValue(steps) ?? 3000;
        var recipe = parsed.GetRequiredValue(stage) switch
        {
            "static" => TrainingRecipe.Static(count),
            "video" => TrainingRecipe.Video(count),
            _ => TrainingRecipe.Mixed(count),
        };
        return recipe with
        {
            Seed = (ulong)(parsed.GetValue(seed) ?? (int)recipe.Seed),
            Rate = parsed.GetValue(rate) ?? recipe.Rate,
            EncoderRatio = parsed.GetValue(encoderRatio) ?? recipe.EncoderRatio,
            FrozenStages = parsed.GetValue(frozen) ?? recipe.FrozenStages,
            Mix = (parsed.GetValue(mix) ?? recipe.Mix) with { MaxGap = parsed.GetValue(maxGap) ?? recipe.Mix.MaxGap },
            FeedbackFrom = parsed.GetValue(feedback)?.From ?? recipe.FeedbackFrom,
            FeedbackTo = parsed.GetValue(feedback)?.To ?? recipe.FeedbackTo,
            Phases = parsed.GetValue(phases) is { Length: > 0 } chosen ? chosen : recipe.Phases,
        };
    }
}
