using System.Text.Json;
using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>From a frame and prompts to masks, end to end.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/predictor_*")]
public sealed class SamPredictorTests
{
    [Theory]
    [InlineData("45x60", true)]
    [InlineData("200x150", true)]
    [InlineData("45x60_bgr", true)]
    [InlineData("45x60_plain", false)]
    public void Tiny_config_matches(string name, bool isHighQuality)
    {
        using var golden = new SlicedGolden("hqsam/predictor_tiny.safetensors");
        using var network = Network(Tiny with { IsHighQuality = isHighQuality });
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var predictor = new SamPredictor(network, CPU);
        var image = Image(golden, $"{name.Split('_')[0]}.image", isBgr: name.EndsWith("_bgr", StringComparison.Ordinal));
        Check(golden, $"{name}.", golden.Json(name).GetProperty("cases"), predictor, image);
    }

    [Fact]
    public void Light_hq_sam_matches()
    {
        using var golden = new SlicedGolden("hqsam/predictor_vit_tiny.safetensors");
        using var network = Network(SamConfig.HqVitTiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var predictor = new SamPredictor(network, CPU);
        Check(golden, string.Empty, golden.Json("info").GetProperty("cases"), predictor, Image(golden, "image", isBgr: false));
        using var scope = NewDisposeScope();
        golden.AssertClose("postprocess", predictor.Upscale(Input("post.low.full", 1, 1, 256, 256)), Logits);
    }

    [Fact]
    public void Two_images_one_after_the_other_give_what_the_release_gives_as_a_batch()
    {
        using var golden = new SlicedGolden("hqsam/predictor_tiny.safetensors");
        using var network = Network(Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var predictor = new SamPredictor(network, CPU);
        JsonElement small = golden.Json("45x60").GetProperty("cases"), large = golden.Json("200x150").GetProperty("cases");
        Compare(0, "45x60", [Prompt(small.GetProperty("box"), null), Prompt(small.GetProperty("box2"), null)]);
        Compare(1, "200x150", [Prompt(large.GetProperty("points"), null)]);

        void Compare(int index, string size, SamPrompt[] prompts)
        {
            using var scope = NewDisposeScope();
            predictor.SetImage(Image(golden, $"{size}.image", isBgr: false));
            var result = predictor.Predict(prompts);
            golden.AssertClose($"sam_forward{index}.iou", result.Iou, Iou);
            golden.AssertClose($"sam_forward{index}.low_res", result.LowRes, Logits);
            AssertMasks(predictor.Upscale(result.LowRes), golden.Bytes($"sam_forward{index}.masks"));
        }
    }

    [Theory]
    [InlineData(0, 45, 60, 96, 128)]
    [InlineData(1, 200, 121, 128, 77)]
    [InlineData(2, 128, 128, 128, 128)]
    [InlineData(3, 2, 70, 3, 128)]
    public void Logits_are_brought_to_the_frame_in_two_steps(int index, int height, int width, int scaledHeight, int scaledWidth)
    {
        using var golden = new SlicedGolden("hqsam/predictor_tiny.safetensors");
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        golden.AssertClose($"postprocess{index}", new SamInput((width, height), (scaledWidth, scaledHeight), 128).Upscale(Input("post.low", 2, 3, 32, 32)), Operator);
    }

    private static void Check(SlicedGolden golden, string prefix, JsonElement cases, SamPredictor predictor, Frame image)
    {
        using var scope = NewDisposeScope();
        var layout = SamInput.For(image.Width, image.Height, predictor.Network.Config.ImageSize);
        var resized = PillowResize.Bilinear(image.Rgb, image.Width, image.Height, layout.Scaled.Width, layout.Scaled.Height);
        golden.AssertClose($"{prefix}resized", tensor(resized).view(layout.Scaled.Height, layout.Scaled.Width, 3), 0);
        using (var input = layout.Image(image, CPU))
        {
            golden.AssertClose($"{prefix}encoder_input", input, Operator);
            using var embedding = predictor.Network.ImageEncoder.Encode(input);
            golden.AssertClose($"{prefix}features", embedding.Embedding, Embedding);
            golden.AssertClose($"{prefix}interm0", embedding.Early.permute(0, 2, 3, 1), Early);
        }

        predictor.SetImage(image);
        Tensor? mask = null;
        foreach (var entry in cases.EnumerateObject())
        {
            bool Flag(string name, bool value) => entry.Value.TryGetProperty(name, out var flag) ? flag.GetBoolean() : value;
            var isBatch = entry.Name == "batch3";
            var prompts = isBatch
                ? entry.Value.GetProperty("predict_torch_boxes_original_xyxy").EnumerateArray().Select(box => new SamPrompt(Box(box))).ToArray()
                : [Prompt(entry.Value, mask)];
            var result = predictor.Predict(prompts, Flag("multimask_output", true) ? MaskChoice.Multiple : MaskChoice.Single, Flag("hq_token_only", false));
            Tensor Whole(Tensor x) => isBatch ? x : x[0];
            var logits = predictor.Upscale(result.LowRes);
            golden.AssertClose($"{prefix}{entry.Name}.iou", Whole(result.Iou), Iou);
            golden.AssertClose($"{prefix}{entry.Name}.low_res", Whole(result.LowRes), Logits);
            golden.AssertClose($"{prefix}{entry.Name}.logits", Whole(logits), Logits);
            AssertMasks(logits, Unpack(golden.Bytes($"{prefix}{entry.Name}.mask_bits"), logits.size(0) * logits.size(1), logits.size(2) * logits.size(3)));
            mask ??= result.LowRes[0, 0]; // case "box" is the first
        }
    }

    private static SamPrompt Prompt(JsonElement entry, Tensor? mask)
    {
        var points = new List<PromptPoint>();
        if (entry.TryGetProperty("point_coords", out var positions))
        {
            var labels = entry.GetProperty("point_labels").EnumerateArray().Select(label => label.GetInt32() == 1).ToArray();
            points.AddRange(positions.EnumerateArray().Select((position, i) => new PromptPoint(position[0].GetDouble(), position[1].GetDouble(), labels[i])));
        }

        return new(points, entry.TryGetProperty("box", out var box) ? Box(box) : null, entry.TryGetProperty("mask_input", out _) ? mask : null);
    }

    private static Corners Box(JsonElement box) => new(box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());

    private static Frame Image(SlicedGolden golden, string name, bool isBgr)
    {
        var shape = golden.Shape(name);
        var bytes = golden.Bytes(name);
        for (var i = 0; isBgr && i < bytes.Length; i += 3)
        {
            (bytes[i], bytes[i + 2]) = (bytes[i + 2], bytes[i]);
        }

        return new(bytes, (int)shape[1], (int)shape[0]);
    }

    private static byte[] Unpack(byte[] bits, long masks, long pixels)
    {
        var stride = bits.Length / masks;
        var values = new byte[masks * pixels];
        for (long i = 0; i < values.Length; i++)
        {
            var pixel = i % pixels;
            values[i] = (byte)((bits[((i / pixels) * stride) + (pixel / 8)] >> (int)(7 - (pixel % 8))) & 1);
        }

        return values;
    }

    /// <summary>Equal outside of pixels whose logit is within 1e-3 of the threshold.</summary>
    private static void AssertMasks(Tensor logits, byte[] expected)
    {
        var values = TensorSpan.ToArray<float>(logits);
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(values[i]) < 1e-3 || (values[i] > 0 ? 1 : 0) == expected[i], $"pixel {i}: logit {values[i]}, expected mask {expected[i]}");
        }
    }
}
