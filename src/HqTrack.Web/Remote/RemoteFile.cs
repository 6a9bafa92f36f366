using System.Security.Cryptography;
using HqTrack.Media;

namespace HqTrack.Web.Remote;

/// <summary>Files of any length on their way between a server and a worker: never in memory as a whole, and hashed as they pass.</summary>
internal static class RemoteFile
{
    /// <summary>Writes a body to a file; one of that name is replaced.</summary>
    /// <param name="body">What comes.</param>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellation">Ends it; the file stays as far as it came.</param>
    /// <returns>SHA-256 in lower case; null where the body is longer.</returns>
    /// <exception cref="MediaException">The disk refuses.</exception>
    /// <exception cref="IOException">The body ends before its end.</exception>
    public static async Task<string?> ReceiveAsync(Stream body, string path, long most, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = OnDisk(path, () => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1));
        await using var own = file.ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (file.Position + read > most)
            {
                return null;
            }

            hash.AppendData(buffer, 0, read);
            OnDisk(path, () =>
            {
                file.Write(buffer, 0, read);
                return file;
            });
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of a file in lower case.</summary>
    public static async Task<string> HashOfAsync(string path, CancellationToken cancellation)
    {
        var content = File.OpenRead(path);
        await using var own = content.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false));
    }

    private static T OnDisk<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }
}
