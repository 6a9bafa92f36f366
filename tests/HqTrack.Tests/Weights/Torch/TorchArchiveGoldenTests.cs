using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using HqTrack.Weights.Pickle;
using HqTrack.Weights.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights.Torch;

/// <summary>Checkpoints that torch.save itself wrote, against what torch says is in them.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/checkpoints.json")]
[ReadsGoldens("hqsam/*.pth")]
public sealed class TorchArchiveGoldenTests
{
    [Theory]
    [InlineData("sam_hq_tinyconfig.pth", "torch zip", "")]
    [InlineData("sam_hq_tinyconfig_half.pth", "torch zip", "")]
    [InlineData("sam_hq_tinyconfig_legacy.pth", "torch legacy", "")]
    [InlineData("sam_hq_tinyconfig_nested.pth", "torch zip", "state_dict")]
    [InlineData("layouts.pth", "torch zip", "tensors")]
    [InlineData("layouts_repacked.pth", "torch zip", "tensors")]
    [InlineData("layouts_legacy.pth", "torch legacy", "tensors")]
    public void Every_tensor_has_the_recorded_bytes(string name, string format, string part)
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var checkpoints = JsonDocument.Parse(File.ReadAllText(Goldens.Find("hqsam/checkpoints.json")));
        using var file = WeightsFile.Open(Goldens.Find($"hqsam/{name}"));
        Assert.Equal((format, part), (file.Format, file.Part));
        var tensors = file.Load();
        var expected = Expected(checkpoints.RootElement, name);
        if (name is not "sam_hq_tinyconfig_half.pth")
        {
            Assert.Equal(expected.Select(entry => entry.Name), file.Names);
        }

        foreach (var (key, golden) in expected)
        {
            using var inner = NewDisposeScope();
            var tensor = tensors[key];
            var info = file.Describe(key);
            Assert.Equal(golden.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()), tensor.shape);
            Assert.Equal(tensor.shape, info.Shape);
            Assert.Equal(golden.GetProperty("dtype").GetString(), TorchName(tensor.dtype));
            if (tensor.numel() > 0)
            {
                Assert.Equal(golden.GetProperty("stride").EnumerateArray().Select(step => step.GetInt64()), tensor.stride());
                Assert.Equal(golden.GetProperty("storage_offset").GetInt64(), tensor.storage_offset());
            }

            byte[] bytes = tensor.numel() == 0 ? [] : TensorSpan.ToArray<byte>(tensor);
            Assert.Equal(golden.GetProperty("sha256_le_rowmajor").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }

    [Theory]
    [InlineData("layouts.pth")]
    [InlineData("layouts_repacked.pth")]
    [InlineData("layouts_legacy.pth")]
    public void Plain_values_are_read_as_python_has_them(string name)
    {
        using var checkpoints = JsonDocument.Parse(File.ReadAllText(Goldens.Find("hqsam/checkpoints.json")));
        using var archive = TorchArchive.Open(File.OpenRead(Goldens.Find($"hqsam/{name}")), name);
        Assert.True(Assert.IsType<PickleDict>(archive.Root).TryGet("plain", out var plain));
        CompareValue(checkpoints.RootElement.GetProperty("layouts.pth").GetProperty("plain"), plain);
    }

    [Fact]
    public void Views_of_one_storage_share_it()
    {
        using var archive = TorchArchive.Open(File.OpenRead(Goldens.Find("hqsam/layouts.pth")), "layouts.pth");
        var storage = archive.Find("base").Storage;
        Assert.All(["shared_same", "shared_view_rows", "shared_transposed", "shared_strided", "shared_column"], name => Assert.Same(storage, archive.Find(name).Storage));
        Assert.NotSame(storage, archive.Find("f32").Storage);
    }

    [Fact]
    public void Training_state_around_the_weights_is_kept_apart()
    {
        using var archive = TorchArchive.Open(File.OpenRead(Goldens.Find("hqsam/sam_hq_tinyconfig_nested.pth")), "nested");
        var root = Assert.IsType<PickleDict>(archive.Root);
        Assert.Equal(["state_dict", "optimizer", "scaler", "step"], root.Items.Select(item => item.Key));
        Assert.True(root.TryGet("step", out var step));
        Assert.Equal(3L, step);
        Assert.All(archive.Names, key => Assert.StartsWith("module.", key, StringComparison.Ordinal));
    }

    [Fact]
    public void Values_of_other_libraries_are_stepped_over()
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var checkpoints = JsonDocument.Parse(File.ReadAllText(Goldens.Find("hqsam/checkpoints.json")));
        using var file = WeightsFile.Open(Goldens.Find("hqsam/exotic.pth"));
        Assert.Equal(["w", "complex"], file.Names);
        string? hash = null;
        file.Read(["w"], (_, w) => hash = Convert.ToHexStringLower(SHA256.HashData(TensorSpan.ToArray<byte>(w))));
        Assert.Equal(checkpoints.RootElement.GetProperty("exotic.pth").GetProperty("tensors").GetProperty("w").GetProperty("sha256_le_rowmajor").GetString(), hash);
        var refusal = Assert.Throws<CheckpointFormatException>(() => file.Read(["complex"], (_, _) => { }));
        Assert.Contains("'complex' of type complex64", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pickle_that_asks_for_code_is_refused()
    {
        var refusal = Assert.Throws<CheckpointFormatException>(() => WeightsFile.Open(Goldens.Find("hqsam/hostile.pth")).Dispose());
        Assert.Contains("'__builtin__.eval'", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private static List<(string Name, JsonElement Golden)> Expected(JsonElement root, string name)
    {
        var source = name switch
        {
            "sam_hq_tinyconfig_legacy.pth" or "sam_hq_tinyconfig_nested.pth" => "sam_hq_tinyconfig.pth",
            "layouts_repacked.pth" => "layouts.pth",
            _ => name,
        };
        return [.. root.GetProperty(source).GetProperty("tensors").EnumerateObject().Select(entry => (entry.Name, entry.Value))];
    }

    private static string TorchName(ScalarType type) => type switch
    {
        ScalarType.Byte => "uint8",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static void CompareValue(JsonElement expected, object? actual)
    {
        switch (actual)
        {
            case PickleDict dict:
                Assert.Equal(expected.EnumerateObject().Select(entry => entry.Name), dict.Items.Select(item => $"{item.Key}"));
                Assert.All(dict.Items, item => CompareValue(expected.GetProperty($"{item.Key}"), item.Value));
                break;
            case PickleList or PickleTuple:
                var items = actual is PickleList list ? list.Items : [.. ((PickleTuple)actual).Items];
                Assert.Equal(expected.GetArrayLength(), items.Count);
                Assert.All(items.Zip(expected.EnumerateArray()), pair => CompareValue(pair.Second, pair.First));
                break;
            case BigInteger big: Assert.Equal(expected.GetString(), big.ToString()); break;
            case long number: Assert.Equal(expected.GetInt64(), number); break;
            case double number: Assert.Equal(expected.GetDouble(), number); break;
            case bool flag: Assert.Equal(expected.GetBoolean(), flag); break;
            case string text: Assert.Equal(expected.GetString(), text); break;
            case null: Assert.Equal(JsonValueKind.Null, expected.ValueKind); break;
            default: Assert.Fail($"{actual.GetType()} is not a plain value"); break;
        }
    }
}
