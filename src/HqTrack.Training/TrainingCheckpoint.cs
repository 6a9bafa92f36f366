using System.Globalization;
using System.Text.Json;
using HqTrack.Training.Optimization;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>
/// A whole run in one safetensors file: weights, both moments of the optimiser, moving average, and where it stood. Written to a
/// temporary file and renamed, so a killed run leaves the one before.
/// </summary>
internal static class TrainingCheckpoint
{
    private const string NetworkPrefix = "network.";
    private const string FirstPrefix = "moment1.";
    private const string SecondPrefix = "moment2.";
    private const string AveragePrefix = "average.";

    /// <summary>Writes the run's state.</summary>
    public static void Save(string path, nn.Module network, Optimizer optimizer, ExponentialMovingAverage average, RunState state)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in network.state_dict())
        {
            tensors[NetworkPrefix + key] = value;
        }

        var updates = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, moments) in optimizer.States())
        {
            tensors[FirstPrefix + key] = moments.exp_avg;
            tensors[SecondPrefix + key] = moments.exp_avg_sq;
            updates[key] = moments.step;
        }

        foreach (var (key, value) in average.Values)
        {
            tensors[AveragePrefix + key] = value;
        }

        Safetensors.Save(path, tensors, new Dictionary<string, string>
        {
            ["format"] = "hqtrack training run 1",
            ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
            ["position"] = state.Position.ToString(CultureInfo.InvariantCulture),
            ["seconds"] = state.Seconds.ToString("R", CultureInfo.InvariantCulture),
            ["average_updates"] = average.Updates.ToString(CultureInfo.InvariantCulture),
            ["optimizer_updates"] = JsonSerializer.Serialize(updates),
            ["recipe"] = state.Recipe,
        });
    }

    /// <summary>Where a saved run stood.</summary>
    /// <exception cref="CheckpointFormatException">Not a run of this program.</exception>
    public static RunState Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return ReadState(file);
    }

    /// <summary>Puts a saved run's state into the parts of a new one.</summary>
    public static void Restore(string path, nn.Module network, Optimizer optimizer, ExponentialMovingAverage average)
    {
        using var file = SafetensorsFile.Open(path);
        ReadState(file);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var all = Safetensors.Load(file);
        Dictionary<string, Tensor> Below(string prefix) => all.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
        StateDictLoader.Load(network, Below(NetworkPrefix), path);
        var (first, second, averages) = (Below(FirstPrefix), Below(SecondPrefix), Below(AveragePrefix));
        var updates = JsonSerializer.Deserialize<Dictionary<string, long>>(file.Metadata["optimizer_updates"])!;
        foreach (var (key, moments) in optimizer.States())
        {
            moments.exp_avg.copy_(Find(first, key));
            moments.exp_avg_sq.copy_(Find(second, key));
            moments.step = updates[key];
        }

        foreach (var (key, value) in average.Values)
        {
            value.copy_(Find(averages, key));
        }

        average.Updates = long.Parse(file.Metadata["average_updates"], CultureInfo.InvariantCulture);
        Tensor Find(Dictionary<string, Tensor> tensors, string key) => tensors.GetValueOrDefault(key)
            ?? throw new CheckpointFormatException($"{path}: nothing saved for '{key}'; expected a run of the same network, start a new one in another folder.");
    }

    /// <summary>Writes the averaged weights as a model file.</summary>
    public static void SaveWeights(string path, nn.Module network, ExponentialMovingAverage average, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        var tensors = network.state_dict().Select(entry => KeyValuePair.Create(entry.Key, average.Values.GetValueOrDefault(entry.Key) ?? entry.Value));
        Safetensors.Save(path, tensors, metadata, ScalarType.Float16);
    }

    private static RunState ReadState(SafetensorsFile file)
    {
        try
        {
            var data = file.Metadata;
            return new(
                long.Parse(data["step"], CultureInfo.InvariantCulture), long.Parse(data["position"], CultureInfo.InvariantCulture),
                double.Parse(data["seconds"], CultureInfo.InvariantCulture), data["recipe"]);
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException)
        {
            throw new CheckpointFormatException($"{file.Name}: found a safetensors file without a run's state; expected a checkpoint that training wrote.", e);
        }
    }
}

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Position">Next clip.</param>
/// <param name="Seconds">Time trained so far.</param>
/// <param name="Recipe">The recipe as JSON: a run goes on with the one it was started with.</param>
internal sealed record RunState(long Step, long Position, double Seconds, string Recipe);
