using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>Who took a run over, and how far it was then.</summary>
/// <param name="Machine">Name of the machine.</param>
/// <param name="Process">Id of the process.</param>
/// <param name="Frames">Frames written before; -1 for a person who had it tried again.</param>
/// <param name="At">When.</param>
internal sealed record RunClaim(string Machine, int Process, int Frames, DateTimeOffset At)
{
    /// <summary>Claims in a row without a new frame between them that a run may have.</summary>
    public const int MostBarren = 10;

    /// <summary>All claims of a run, oldest first.</summary>
    public static IReadOnlyList<RunClaim> ReadAll(RunPaths paths)
    {
        var claims = new List<RunClaim>();
        for (var number = 1; File.Exists(paths.Claim(number)); number++)
        {
            claims.Add(Read(paths.Claim(number)));
        }

        return claims;
    }

    /// <summary>Refuses a run whose workers end without a frame, again and again: it takes each one down with it.</summary>
    /// <exception cref="MediaException">It is such a run.</exception>
    public static void CheckProgress(RunPaths paths)
    {
        var claims = ReadAll(paths);
        var barren = claims.Reverse().TakeWhile(claim => claim.Frames == claims[^1].Frames).Count() - 1;
        if (barren >= MostBarren)
        {
            throw new MediaException($"{barren} workers in a row ended without a new frame, the last one on {claims[^2].Machine} (process {claims[^2].Process}); look at their logs and memory, then have the job tried again.");
        }
    }

    // A claim holds from the moment its file is there; its maker may have been killed before it wrote into it.
    private static RunClaim Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunClaim>(File.ReadAllBytes(path), Journal.Format)!;
        }
        catch (JsonException)
        {
            return new("unknown", 0, 0, File.GetLastWriteTimeUtc(path));
        }
    }
}
