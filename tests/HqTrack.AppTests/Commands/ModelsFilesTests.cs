using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.AppTests.Commands;

/// <summary>models import, convert, verify, and --weights with checkpoints of torch.save.</summary>
[Collection("torch")]
public sealed class ModelsFilesTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly string pth;

    public ModelsFilesTests()
    {
        NativeRuntime.EnsureLoaded();
        random.manual_seed(1);
        using var network = new VmosNetwork(VmosConfig.DeaotT);
        using var scope = NewDisposeScope();
        pth = Save("deaot.pth", network.state_dict().Select(entry => KeyValuePair.Create(entry.Key, entry.Value.detach())));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Import_stores_records_and_is_found_afterwards()
    {
        var imported = await InOwnStoreAsync("models", "import", pth, "--as", "deaot-t", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (imported.ExitCode, imported.Error));
        Assert.Equal(("deaot.pth", ModelStore.Hash(pth)), (imported.Json.GetProperty("imported_from").GetString(), imported.Json.GetProperty("imported_sha256").GetString()));
        var verified = await InOwnStoreAsync("models", "verify", "--json");
        Assert.True(verified.ExitCode == ExitCode.Ok, verified.Out);
        var check = Assert.Single(verified.Json.GetProperty("models").EnumerateArray(), model => model.GetProperty("name").GetString() == "deaot-t");
        Assert.Equal(imported.Json.GetProperty("sha256").GetString(), check.GetProperty("sha256").GetString());

        var clip = SmallClip.Write(folder, 2);
        var tracked = await InOwnStoreAsync("track", clip.Frames, "--mask", clip.Mask, "-o", folder["out"], "--model", "deaot-t", "--max-size", "64", "--quiet");
        Assert.Equal((ExitCode.Ok, string.Empty), (tracked.ExitCode, tracked.Error));

        var stored = imported.Json.GetProperty("location").GetString()!;
        var bytes = File.ReadAllBytes(stored);
        bytes[^1] ^= 1;
        File.WriteAllBytes(stored, bytes);
        (await InOwnStoreAsync("models", "verify", "deaot-t")).AssertFails(ExitCode.Weights, "SHA-256", "was changed");
    }

    [Fact]
    public async Task Wrong_weights_exit_3_and_name_every_key()
    {
        using var network = new VmosNetwork(VmosConfig.DeaotT);
        using var scope = NewDisposeScope();
        const string Transposed = "encoder_projector.weight";
        var wrong = Save("wrong.pth", network.state_dict().Select(entry => entry.Key switch
        {
            "LSTT.layers.0.norm1.weight" => KeyValuePair.Create("LSTT.layers.0.norm.weight", entry.Value.detach()),
            Transposed => KeyValuePair.Create(entry.Key, entry.Value.detach().transpose(0, 1).contiguous()),
            _ => KeyValuePair.Create(entry.Key, entry.Value.detach()),
        }));
        string[] named = ["LSTT.layers.0.norm1.weight", "LSTT.layers.0.norm.weight", Transposed];
        var clip = SmallClip.Write(folder, 1);
        (await Hqtrack.RunAsync("track", clip.Frames, "--mask", clip.Mask, "-o", folder["out"], "--model", "deaot-t", "--weights", wrong)).AssertFails(ExitCode.Weights, named);
        (await InOwnStoreAsync("models", "import", wrong, "--as", "deaot-t")).AssertFails(ExitCode.Weights, named);
        (await Hqtrack.RunAsync("models", "verify", "deaot-t", "--weights", wrong)).AssertFails(ExitCode.Weights, named);
        Assert.Equal(ExitCode.Ok, (await Hqtrack.RunAsync("models", "verify", "deaot-t", "--weights", pth)).ExitCode);
    }

    [Fact]
    public async Task Average_writes_the_mean_in_the_first_files_type_or_nothing()
    {
        using var scope = NewDisposeScope();
        void Write(string name, params (string Key, Tensor Value)[] tensors) =>
            Safetensors.Save(folder[name], tensors.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)), new Dictionary<string, string>());
        Write("a.safetensors", ("w", tensor(new float[] { 1, 2, 3 }).half()), ("b", tensor(new float[] { 8 })));
        Write("b.safetensors", ("w", tensor(new float[] { 3, 2, -3 })), ("b", tensor(new float[] { 4 })));
        Write("c.safetensors", ("w", tensor(new float[] { 1, 2 })), ("v", tensor(new float[] { 4 })));
        var averaged = await Hqtrack.RunAsync("models", "average", folder["mean.safetensors"], folder["a.safetensors"], folder["b.safetensors"], "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (averaged.ExitCode, averaged.Error));
        Assert.Equal(ModelStore.Hash(folder["mean.safetensors"]), averaged.Json.GetProperty("sha256").GetString());
        using (var file = WeightsFile.Open(folder["mean.safetensors"]))
        {
            var mean = file.Load();
            Assert.Equal(ScalarType.Float16, mean["w"].dtype);
            Assert.Equal([2f, 2f, 0f], mean["w"].@float().data<float>().ToArray());
            Assert.Equal(6f, mean["b"].item<float>());
        }

        (await Hqtrack.RunAsync("models", "average", folder["bad.safetensors"], folder["a.safetensors"], folder["c.safetensors"])).AssertFails(ExitCode.Weights, "missing (b)", "unexpected (v)", "[2]");
        (await Hqtrack.RunAsync("models", "average", folder["a.safetensors"], folder["a.safetensors"], folder["b.safetensors"])).AssertFails(ExitCode.Usage, "one of the files");
        (await Hqtrack.RunAsync("models", "average", folder["bad.safetensors"], folder["a.safetensors"], folder["nowhere"])).AssertFails(ExitCode.Weights, "nowhere");
        (await Hqtrack.RunAsync("models", "average", "", folder["a.safetensors"], folder["b.safetensors"])).AssertFails(ExitCode.Usage, "OUT", "empty");
        Assert.False(File.Exists(folder["bad.safetensors"]));
    }

    [Fact]
    public async Task Convert_writes_safetensors_that_track()
    {
        var converted = await Hqtrack.RunAsync("models", "convert", pth, folder["half.safetensors"], "--dtype", "float16", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (converted.ExitCode, converted.Error));
        Assert.Equal("torch zip", converted.Json.GetProperty("format").GetString());
        Assert.InRange((double)new FileInfo(folder["half.safetensors"]).Length / new FileInfo(pth).Length, 0.45, 0.55);
        var clip = SmallClip.Write(folder, 2);
        var tracked = await Hqtrack.RunAsync(
            "track", clip.Frames, "--mask", clip.Mask, "-o", folder["out"], "--model", "deaot-t", "--weights", folder["half.safetensors"], "--max-size", "64", "--quiet");
        Assert.Equal((ExitCode.Ok, string.Empty), (tracked.ExitCode, tracked.Error));
    }

    [Fact]
    public async Task Wrong_use_is_one_line()
    {
        File.WriteAllText(folder["page.pth"], "<html>too many downloads</html>");
        (await Hqtrack.RunAsync("models", "import", pth)).AssertFails(ExitCode.Usage, "--as");
        (await Hqtrack.RunAsync("models", "import", pth, "--as", "deaot")).AssertFails(ExitCode.Usage, "'deaot'", "deaot-t");
        (await Hqtrack.RunAsync("models", "import", folder["none.pth"], "--as", "deaot-t")).AssertFails(ExitCode.Weights, "none.pth", "not found");
        (await Hqtrack.RunAsync("models", "import", folder["page.pth"], "--as", "deaot-t")).AssertFails(ExitCode.Weights, "web page");
        (await Hqtrack.RunAsync("models", "convert", folder["none.pth"], folder["x"])).AssertFails(ExitCode.Weights, "not found");
        (await Hqtrack.RunAsync("models", "convert", pth, pth)).AssertFails(ExitCode.Usage, "OUT");
        (await Hqtrack.RunAsync("models", "convert", pth, folder["x"], "--dtype", "int4")).AssertFails(ExitCode.Usage, "float16");
        (await Hqtrack.RunAsync("models", "verify", "--weights", pth)).AssertFails(ExitCode.Usage, "NAME");
    }

    private string Save(string name, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        TorchFileWriter.Save(folder[name], [.. tensors]);
        return folder[name];
    }

    // A process of its own, whose store is the test's.
    private async Task<RunResult> InOwnStoreAsync(params string[] args)
    {
        using var process = Hqtrack.Start(new Dictionary<string, string> { ["HQTRACK_CACHE"] = folder["cache"] }, args);
        return await Hqtrack.FinishAsync(process);
    }
}
