namespace HqTrack.Web.Security;

/// <summary>What a token may do; each may do what those before it may.</summary>
internal enum Role
{
    /// <summary>Look.</summary>
    Read,

    /// <summary>Edit projects and track.</summary>
    Edit,

    /// <summary>Delete projects, see the jobs of all.</summary>
    Admin,
}

/// <summary>Who asks.</summary>
/// <param name="Name">The token's; null where no token is needed.</param>
/// <param name="Role">What they may.</param>
internal sealed record Caller(string? Name, Role Role);

/// <summary>Metadata of an endpoint: who may call it. Without, reading verbs need <see cref="Role.Read"/>, all others <see cref="Role.Edit"/>.</summary>
internal sealed record RequiredRole(Role Role);
