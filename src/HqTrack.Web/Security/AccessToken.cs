using System.Security.Cryptography;
using System.Text;
using HqTrack.Media;

namespace HqTrack.Web.Security;

/// <summary>A secret that lets its holder in. Only its hash is kept.</summary>
internal sealed class AccessToken
{
    /// <summary>Shortest secret.</summary>
    public const int MinLength = 16;

    private AccessToken(string name, Role role, byte[] hash) => (Name, Role, Hash) = (name, role, hash);

    public string Name { get; }

    public Role Role { get; }

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] Hash { get; }

    /// <summary>Makes a token.</summary>
    /// <exception cref="MediaException">The secret is too short.</exception>
    public static AccessToken Of(string name, Role role, string secret) => secret.Length >= MinLength
        ? new(name, role, HashOf(secret))
        : throw new MediaException($"the token of '{name}' has {secret.Length} characters, expected at least {MinLength}; make one with: openssl rand -hex 24.");

    /// <summary>Reads a file of tokens: "role name secret" a line, '#' starts a comment.</summary>
    /// <exception cref="MediaException">It cannot be read, or a line is damaged; the message does not repeat secrets.</exception>
    public static IReadOnlyList<AccessToken> ReadFile(string path)
    {
        var tokens = new List<AccessToken>();
        var lines = ReadLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            tokens.Add(line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var role, var name, var secret] && Enum.TryParse<Role>(role, ignoreCase: true, out var known) && Enum.IsDefined(known) && !char.IsDigit(role[0])
                ? Of(name, known, secret)
                : throw new MediaException($"'{path}', line {i + 1} is no token; expected \"read|edit|admin NAME SECRET\"."));
        }

        return tokens.Count > 0 ? tokens : throw new MediaException($"'{path}' has no token, expected at least one line \"read|edit|admin NAME SECRET\"; to serve without tokens leave the option out.");
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediaException($"the file of tokens '{path}' cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; check the path and its permissions.", e);
        }
    }

    /// <summary>Hash of a secret.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
