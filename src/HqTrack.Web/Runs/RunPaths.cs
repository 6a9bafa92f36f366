using System.Globalization;

namespace HqTrack.Web.Runs;

/// <summary>
/// runs/N: what a run leaves. masks/NNNNNN.png appear whole; frames.jsonl gets a line after each; claim-K says who works on it (the highest K counts);
/// stop asks it to end; end.json, made once, says how it ended.
/// </summary>
internal sealed record RunPaths(string Root)
{
    public string Frames => Path.Combine(Root, "frames.jsonl");

    public string Checkpoint => Path.Combine(Root, "checkpoint.json");

    public string Stop => Path.Combine(Root, "stop");

    public string End => Path.Combine(Root, "end.json");

    public string Mask(int frame) => Path.Combine(Root, "masks", frame.ToString("D6", CultureInfo.InvariantCulture) + ".png");

    public string Claim(int number) => Path.Combine(Root, $"claim-{number.ToString(CultureInfo.InvariantCulture)}");

    public string Session(string name) => Path.Combine(Root, name);
}
