namespace HqTrack.Weights;

/// <summary>What data-parallel training ("module.") and torch.compile ("_orig_mod.") put in front of every key.</summary>
internal static class KeyWrapper
{
    private static readonly string[] Known = ["module.", "_orig_mod."];

    /// <summary>The wrappers that all keys begin with, in sequence; empty where there are none.</summary>
    public static string Of(IReadOnlyCollection<string> keys)
    {
        var wrapper = string.Empty;
        while (keys.Count > 0 && Known.FirstOrDefault(next => keys.All(key => key.AsSpan(Math.Min(wrapper.Length, key.Length)).StartsWith(next))) is { } found)
        {
            wrapper += found;
        }

        return wrapper;
    }
}
