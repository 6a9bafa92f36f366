using System.Security.Cryptography;
using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>Masks that persons gave, each under its hash: written once, never changed, shared by edits.</summary>
internal static class Blobs
{
    /// <summary>Keeps bytes.</summary>
    /// <returns>Their hash.</returns>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public static string Keep(ProjectFolder folder, byte[] content)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        var path = folder.Blob(hash);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, content);
        }

        return hash;
    }
}
