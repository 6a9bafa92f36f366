using System.Reflection;
using System.Security.Cryptography;
using HqTrack.Web.Api;

namespace HqTrack.Web;

/// <summary>The annotator page out of the assembly. A path is looked up among the names of what is there, never on a disk.</summary>
internal static class StaticPage
{
    private const string Prefix = "wwwroot/";

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".json"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
    };

    private static readonly Lazy<Dictionary<string, (byte[] Content, string Tag)>> Files = new(() =>
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(name => name[Prefix.Length..], name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return (content, Convert.ToHexStringLower(SHA256.HashData(content))[..20]);
        }, StringComparer.Ordinal);
    });

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", (HttpContext http) => Get("index.html", http)).ExcludeFromDescription();
        app.MapGet("/{**path}", (string path, HttpContext http) => Get(path, http)).ExcludeFromDescription();
    }

    private static IResult Get(string path, HttpContext http)
    {
        if (!Files.Value.TryGetValue(path, out var file) || !Types.TryGetValue(Path.GetExtension(path), out var type))
        {
            throw ApiException.NotFound("page or resource");
        }

        return http.IsKnown(file.Tag) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(file.Content, type);
    }
}
