using System.Globalization;
using System.Text.Json;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Infrastructure;

/// <summary>A golden file whose metadata says which slice of each tensor is stored ("name[:, ::16, 5:6]", or "full").</summary>
internal sealed class SlicedGolden : IDisposable
{
    private readonly SafetensorsFile file;
    private readonly JsonDocument slices;

    public SlicedGolden(string relative)
    {
        file = SafetensorsFile.Open(Goldens.Find(relative));
        slices = JsonDocument.Parse(file.Metadata.TryGetValue("tensors", out var tensors) ? tensors : "{}");
    }

    /// <summary>Names of the stored tensors.</summary>
    public IReadOnlyList<string> Names => file.Names;

    /// <summary>The header's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => file.Metadata;

    /// <summary>A metadata entry that is JSON.</summary>
    public JsonElement Json(string key)
    {
        using var document = JsonDocument.Parse(file.Metadata[key]);
        return document.RootElement.Clone();
    }

    public bool Contains(string name) => file.Contains(name);

    public byte[] Bytes(string name) => file.Bytes(name);

    public long[] Shape(string name) => file.Shape(name);

    /// <summary>A tensor as stored.</summary>
    public Tensor Load(string name) => Safetensors.LoadTensor(file, name);

    /// <summary>The stored slices of one tensor: itself and every "name|part".</summary>
    public IEnumerable<string> Parts(string name) => file.Names.Where(entry => entry == name || entry.StartsWith(name + "|", StringComparison.Ordinal));

    /// <summary>Checks a whole tensor against every stored slice of a name: same shape, largest absolute difference within the tolerance.</summary>
    public void AssertClose(string name, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        var parts = Parts(name).ToList();
        Assert.NotEmpty(parts);
        foreach (var part in parts)
        {
            var expected = Load(part);
            var slice = Slice(part, actual);
            Assert.True(expected.shape.SequenceEqual(slice.shape), $"{part}: shape {string.Join('x', slice.shape)}, expected {string.Join('x', expected.shape)}");
            var error = expected.numel() == 0 ? 0 : (slice.to(ScalarType.Float32) - expected.to(ScalarType.Float32)).abs().max().item<float>();
            Assert.True(error <= tolerance, $"{part}: max abs error {error.ToString(CultureInfo.InvariantCulture)}, tolerance {tolerance.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    /// <summary>The slice of a whole tensor that the file stores under a name.</summary>
    public Tensor Slice(string name, Tensor whole)
    {
        var text = slices.RootElement.TryGetProperty(name, out var entry) && entry.TryGetProperty("slice", out var slice) ? slice.GetString() ?? "full" : "full";
        var open = text.IndexOf('[', StringComparison.Ordinal);
        return open < 0 ? whole.alias() : whole[[.. text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries).Select(Index)]];
    }

    public void Dispose()
    {
        slices.Dispose();
        file.Dispose();
    }

    private static TensorIndex Index(string text)
    {
        if (text == "...")
        {
            return TensorIndex.Ellipsis;
        }

        var numbers = text.Split(':').Select(part => part.Length == 0 ? (long?)null : long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return TensorIndex.Slice(numbers[0], numbers[1], numbers.Length > 2 ? numbers[2] : null);
    }
}
