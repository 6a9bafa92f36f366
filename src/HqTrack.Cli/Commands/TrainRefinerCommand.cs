using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Refiner.Sam;
using HqTrack.Training;
using HqTrack.Training.Data;
using HqTrack.Training.Refiner;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack train refiner: trains sam-lite, or goes on with the run in the output folder.</summary>
internal sealed class TrainRefinerCommand
{
    private static readonly RefinerRecipe Defaults = RefinerRecipe.Lite(DefaultSteps);

    private readonly Option<string> data = new("--data") { Description = "Training data: davis2016/train and static/*, or one such folder", HelpName = "DIR", Required = true };
    private readonly Option<string> output = Opt.Output("Folder of the run; a run in it is continued");
    private readonly Option<string> model = Opt.Choice("--model", "Network to train", "NAME", [SamConfig.Lite.Name], SamConfig.Lite.Name);
    private readonly Option<string> init = new("--init") { Description = "Start from these weights: a model's name or a file (of a MobileNetV2 alone, only that)", HelpName = "NAME|FILE" };
    private readonly Option<int?> steps = Opt.Integer("--steps", $"Steps of the run; the rate decays within them [default: {DefaultSteps}]", 1);
    private readonly Option<int?> seed = Opt.Integer("--seed", "Seed of weights, images and prompts [default: 1]", 0);
    private readonly Option<double?> rate = Opt.Number("--rate", $"Learning rate after the warm-up [default: {Defaults.Rate}]", 0);
    private readonly Option<int?> size = Opt.Integer("--size", $"Side of the square that the network sees, 16 k [default: {Defaults.Size}]", 64, 2048);
    private readonly Option<int?> images = Opt.Integer("--images", $"Images of a step [default: {Defaults.Images}]", 1);
    private readonly Option<int?> objects = Opt.Integer("--objects", $"Most objects asked for in an image [default: {Defaults.Objects}]", 1, Clip.MaxObjects);
    private readonly Option<int?> group = Opt.Integer("--group", "Images whose prompts are decoded in one pass, all of one kind; more is faster on a GPU [default: 1]", 1);
    private readonly Option<double?> zoom = Opt.Share("--zoom", $"Share of the images that show what is around one object, 0 to 1 [default: {Defaults.Zoom}]");
    private readonly Option<double?> encoderRatio = Opt.Number("--encoder-ratio", $"The encoder's rate relative to the rest [default: {Defaults.EncoderRatio}]", 0);
    private readonly Option<int?> frozen = Opt.Integer("--frozen-stages", $"Stages of the encoder that stay as they are, 0 to 4 [default: {Defaults.FrozenStages}]", 0, 4);
    private readonly Option<ClipMix?> mix = RecipeOptions.CreateMix();
    private readonly Option<PromptMix?> prompts = RecipeOptions.CreatePrompts();
    private readonly Option<int?> saveEvery = Opt.Integer("--save-every", "Seconds between two checkpoints [default: 180]", 1);
    private readonly Option<TimeSpan?> minutes = RecipeOptions.CreateMinutes();
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);
    private readonly Option<int?> loaders = Opt.Integer("--loader-threads", "Threads that prepare images [default: 1]", 0);
    private readonly Option<string> device = new("--device") { Description = "cpu, auto, cuda or cuda:N", HelpName = "NAME", DefaultValueFactory = _ => "cpu" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private const int DefaultSteps = 6000;

    private TrainRefinerCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var train = new TrainRefinerCommand(terminal);
        var refiner = new Command("refiner", "Train a mask refiner for boxes, clicks and coarse masks on stills, video frames and rendered scenes");
        foreach (var option in (Option[])[
            train.data, train.output, train.model, train.init, train.steps, train.seed, train.rate, train.size, train.images, train.objects, train.group, train.zoom, train.encoderRatio, train.frozen,
            train.mix, train.prompts, train.minutes, train.saveEvery, train.threads, train.loaders, train.device, train.quiet, train.json])
        {
            refiner.Options.Add(option);
        }

        refiner.SetAction((parsed, cancellation) => Task.Run(() => train.Run(parsed, cancellation), CancellationToken.None));
        return refiner;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var recipe = RefinerRecipe.Lite(parsed.GetValue(steps) ?? DefaultSteps);
        var options = new RefinerTrainingOptions
        {
            Model = parsed.GetRequiredValue(model),
            Data = parsed.GetRequiredValue(data),
            Output = parsed.GetRequiredValue(output),
            Recipe = recipe with
            {
                Seed = (ulong)(parsed.GetValue(seed) ?? (int)recipe.Seed),
                Rate = parsed.GetValue(rate) ?? recipe.Rate,
                Size = parsed.GetValue(size) ?? recipe.Size,
                Images = parsed.GetValue(images) ?? recipe.Images,
                Objects = parsed.GetValue(objects) ?? recipe.Objects,
                Group = parsed.GetValue(group) ?? recipe.Group,
                Zoom = (float)(parsed.GetValue(zoom) ?? recipe.Zoom),
                EncoderRatio = parsed.GetValue(encoderRatio) ?? recipe.EncoderRatio,
                FrozenStages = parsed.GetValue(frozen) ?? recipe.FrozenStages,
                Mix = parsed.GetValue(mix) ?? recipe.Mix,
                Prompts = parsed.GetValue(prompts) ?? recipe.Prompts,
            },
            Init = parsed.GetValue(init),
            Threads = parsed.GetValue(threads),
            LoaderThreads = parsed.GetValue(loaders) ?? 1,
            Device = parsed.GetRequiredValue(device),
            TimeLimit = parsed.GetValue(minutes),
            SaveEvery = TimeSpan.FromSeconds(parsed.GetValue(saveEvery) ?? 180),
        };
        var last = new TrainingLines(parsed.GetValue(quiet) ? null : terminal, "images");
        if (!RefinerTraining.Run(options, last, cancellation))
        {
            throw new OperationCanceledException(cancellation);
        }

        last.Report(terminal, parsed.GetValue(json), options.Model, options.Recipe.Steps, new TrainerOptions(options.Output, options.Model).WeightsPath);
        return ExitCode.Ok;
    }
}
