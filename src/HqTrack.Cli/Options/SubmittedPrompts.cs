using System.CommandLine;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;

namespace HqTrack.Cli.Options;

/// <summary>--masks and --prompts: a file a video that says what is tracked in it, found by the video's name.</summary>
internal sealed class SubmittedPrompts : IDisposable
{
    private readonly Option<string> masks = new("--masks") { Description = "Folder with a mask a video for its first frame: NAME.png, or a folder NAME whose first PNG it is", HelpName = "DIR" };
    private readonly Option<string> prompts = new("--prompts") { Description = "Folder with a list of prompts a video, NAME.json, as 'track --prompts' takes it", HelpName = "DIR" };
    private readonly Option<string> network = Opt.Choice("--point-network", "The network that turns points and boxes of --prompts into masks", "NAME", [.. RefinerModel.Names.Where(name => name != RefinerModel.Off)], "sam-lite");
    private ImageSegmenter? segmenter;

    /// <summary>Makes the options and adds them to a command.</summary>
    public SubmittedPrompts(Command command)
    {
        command.Options.Add(masks);
        command.Options.Add(prompts);
        command.Options.Add(network);
        command.Validators.Add(result =>
        {
            if (result.GetResult(masks) is null == result.GetResult(prompts) is null)
            {
                result.AddError("nothing, or two things, say what to track; expected --masks DIR or --prompts DIR");
            }
        });
    }

    /// <summary>The file of a video.</summary>
    /// <exception cref="MediaException">It has none.</exception>
    public string FileOf(ParseResult parsed, string name)
    {
        if (parsed.GetValue(masks) is { } folder)
        {
            var file = Path.Combine(folder, name + ".png");
            var own = Path.Combine(folder, name);
            return File.Exists(file) ? file
                : Directory.Exists(own) && Directory.EnumerateFiles(own, "*.png").Order(NaturalOrder.Instance).FirstOrDefault() is { } first ? first
                : throw new MediaException($"'{name}' has no mask, expected '{file}' or a PNG in '{own}'; add it, or take the video away.");
        }

        var list = Path.Combine(parsed.GetRequiredValue(prompts), name + ".json");
        return File.Exists(list) ? list : throw new MediaException($"'{name}' has no prompts, expected '{list}'; add it, or take the video away.");
    }

    /// <summary>Reads what a file says of a video's frames.</summary>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    /// <exception cref="PromptException">What it says cannot be meant.</exception>
    /// <exception cref="Weights.WeightsMissingException">It has points or boxes, and their network has no weights here.</exception>
    public IReadOnlyList<SubmittedPrompt> Read(ParseResult parsed, string file, ProjectFrames frames)
    {
        var first = frames.Load(0);
        if (parsed.GetValue(masks) is not null)
        {
            return [.. Masks(0, MaskFile.Read(file, first.Width, first.Height))];
        }

        var timeline = new PromptTimeline();
        PromptFile.Read(file, first, timeline);
        timeline.Plan(TrackingDirection.Forward);
        return
        [
            .. timeline.Prompts.SelectMany(entry => entry.Prompt.Masks.SelectMany(labels => Masks(entry.Frame, labels))
                .Concat(entry.Prompt.ObjectPrompts.Select(said => new SubmittedPrompt(entry.Frame, said.Id, Segment(parsed, frames.Load(entry.Frame), said), said.Points, said.Boxes)))),
            .. timeline.Removals.Select(entry => new SubmittedPrompt(entry.Value, entry.Key, new LabelMap(first.Width, first.Height), [], [])),
        ];
    }

    public void Dispose() => segmenter?.Dispose();

    private static IEnumerable<SubmittedPrompt> Masks(int frame, LabelMap labels) =>
        labels.ObjectIds().Select(id => new SubmittedPrompt(frame, id, LabelMerge.Only(labels, [id]), [], []));

    private LabelMap Segment(ParseResult parsed, Frame frame, ObjectPrompt prompt) =>
        (segmenter ??= ImageSegmenter.Load(parsed.GetRequiredValue(network))).Segment(frame, prompt).Labels;
}
