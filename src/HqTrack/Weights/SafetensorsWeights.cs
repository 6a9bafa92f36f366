using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>A safetensors file as weights.</summary>
internal sealed class SafetensorsWeights(SafetensorsFile file) : WeightsFile
{
    public override string Name => file.Name;

    public override string Format => "safetensors";

    public override string Part => string.Empty;

    public override IReadOnlyList<string> Names => file.Names;

    public override IReadOnlyDictionary<string, string> Metadata => file.Metadata;

    public override TensorInfo Describe(string name)
    {
        var type = Safetensors.TypeOf(file.DType(name));
        return new(type.ToString(), type, file.Shape(name));
    }

    public override void Read(IReadOnlyCollection<string> names, Action<string, Tensor> use)
    {
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            use(name, Safetensors.LoadTensor(file, name));
        }
    }

    public override void Dispose() => file.Dispose();
}
