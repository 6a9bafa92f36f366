using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>Start values of untrained blocks.</summary>
internal static class Initialization
{
    /// <summary>Xavier uniform for every matrix and kernel of a module, as aot-benchmark initialises its blocks.</summary>
    public static void Xavier(nn.Module module)
    {
        foreach (var parameter in module.parameters())
        {
            if (parameter.dim() > 1)
            {
                nn.init.xavier_uniform_(parameter);
            }
        }
    }
}
