using System.Security.Cryptography;
using System.Text;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Jobs;

/// <summary>
/// The folder that projects lie in, with an id of its own. Queues carry the id: a worker that sees another folder than the one a job is of does not
/// take it, even when both use one database.
/// </summary>
/// <param name="Path">The folder, as this process sees it.</param>
/// <param name="Id">12 letters and digits, the same on every machine that sees the folder.</param>
internal sealed record DataFolder(string Path, string Id)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Opens a data folder that is there.</summary>
    /// <exception cref="MediaException">It is none, or cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        if (!Directory.Exists(ProjectFolder.RootOf(path)))
        {
            throw new MediaException($"'{path}' is no data folder, expected one that 'hqtrack serve' or 'hqtrack submit' has made (with a folder 'projects' in it); check --data and what is mounted there.");
        }

        var file = System.IO.Path.Combine(path, "id");
        try
        {
            if (!File.Exists(file))
            {
                Make(file);
            }

            var id = File.ReadAllText(file).Trim();
            return ProjectFolder.IsId(id) ? new(path, id) : throw new MediaException($"'{file}' holds no id of 12 letters and digits; restore it from a backup, or remove it while nothing runs.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(file, e);
        }
    }

    // Several processes may be the first; one id wins and all read it.
    private static void Make(string file)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString(Alphabet, 12) + "\n"));
        try
        {
            File.Move(temporary, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(temporary);
        }
    }
}
