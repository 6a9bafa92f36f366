using HqTrack.AppTests.Infrastructure;
using HqTrack.Evaluation.Ablations;
using HqTrack.Weights;

namespace HqTrack.AppTests.Weights;

/// <summary>The component study's weights in models/ablation: whole, small, and those that the model card speaks of.</summary>
[Collection("torch")]
public sealed class ComponentWeightsTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "models", "ablation");

    public static TheoryData<string> Names => [.. AblationStudy.ComponentModels];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_file_is_whole_and_the_model_card_s(string name)
    {
        var path = Path.Combine(Folder, $"{name}.safetensors");
        Assert.SkipUnless(File.Exists(path), "not trained yet");
        var check = ModelCatalog.Verify(name, path);
        Assert.Null(check.Problem);
        Assert.InRange(new FileInfo(path).Length, 5_000_000, 8_000_000);
        Assert.Contains(check.Sha256, File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void None_is_left_out() =>
        Assert.True(
            Directory.GetFiles(Folder, "*.safetensors").Length is 0 or 4, "the study needs all of its four networks, or none while they are trained");
}
