using System.IO.Compression;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using HqTrack.Weights.Pickle;
using HqTrack.Weights.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights.Torch;

/// <summary>Checkpoints that are wrong in ways torch.save cannot write.</summary>
[Collection("torch")]
public sealed class TorchArchiveTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hqtrack-").FullName;

    public TorchArchiveTests() => NativeRuntime.EnsureLoaded();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, "model")]
    [InlineData(true, "state_dict")]
    public void What_the_writer_writes_is_read(bool legacy, string? part)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var values = new Dictionary<string, Tensor>
        {
            ["a.weight"] = rand(3, 4, 5), ["a.bias"] = rand(4).to(ScalarType.Float16), ["steps"] = tensor(7L), ["none"] = zeros(0, 2), ["flags"] = tensor(new[] { true, false }),
        };
        var path = Path.Combine(folder, "a.pth");
        TorchFileWriter.Save(path, [.. values], legacy, part);
        using var file = WeightsFile.Open(path);
        Assert.Equal((legacy ? "torch legacy" : "torch zip", part ?? string.Empty), (file.Format, file.Part));
        var read = file.Load();
        Assert.Equal(values.Keys, file.Names);
        foreach (var (name, value) in values)
        {
            Assert.Equal(value.dtype, read[name].dtype);
            Assert.Equal(value.shape, read[name].shape);
            Assert.Equal(TensorSpan.ToArray<byte>(value.view(-1)), TensorSpan.ToArray<byte>(read[name].view(-1)));
        }
    }

    [Theory]
    [InlineData(4, new long[] { 5 }, new long[] { 1 }, 0)]
    [InlineData(4, new long[] { 2, 2 }, new long[] { 3, 1 }, 0)]
    [InlineData(4, new long[] { 4 }, new long[] { 1 }, 1)]
    [InlineData(4, new long[] { 2 }, new long[] { 1 }, -1)]
    [InlineData(4, new long[] { 2 }, new long[] { -1 }, 1)]
    [InlineData(4, new long[] { -1 }, new long[] { 1 }, 0)]
    [InlineData(4, new long[] { 2 }, new long[] { 1, 1 }, 0)]
    [InlineData(4, new long[] { 1L << 40, 1L << 40 }, new long[] { 0, 0 }, 0)]
    [InlineData(4, new long[] { 1L << 32 }, new long[] { 0 }, 0)] // fits its storage, but is 16 GB
    [InlineData(5, new long[] { 4 }, new long[] { 1 }, 0)] // the entry holds 16 bytes
    [InlineData(1L << 62, new long[] { 4 }, new long[] { 1 }, 0)]
    public void Views_beyond_their_storage_are_refused(long count, long[] shape, long[] stride, long offset)
    {
        var pickle = new PickleWriter().Op(PickleOp.EmptyDict).Text("w").Tensor("0", "FloatStorage", count, shape, stride, offset).Op(PickleOp.SetItem).End();
        Refused(TorchFileWriter.Zip([("data.pkl", pickle), ("data/0", new byte[16])]));
    }

    [Fact]
    public void Zip_containers_that_are_not_torchs_are_refused()
    {
        var pickle = new PickleWriter().Op(PickleOp.EmptyDict).Text("w").Tensor("0", "FloatStorage", 4, [4], [1]).Op(PickleOp.SetItem).End();
        (string, byte[])[] whole = [("data.pkl", pickle), ("data/0", new byte[16])];
        Opens(TorchFileWriter.Zip(whole));
        Opens(TorchFileWriter.Zip(whole, folder: string.Empty));
        Opens(TorchFileWriter.Zip([.. whole, ("byteorder", "little"u8.ToArray())]));
        Assert.Contains("'big'", Refused(TorchFileWriter.Zip([.. whole, ("byteorder", "big"u8.ToArray())])), StringComparison.Ordinal);
        Assert.Contains("TorchScript", Refused(TorchFileWriter.Zip([.. whole, ("constants.pkl", [])])), StringComparison.Ordinal);
        Assert.Contains("compressed", Refused(TorchFileWriter.Zip([("data.pkl", new byte[1000])], level: CompressionLevel.Optimal)), StringComparison.Ordinal);
        Assert.Contains("without data.pkl", Refused(TorchFileWriter.Zip([("readme", [])])), StringComparison.Ordinal);
        Assert.Contains("lacks", Refused(TorchFileWriter.Zip(whole[..1])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_in_the_elements_is_found_when_they_are_read()
    {
        var path = Path.Combine(folder, "flip.pth");
        using (var w = ones(100))
        {
            TorchFileWriter.Save(path, [new("w", w)]);
        }

        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(1f)) + 40] ^= 4;
        File.WriteAllBytes(path, bytes);
        using var leaks = new LeakCheck();
        using var file = WeightsFile.Open(path);
        var error = Assert.Throws<CheckpointFormatException>(() => file.Load());
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Big_endian_and_foreign_files_are_named()
    {
        Assert.Contains("big-endian", Refused(TorchFileWriter.LegacyStart(littleEndian: false)), StringComparison.Ordinal);
        Assert.Contains("did not write", Refused(new PickleWriter().Int(1).End()), StringComparison.Ordinal);
        Assert.Contains("web page", Refused("<!DOCTYPE html><html>"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("Git LFS", Refused("version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("empty", Refused([]), StringComparison.Ordinal);
        Assert.Contains("compressed", Refused([0x1f, 0x8b, 8, 0]), StringComparison.Ordinal);
        Assert.Contains("no known format", Refused([1, 2, 3]), StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_whose_length_begins_like_a_pickle_are_known()
    {
        var found = false;
        using var leaks = new LeakCheck();
        using var w = ones(3);
        for (var padding = 0; padding < 256; padding += 8)
        {
            var path = Path.Combine(folder, "any.bin");
            Safetensors.Save(path, [new("w", w)], new Dictionary<string, string> { ["pad"] = new('x', padding) });
            found |= File.ReadAllBytes(path)[0] == 0x80;
            using var file = WeightsFile.Open(path);
            Assert.Equal(("safetensors", "w"), (file.Format, Assert.Single(file.Names)));
        }

        Assert.True(found);
    }

    [Fact]
    public void The_models_part_is_chosen_by_its_usual_names()
    {
        Assert.Equal("state_dict", Part("optimizer", "model_ema", "state_dict"));
        Assert.Equal("model", Part("model_ema", "model"));
        Assert.Equal("anything", Part("anything"));
        var refusal = Assert.Throws<CheckpointFormatException>(() => Part("teacher", "student"));
        Assert.Contains("'teacher', 'student'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_renamed_and_transposed_are_named_together()
    {
        using var module = nn.Sequential(("first", nn.Linear(3, 2)), ("second", nn.Linear(2, 3)));
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, "renamed.pth");
        TorchFileWriter.Save(path, [new("module.first.weights", rand(2, 3)), new("module.first.bias", rand(2)), new("module.second.weight", rand(2, 3)), new("module.second.bias", rand(3))]);
        using var file = WeightsFile.Open(path);
        var error = Assert.Throws<CheckpointMismatchException>(() => StateDictLoader.Load(module, file));
        Assert.Equal(["first.weight"], error.Missing);
        Assert.Equal(["first.weights"], error.Unexpected);
        Assert.Equal(["second.weight: found [2, 3] Float32, expected [3, 2] Float32"], error.WrongShape);
    }

    private string Part(params string[] parts)
    {
        var pickle = new PickleWriter().Op(PickleOp.EmptyDict).Op(PickleOp.Mark);
        foreach (var part in parts)
        {
            pickle.Text(part).Op(PickleOp.EmptyDict).Text("w").Tensor("0", "FloatStorage", 1, [1], [1]).Op(PickleOp.SetItem);
        }

        using var file = WeightsFile.Open(Write(TorchFileWriter.Zip([("data.pkl", pickle.Op(PickleOp.SetItems).End()), ("data/0", new byte[4])])));
        return file.Part;
    }

    private void Opens(byte[] bytes)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var file = WeightsFile.Open(Write(bytes));
        Assert.Equal([4L], file.Load()["w"].shape);
    }

    private string Refused(byte[] bytes)
    {
        var path = Write(bytes);
        var error = Assert.Throws<CheckpointFormatException>(() => WeightsFile.Open(path).Dispose());
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(folder, "case.pth");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
