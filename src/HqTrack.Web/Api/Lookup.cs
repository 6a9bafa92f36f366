using System.Globalization;
using HqTrack.Media;
using HqTrack.Web.Projects;
using Microsoft.AspNetCore.Http.Features;

namespace HqTrack.Web.Api;

/// <summary>What is shared by endpoints: finding what a path names, answering 304, reading bounded bodies.</summary>
internal static class Lookup
{
    /// <summary>A project.</summary>
    /// <exception cref="ApiException">There is none of that id, or it is damaged.</exception>
    public static Project Project(this ProjectStore store, string id)
    {
        try
        {
            return store.Find(id) ?? throw ApiException.NotFound("project");
        }
        catch (MediaException e)
        {
            throw new ApiException(StatusCodes.Status500InternalServerError, "damaged", "the project's journal is damaged; the server's log says where.", e);
        }
    }

    /// <summary>Refuses a frame that a project does not have.</summary>
    public static int CheckFrame(this ProjectState state, int frame) =>
        frame >= 0 && frame < state.FrameCount ? frame : throw ApiException.NotFound($"frame; the project has {state.FrameCount}");

    /// <summary>An object.</summary>
    /// <exception cref="ApiException">There is none of that id.</exception>
    public static ProjectObject Object(this ProjectState state, int id) => state.Objects.GetValueOrDefault(id) ?? throw ApiException.NotFound("object");

    /// <summary>Sets the tag of what is answered, and says whether the client has it already.</summary>
    public static bool IsKnown(this HttpContext http, string tag)
    {
        var quoted = $"\"{tag}\"";
        http.Response.Headers.ETag = quoted;
        http.Response.Headers.CacheControl = "private, no-cache"; // kept, and asked about each time
        return http.Request.Headers.IfNoneMatch.Any(value => value is not null && value.Split(',').Any(one => one.Trim() is "*" || one.Trim() == quoted || one.Trim() == $"W/{quoted}"));
    }

    /// <summary>Refuses an edit of a client that has seen another revision (header If-Match: "rN").</summary>
    public static void CheckMatch(this HttpContext http, int revision)
    {
        if (http.Request.Headers.IfMatch is [{ } match] && match != "*" && match.Trim('"') != TagOf(revision))
        {
            throw new ApiException(StatusCodes.Status412PreconditionFailed, "changed", $"the project is at revision {revision}, If-Match names another; read it again.");
        }
    }

    /// <summary>Tag of a project's documents.</summary>
    public static string TagOf(int revision) => string.Create(CultureInfo.InvariantCulture, $"r{revision}");

    /// <summary>Reads a body of bounded length, whether its length was announced or not.</summary>
    /// <exception cref="ApiException">It is longer, or empty.</exception>
    public static async Task<byte[]> ReadBodyAsync(this HttpRequest request, long most)
    {
        if (request.ContentLength > most)
        {
            throw ApiException.TooLarge($"the body is {request.ContentLength} bytes, expected at most {most}.");
        }

        request.AllowBody(most);
        using var body = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > most)
            {
                throw ApiException.TooLarge($"the body is longer than {most} bytes.");
            }

            body.Write(buffer, 0, read);
        }

        return body.Length > 0 ? body.ToArray() : throw ApiException.Invalid("the body is empty.");
    }

    /// <summary>Lets a request have a longer body than JSON needs.</summary>
    public static void AllowBody(this HttpRequest request, long most)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = most;
        }
    }

    /// <summary>A page of a list that is known as a whole.</summary>
    /// <param name="all">The list.</param>
    /// <param name="after">Where the page before ended.</param>
    /// <param name="limit">Most entries, 1 to 1000.</param>
    /// <param name="keyOf">What "after" names an entry by.</param>
    public static Page<T> PageOf<T>(IReadOnlyList<T> all, string? after, int? limit, Func<T, string> keyOf)
    {
        var most = limit ?? 100;
        if (most is < 1 or > 1000)
        {
            throw ApiException.Invalid($"limit is {most}, expected 1 to 1000.");
        }

        var start = 0;
        if (after is not null)
        {
            start = all.Select(keyOf).ToList().IndexOf(after) + 1;
            if (start == 0)
            {
                throw ApiException.Invalid("\"after\" names nothing in the list; begin without it.");
            }
        }

        var items = all.Skip(start).Take(most).ToList();
        return new(items, start + items.Count < all.Count ? keyOf(items[^1]) : null);
    }

    /// <summary>A name that can be shown and written to logs.</summary>
    /// <exception cref="ApiException">It is empty, too long, or holds control characters.</exception>
    public static string CheckName(string? name, string what)
    {
        var trimmed = name?.Trim() ?? string.Empty;
        return trimmed.Length is > 0 and <= 200 && !trimmed.Any(IsHidden) && IsPaired(trimmed)
            ? trimmed
            : throw ApiException.Invalid($"the {what}'s name is empty, longer than 200 characters, or holds control characters; give another.");
    }

    /// <summary>A file's name without folders, as clients may send: exports carry it to other programs.</summary>
    /// <exception cref="ApiException">It is no name.</exception>
    public static string CheckFileName(string? name)
    {
        var last = CheckName(name, "file").Split('/', '\\')[^1].Trim();
        return last is not ("" or "." or "..") ? last : throw ApiException.Invalid("the file's name names a folder; give a file's name.");
    }

    /// <summary>Line ends, escapes, what is no character (XML does not take it), and marks that turn the direction of writing; joiners belong to writing and to emoji.</summary>
    public static bool IsHidden(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufffe' or '\uffff' || (char.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not ('\u200c' or '\u200d'));

    private static bool IsPaired(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
