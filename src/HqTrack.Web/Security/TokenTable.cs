using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HqTrack.Web.Security;

/// <summary>
/// Who may come in: by a token in the header "Authorization: Bearer", or by the cookie that a browser got for one. A cookie is signed with a key made
/// from its token, so it holds over a restart and ends with the token, when it is logged out, or after <see cref="CookieLife"/>. Compared in constant time.
/// </summary>
internal sealed class TokenTable(IReadOnlyList<AccessToken> tokens, TimeProvider clock)
{
    /// <summary>How long a browser stays in.</summary>
    public static readonly TimeSpan CookieLife = TimeSpan.FromHours(12);

    /// <summary>Name of the cookie.</summary>
    public const string Cookie = "hqtrack";

    private static readonly Caller Anybody = new(null, Role.Admin);

    private readonly ConcurrentDictionary<string, long> ended = new(StringComparer.Ordinal); // cookies that were logged out, and when they end by themselves

    /// <summary>Whether a token is needed at all.</summary>
    public bool IsOpen => tokens.Count == 0;

    /// <summary>Who sends a request; null for nobody known.</summary>
    public Caller? Identify(HttpRequest request)
    {
        if (IsOpen)
        {
            return Anybody;
        }

        if (request.Headers.Authorization is { Count: > 0 } values)
        {
            // A header that is there decides: a wrong token is not made good by a cookie.
            return values is [{ } value] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? Find(value[7..].Trim()) : null;
        }

        return request.Cookies.TryGetValue(Cookie, out var cookie) ? FromCookie(cookie) : null;
    }

    /// <summary>The caller of a secret; null where no token has it.</summary>
    public Caller? Find(string secret) => TokenOf(secret) is { } token ? new(token.Name, token.Role) : null;

    /// <summary>A cookie for the holder of a secret; null where no token has it.</summary>
    public string? MakeCookie(string secret)
    {
        if (TokenOf(secret) is not { } token)
        {
            return null;
        }

        var head = string.Create(CultureInfo.InvariantCulture, $"{(clock.GetUtcNow() + CookieLife).ToUnixTimeSeconds()}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        return $"{head}.{Sign(token, head)}";
    }

    /// <summary>Ends a cookie before its time: whoever has a copy is out, as long as this process runs.</summary>
    public void End(string cookie)
    {
        if (FromCookie(cookie) is null)
        {
            return; // only what was given is kept
        }

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var old in ended.Where(entry => entry.Value < now))
        {
            ended.TryRemove(old.Key, out _);
        }

        ended[cookie] = now + (long)CookieLife.TotalSeconds;
    }

    private Caller? FromCookie(string cookie)
    {
        if (cookie.Length > 200 || cookie.Split('.') is not [var until, var number, var signature] || ended.ContainsKey(cookie)
            || !long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var end) || end < clock.GetUtcNow().ToUnixTimeSeconds())
        {
            return null;
        }

        AccessToken? found = null;
        foreach (var token in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(token, $"{until}.{number}")), Encoding.ASCII.GetBytes(signature)))
            {
                found = token;
            }
        }

        return found is null ? null : new(found.Name, found.Role);
    }

    // Every token is compared, whichever it is: hashes of one length in constant time.
    private AccessToken? TokenOf(string secret)
    {
        var hash = AccessToken.HashOf(secret);
        AccessToken? found = null;
        foreach (var token in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(token.Hash, hash))
            {
                found = token;
            }
        }

        return found;
    }

    private static string Sign(AccessToken token, string head) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(token.Hash, Encoding.ASCII.GetBytes($"hqtrack cookie until {head}")));
}
