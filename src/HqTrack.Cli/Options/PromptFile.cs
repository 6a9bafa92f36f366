using System.Text.Json;
using System.Text.Json.Serialization;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>prompts.json: a list of {"frame": N, "add": OBJECT | "correct": OBJECT | "remove": ID}; paths in it are relative to the file.</summary>
internal static class PromptFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads a file into a timeline.</summary>
    /// <exception cref="MediaException">The file or a mask it names cannot be read.</exception>
    /// <exception cref="PromptException">An entry cannot be meant; the message names it.</exception>
    public static void Read(string path, Frame first, PromptTimeline timeline)
    {
        List<Entry?> entries;
        try
        {
            entries = JsonSerializer.Deserialize<List<Entry?>>(ImageFile.ReadBytes(path), Options) ?? [];
        }
        catch (JsonException e)
        {
            throw new PromptException($"'{path}' is not a list of prompts (line {(e.LineNumber ?? 0) + 1} cannot be read); expected entries such as {{\"frame\": 0, \"add\": {{\"id\": 1, \"box\": [10, 20, 30, 40]}}}}.");
        }

        for (var i = 0; i < entries.Count; i++)
        {
            try
            {
                Take(entries[i], path, first, timeline);
            }
            catch (PromptException e)
            {
                throw new PromptException($"'{path}', entry {i + 1}: {e.Message}");
            }
        }
    }

    private static void Take(Entry? entry, string path, Frame first, PromptTimeline timeline)
    {
        if (entry is null || new object?[] { entry.Add, entry.Correct, entry.Remove }.Count(part => part is not null) != 1)
        {
            throw new PromptException("it holds not exactly one of \"add\", \"correct\" and \"remove\"; make an entry of each.");
        }

        var frame = entry.Frame ?? first.Index;
        if (frame < 0)
        {
            throw new PromptException($"frame {frame} is not a frame; expected 0 or more.");
        }

        if (entry.Remove is { } id)
        {
            timeline.Remove(frame, id);
            return;
        }

        timeline.Add(frame, PromptOf((entry.Add ?? entry.Correct)!, path, first), entry.Add is null ? PromptKind.Correct : PromptKind.Add);
    }

    private static Prompt PromptOf(Target target, string path, Frame first)
    {
        if (target.Mask is { } mask)
        {
            if (target.Box is not null || target.Boxes is not null || target.Points is not null)
            {
                throw new PromptException("a mask and boxes or points for one object; expected one or the other.");
            }

            var labels = MaskFile.Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, mask), first.Width, first.Height);
            IReadOnlyList<int>? ids = target.Id is { } only ? [only] : target.Ids;
            var missing = ids?.Except(labels.ObjectIds()).Cast<int?>().FirstOrDefault();
            return missing is not null
                ? throw new PromptException($"the mask '{mask}' does not show object {missing}; it shows {string.Join(", ", labels.ObjectIds())}.")
                : ids is null ? Prompt.Mask(labels) : Prompt.Mask(labels).Only([.. ids])!;
        }

        if (target.Id is not { } id)
        {
            throw new PromptException("a box or points without \"id\"; give the object's id.");
        }

        var boxes = (target.Boxes ?? []).Concat(target.Box is { } one ? [one] : []).Select(box => box is { Length: 4 }
            ? new Box(box[0], box[1], box[2], box[3])
            : throw new PromptException("a box is not [x, y, width, height]."));
        var points = (target.Points ?? []).Select(point => new PromptPoint(point.X, point.Y, point.Inside));
        var prompt = new ObjectPrompt(id, [.. boxes], [.. points]);
        prompt.Validate(first.Width, first.Height);
        return Prompt.Objects(prompt);
    }

    private sealed record Entry(int? Frame, Target? Add, Target? Correct, int? Remove);

    private sealed record Target(int? Id, IReadOnlyList<int>? Ids, string? Mask, int[]? Box, IReadOnlyList<int[]>? Boxes, IReadOnlyList<Point>? Points);

    private sealed record Point(double X, double Y, bool Inside = true);
}
