using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>The weights a run starts from: a whole network's, or those of its encoder alone.</summary>
internal static class StartWeights
{
    private const string EncoderPrefix = "encoder.";

    /// <summary>Loads them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="mark">How keys begin that only a whole network's file has.</param>
    /// <param name="encoder">The part that may have a file of its own.</param>
    /// <param name="init">A file, or a name of the catalogue.</param>
    /// <param name="allowMissing">Whether an encoder's file may lack some of its keys.</param>
    /// <exception cref="WeightsMissingException">Neither a file nor a model with weights.</exception>
    /// <exception cref="CheckpointFormatException">The file holds neither.</exception>
    public static void Load(nn.Module network, string name, string mark, nn.Module encoder, string init, bool allowMissing = false)
    {
        using var scope = NewDisposeScope();
        if (!File.Exists(init) && ModelCatalog.List().All(entry => entry.Name != init))
        {
            throw new WeightsMissingException($"--init '{init}' is neither a file nor a model; expected a weights file or a name of 'hqtrack models list', check the path.");
        }

        using var file = File.Exists(init) ? WeightsFile.Open(init) : ModelCatalog.Resolve(init, null);
        var tensors = file.Load();
        if (tensors.Keys.Any(key => key.StartsWith(mark, StringComparison.Ordinal)))
        {
            StateDictLoader.Load(network, tensors, file.Name);
            return;
        }

        // An encoder's own file has its keys with or without the prefix, and perhaps a head that is of no use here.
        var wanted = encoder.state_dict().Keys.ToHashSet(StringComparer.Ordinal);
        var own = tensors
            .Select(entry => KeyValuePair.Create(entry.Key.StartsWith(EncoderPrefix, StringComparison.Ordinal) ? entry.Key[EncoderPrefix.Length..] : entry.Key, entry.Value))
            .Where(entry => wanted.Contains(entry.Key))
            .ToDictionary(StringComparer.Ordinal);
        if (own.Count == 0)
        {
            throw new CheckpointFormatException($"{file.Name}: found no key of the encoder of '{name}' (such as {wanted.First()}); expected weights of the whole network or of its encoder.");
        }

        StateDictLoader.Load(encoder, own, file.Name, allowMissing: allowMissing);
    }
}
