using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>Environment variables that native libraries read; .NET's own environment is a copy that they do not see.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable unless the user has set it or one of its alternatives. On Linux; elsewhere nothing happens.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    /// <param name="alternatives">Variables that say the same in other words.</param>
    public static void SetDefault(string name, string value, params ReadOnlySpan<string> alternatives)
    {
        var isSet = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));
        foreach (var alternative in alternatives)
        {
            isSet |= !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(alternative));
        }

        if (OperatingSystem.IsLinux() && !isSet)
        {
            _ = SetEnvironment(name, value, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
