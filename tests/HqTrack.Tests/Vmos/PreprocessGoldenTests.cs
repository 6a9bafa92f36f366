using System.Text.Json;
using HqTrack.Media;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The published preparation of frames: input size, cubic resize, normalisation, mirrored and scaled views.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/preprocess*")]
public sealed class PreprocessGoldenTests
{
    private const double OpTolerance = 1e-5;

    // Samples are stored every 31 rows and 29 columns.
    private const int RowStep = 31, ColumnStep = 29;

    [Fact]
    public void Sizes_and_pixels_match()
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("vmos/preprocess.safetensors"));
        using var leaks = new LeakCheck();
        var cases = golden.Metadata.Where(entry => entry.Key.StartsWith("case", StringComparison.Ordinal)).ToList();
        Assert.Equal(7, cases.Count);
        foreach (var (name, json) in cases)
        {
            using var document = JsonDocument.Parse(json);
            var settings = document.RootElement;
            var frame = ImageFile.Read(Goldens.Find($"vmos/preprocess_{name}.png"));
            Assert.Equal((settings.GetProperty("width").GetInt32(), settings.GetProperty("height").GetInt32()), (frame.Width, frame.Height));
            var views = TestTimeView.All(settings.GetProperty("scales").EnumerateArray().Select(scale => scale.GetDouble()), settings.GetProperty("flip").GetBoolean());
            Assert.Equal(settings.GetProperty("outputs").GetArrayLength(), views.Count);
            foreach (var (view, i) in views.Select((view, i) => (view, i)))
            {
                var (width, height) = view.SizeOf(ResizeRule.Published, frame, settings.GetProperty("min_short_edge").GetInt32());
                Assert.Equal(settings.GetProperty("outputs")[i].EnumerateArray().Select(side => side.GetInt32()), [3, height, width]);
                using var scope = NewDisposeScope();
                var image = ImageInput.From(frame, width, height, CPU, view.IsMirrored).squeeze(0);
                var sample = image[TensorIndex.Colon, TensorIndex.Slice(step: RowStep), TensorIndex.Slice(step: ColumnStep)];
                Assert.InRange(FillRule.RelativeError(sample, Safetensors.LoadTensor(golden, $"{name}.out{i}_sample")), 0, OpTolerance);
                Assert.InRange(FillRule.RelativeError(image.mean([1, 2]), Safetensors.LoadTensor(golden, $"{name}.out{i}_mean")), 0, OpTolerance);
            }
        }
    }
}
