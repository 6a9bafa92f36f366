using System.Net;
using HqTrack.Web.Api;
using Microsoft.Net.Http.Headers;

namespace HqTrack.Web.Security;

/// <summary>
/// What every request goes through before an endpoint sees it: the host it was sent to, the site it comes from, and who sends it. A page of another site can neither read nor change anything, also on a server that needs no token.
/// </summary>
/// <param name="hosts">Names that the server answers to besides those of this machine and addresses it listens on.</param>
/// <param name="tokens">Who may come in.</param>
internal sealed class RequestGuard(IReadOnlyCollection<string> hosts, TokenTable tokens)
{
    private static readonly object CallerKey = new();

    /// <summary>Who sends a request; set for all that need a role.</summary>
    public static Caller CallerOf(HttpContext http) => (Caller)http.Items[CallerKey]!;

    /// <summary>The middleware; after routing.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        CheckHost(http.Request);
        CheckSite(http.Request);
        CheckCharset(http.Request);
        if (RoleFor(http) is { } role)
        {
            var caller = tokens.Identify(http.Request) ?? throw new ApiException(StatusCodes.Status401Unauthorized, "token-missing", "no valid token came with the request; send the header \"Authorization: Bearer TOKEN\", or log in.");
            if (caller.Role < role)
            {
                throw new ApiException(StatusCodes.Status403Forbidden, "role-too-low", $"this needs the role {role.ToString().ToLowerInvariant()}, the token has {caller.Role.ToString().ToLowerInvariant()}.");
            }

            http.Items[CallerKey] = caller;
        }

        return next(http);
    }

    // Against names of other sites that are made to lead here (DNS rebinding).
    private void CheckHost(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        if (host is not "localhost" && !IPAddress.TryParse(host, out _) && !hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            throw new ApiException(StatusCodes.Status421MisdirectedRequest, "host-unknown", "the request's Host is none of this server's; use its address, localhost, or a name given with --allow-host.");
        }
    }

    // Against pages of other sites that send requests with the browser's cookie or from inside the network.
    private void CheckSite(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        var isOwn = origin.Count == 0 || (origin is [{ } value] && Uri.TryCreate(value, UriKind.Absolute, out var uri) && IsOwn(uri, request));
        var site = request.Headers["Sec-Fetch-Site"];
        var isOther = site.Count > 0 && site != "same-origin" && site != "none";
        var isNavigation = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && !request.Path.StartsWithSegments("/api");
        if (!isOwn || (isOther && !isNavigation))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, "other-site", "the request comes from another site's page; open this server's own page.");
        }
    }

    private static void CheckCharset(HttpRequest request)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "content-type", "the body is in another charset than UTF-8; send UTF-8.");
        }
    }

    // Behind a proxy that speaks TLS the browser's address has another scheme and port than the request that comes here; the name is the same.
    private bool IsOwn(Uri origin, HttpRequest request) =>
        (origin.Scheme == request.Scheme && string.Equals(origin.Authority, new Uri($"{request.Scheme}://{request.Host}").Authority, StringComparison.OrdinalIgnoreCase))
        || (origin.Scheme == Uri.UriSchemeHttps && hosts.Contains(origin.Host, StringComparer.OrdinalIgnoreCase) && string.Equals(origin.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase));

    // Null where nobody is asked who they are: the page itself and the checks of a load balancer.
    private static Role? RoleFor(HttpContext http)
    {
        var path = http.Request.Path;
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredRole>() is { } required)
        {
            return required.Role;
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null)
        {
            return null;
        }

        return path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/metrics")
            ? HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? Role.Read : Role.Edit
            : null;
    }
}

/// <summary>Metadata of a page that has styles in its elements. Scripts in them are refused there as everywhere.</summary>
internal sealed record InlineStyles;

/// <summary>Metadata of an endpoint that needs no token.</summary>
internal sealed record OpenToAll;
