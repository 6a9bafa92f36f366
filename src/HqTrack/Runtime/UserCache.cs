namespace HqTrack.Runtime;

/// <summary>The per-user folder for what can be made again: the patched native wrapper, imported weights.</summary>
internal static class UserCache
{
    /// <summary>Environment variable that puts the cache elsewhere.</summary>
    public const string Variable = "HQTRACK_CACHE";

    /// <summary>HQTRACK_CACHE, else $XDG_CACHE_HOME/hqtrack, else the platform's local application data / hqtrack.</summary>
    public static string Root
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
            {
                return Path.GetFullPath(chosen);
            }

            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg)
            {
                return Path.Combine(xdg, "hqtrack");
            }

            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            var local = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
                : home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath();
            return Path.Combine(local, "hqtrack");
        }
    }
}
