using System.CommandLine;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>VIDEO, --start, --end, --every and --stdin-format: which frames of what.</summary>
internal sealed class SourceOptions
{
    private readonly Argument<string> video = new("VIDEO")
    {
        Description = "A video file, a folder of JPEG, PNG or WebP frames, a list of them (.txt), an animated WebP or GIF, a camera (/dev/video0), or - for stdin",
    };

    private readonly Option<int?> start = Opt.Integer("--start", "The first frame, counted from 0 [default: 0]", 0);
    private readonly Option<int?> end = Opt.Integer("--end", "The last frame [default: the video's]", 0);
    private readonly Option<int?> every = Opt.Integer("--every", "Only every N-th frame from the first on; frames keep their numbers", 1);
    private readonly Option<RawFormat?> format = new("--stdin-format")
    {
        Description = "Form of raw pixels on stdin: raw:WxH, or raw:WxH:LAYOUT with rgb24, bgr24 or gray; not needed for pictures and videos",
        HelpName = "FORM",
        CustomParser = result =>
        {
            try
            {
                return RawFormat.Parse(result.Tokens[0].Value);
            }
            catch (ArgumentException e)
            {
                result.AddError($"--stdin-format: {e.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}");
                return null;
            }
        },
    };

    /// <summary>Makes argument and options and adds them to a command.</summary>
    public SourceOptions(Command command)
    {
        command.Arguments.Add(video);
        foreach (var option in (Option[])[start, end, every, format])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The argument, for checks beside others.</summary>
    public Argument Video => video;

    /// <summary>Which video and frames it was, so that an unfinished run is only gone on with for the same ones.</summary>
    public string Identity(ParseResult parsed, FrameSource source)
    {
        var path = parsed.GetRequiredValue(video);
        var file = source.FilesDigest is { } digest ? $" with the files {digest}" : File.Exists(path) ? $" of {new FileInfo(path).Length} bytes" : string.Empty;
        return $"{(path == "-" ? path : Path.GetFullPath(path))}{file}, {source.Width}x{source.Height}, {source.Count?.ToString() ?? "?"} frames from {parsed.GetValue(start) ?? 0} every {parsed.GetValue(every) ?? 1}";
    }

    /// <summary>Opens the source and looks at its first frame.</summary>
    /// <exception cref="MediaException">It cannot be opened, or holds no frame.</exception>
    public PeekedSource Open(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(video);
        var raw = parsed.GetValue(format);
        if (raw is not null && path != "-")
        {
            throw new UsageException($"--stdin-format is for frames on stdin, the video is '{path}'; leave it out, or give - as the video.");
        }

        var source = path == "-" ? new StreamSource(Console.OpenStandardInput(), raw) : FrameSource.Open(path);
        return new(parsed.GetValue(start) is null && parsed.GetValue(end) is null && parsed.GetValue(every) is null
            ? source
            : source.Range(parsed.GetValue(start) ?? 0, parsed.GetValue(end), parsed.GetValue(every) ?? 1));
    }
}
