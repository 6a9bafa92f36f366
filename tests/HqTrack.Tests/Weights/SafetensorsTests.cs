using System.Buffers.Binary;
using System.Text;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights;

[Collection("torch")]
public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hqtrack-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_type_survives_a_round_trip(ScalarType type)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var values = (arange(24).view(2, 3, 4) % 5).to(type);
        var path = Path.Combine(folder, "a.safetensors");
        Safetensors.Save(path, [new("b", values.transpose(0, 2)), new("a.scalar", tensor(3)), new("empty", zeros(0, 4))], new Dictionary<string, string> { ["k"] = "v" });
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["a.scalar", "b", "empty"], file.Names);
        Assert.Equal("v", file.Metadata["k"]);
        var read = Safetensors.LoadTensor(file, "b");
        Assert.Equal(type, read.dtype);
        Assert.True(read.eq(values.transpose(0, 2)).all().item<bool>());
        Assert.Empty(Safetensors.LoadTensor(file, "a.scalar").shape);
        Assert.Equal([0L, 4L], Safetensors.LoadTensor(file, "empty").shape);
        Assert.Empty(Directory.GetFiles(folder, "*.tmp"));
    }

    [Fact]
    public void Half_storage_keeps_three_digits()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var values = linspace(-4, 4, 101);
        var path = Path.Combine(folder, "half.safetensors");
        Safetensors.Save(path, [new("w", values)], storage: ScalarType.Float16);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal("F16", file.DType("w"));
        var error = (Safetensors.LoadTensor(file, "w").to(ScalarType.Float32) - values).abs().max().item<float>();
        Assert.InRange(error, 0, 0.002f);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}extra")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")] // no data follows
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8)] // shape and bytes disagree
    [InlineData("""{"a":{"dtype":"Q4","shape":[8],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4,-2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"shape":[8]}}""", 8)]
    [InlineData("""["not", "an object"]""", 8)]
    public void Damaged_files_are_refused_in_one_line(string header, int data = 0)
    {
        var path = Path.Combine(folder, "bad.safetensors");
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var path = Path.Combine(folder, "whole.safetensors");
        using (var w = ones(3, 5))
        {
            Safetensors.Save(path, [new("w", w)]);
        }

        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = Path.Combine(folder, "cut.safetensors");
            File.WriteAllBytes(cut, whole[..length]);
            Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(cut).Dispose());
        }
    }

    [Fact]
    public void Missing_unexpected_and_wrong_keys_are_reported_together()
    {
        using var module = nn.Linear(3, 2);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var before = module.weight.clone();
        var error = Assert.Throws<CheckpointMismatchException>(() => StateDictLoader.Load(
            module, new Dictionary<string, Tensor> { ["weight"] = zeros(1, 3), ["other"] = zeros(1) }, "file"));
        Assert.Equal(["bias"], error.Missing);
        Assert.Equal(["other"], error.Unexpected);
        Assert.Single(error.WrongShape, line => line.StartsWith("weight: found [1, 3]", StringComparison.Ordinal)); // would broadcast
        Assert.True(module.weight.eq(before).all().item<bool>());
    }

    [Fact]
    public void Half_weights_and_module_prefixes_load()
    {
        using var module = nn.Linear(3, 2);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        StateDictLoader.Load(
            module, new Dictionary<string, Tensor> { ["module.weight"] = full([2, 3], 0.5).to(ScalarType.Float16), ["module.bias"] = ones(2) }, "file");
        Assert.Equal(ScalarType.Float32, module.weight.dtype);
        Assert.Equal(0.5f, module.weight.min().item<float>());
    }
}
