using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Makes group norms.</summary>
internal static class GroupNorms
{
    /// <summary>A group norm that starts as the identity after normalising; TorchSharp 0.107's own leaves its weight and bias uninitialised.</summary>
    public static GroupNorm Create(long groups, long channels)
    {
        var norm = nn.GroupNorm(groups, channels);
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }
}
