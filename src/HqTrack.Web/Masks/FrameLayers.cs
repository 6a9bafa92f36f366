using System.Security.Cryptography;
using System.Text;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Masks;

/// <summary>
/// What a frame's masks are made of, from below: every object as the newest run has it that follows it there, prompts by their age, the locked mask.
/// Objects that are gone are in none of it.
/// </summary>
/// <param name="Runs">Runs that own an object in the frame, oldest first, and their objects.</param>
/// <param name="Prompts">Prompts in the frame, oldest first.</param>
/// <param name="Lock">Hash of the locked mask; null where the frame is not locked.</param>
internal sealed record FrameLayers(IReadOnlyList<(int Run, IReadOnlyList<RunObject> Objects, bool IsWhole)> Runs, IReadOnlyList<PromptSet> Prompts, string? Lock)
{
    /// <summary>Whether nothing is known of the frame.</summary>
    public bool IsEmpty => Runs.Count == 0 && Prompts.Count == 0 && Lock is null;

    /// <summary>Looks a frame up.</summary>
    public static FrameLayers Of(ProjectState state, RunResults results, int frame)
    {
        var owned = new HashSet<int>();
        var runs = new List<(int, IReadOnlyList<RunObject>, bool)>();
        for (var i = state.Runs.Count - 1; i >= 0 && owned.Count < state.Objects.Count; i--)
        {
            if (results.Frame(state.Runs[i].Number, frame) is { } line)
            {
                var own = line.Objects.Where(entry => state.Objects.ContainsKey(entry.Id) && owned.Add(entry.Id)).ToList();
                if (own.Count > 0)
                {
                    runs.Add((state.Runs[i].Number, own, own.Count == line.Objects.Count));
                }
            }
        }

        runs.Reverse();
        return new(runs, [.. state.PromptsAt(frame).Select(placed => placed.Prompt)], state.Locks.GetValueOrDefault(frame));
    }

    /// <summary>Changes whenever the masks do.</summary>
    public string Tag(ProjectState state)
    {
        var text = new StringBuilder();
        foreach (var (run, objects, _) in Runs)
        {
            text.Append('r').Append(run).Append(':').AppendJoin(',', objects.Select(entry => state.Objects[entry.Id].Locked ? -entry.Id : entry.Id));
        }

        foreach (var prompt in Prompts)
        {
            text.Append('p').Append(prompt.Object).Append(':').Append(prompt.Mask);
        }

        text.Append('l').Append(Lock).AppendJoin(',', state.Objects.Keys);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..20];
    }
}
