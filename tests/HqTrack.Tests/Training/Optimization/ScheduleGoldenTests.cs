using System.Text.Json;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Optimization;

/// <summary>Rates, moving average and weight-decay groups against aot-benchmark.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("training/schedule.json")]
[ReadsGoldens("training/weight_decay_groups.json")]
[ReadsGoldens("vmos/vmos_internt_msdeaotl_v2.keys.json")]
public sealed class ScheduleGoldenTests
{
    [Fact]
    public void Poly_rates_match_for_encoder_and_others()
    {
        using var golden = Read("training/schedule.json");
        var poly = golden.RootElement.GetProperty("poly");
        var rate = Published(poly) with { Power = poly.GetProperty("power").GetDouble(), EncoderRatio = poly.GetProperty("encoder_lr_ratio").GetDouble() };
        foreach (var row in poly.GetProperty("rows").EnumerateArray())
        {
            var step = row.GetProperty("step").GetInt64();
            Assert.Equal(row.GetProperty("encoder").GetDouble(), rate.At(step, "encoder.levels.0.weight"), 1e-12);
            Assert.Equal(row.GetProperty("other").GetDouble(), rate.At(step, "LSTT.layers.0.norm1.weight"), 1e-12);
        }
    }

    [Fact]
    public void Identity_bank_stands_still_once_masks_are_fed_back()
    {
        using var golden = Read("training/schedule.json");
        var poly = golden.RootElement.GetProperty("poly");
        var recipe = HqTrack.Training.TrainingRecipe.Video(poly.GetProperty("max_itr").GetInt64());
        foreach (var row in poly.GetProperty("rows").EnumerateArray())
        {
            var frozen = recipe.FreezesIdentities && recipe.Feedback(row.GetProperty("step").GetInt64()) >= 1;
            Assert.Equal(row.GetProperty("id_bank").GetDouble() == 0, frozen && ParameterGroups.IsIdentityBank("patch_wise_id_bank.weight"));
        }
    }

    [Fact]
    public void Cosine_rates_match()
    {
        using var golden = Read("training/schedule.json");
        var rate = Published(golden.RootElement.GetProperty("poly")) with { Decay = RateDecay.Cosine };
        foreach (var row in golden.RootElement.GetProperty("cosine").EnumerateArray())
        {
            Assert.Equal(row.GetProperty("lr").GetDouble(), rate.At(row.GetProperty("step").GetInt64()), 1e-12);
        }
    }

    [Fact]
    public void Moving_average_matches()
    {
        using var golden = Read("training/schedule.json");
        var ema = golden.RootElement.GetProperty("ema");
        using var start = zeros(1);
        using var parameter = new Parameter(start);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var average = new ExponentialMovingAverage([new("w", parameter, 0)], ema.GetProperty("decay").GetDouble());
        var value = 0;
        foreach (var expected in ema.GetProperty("shadow").EnumerateArray())
        {
            using (no_grad())
            {
                parameter.fill_(++value);
            }

            average.Update();
            Assert.Equal(expected.GetDouble(), average.Values["w"].item<float>(), 1e-5);
        }
    }

    [Fact]
    public void Weight_decay_groups_match()
    {
        using var golden = Read("training/weight_decay_groups.json");
        using var keys = Read("vmos/vmos_internt_msdeaotl_v2.keys.json");
        var compared = 0;
        foreach (var entry in golden.RootElement.EnumerateObject())
        {
            var dimensions = keys.RootElement.GetProperty(entry.Name).GetArrayLength();
            Assert.Equal(entry.Value.GetDouble(), ParameterGroups.WeightDecay(entry.Name, dimensions, 0.07));
            compared++;
        }

        Assert.True(compared > 900);
    }

    private static JsonDocument Read(string relative) => JsonDocument.Parse(File.ReadAllText(Goldens.Find(relative)));

    private static LearningRate Published(JsonElement poly) => new()
    {
        Base = poly.GetProperty("base_lr").GetDouble(),
        Min = poly.GetProperty("min_lr").GetDouble(),
        Steps = poly.GetProperty("max_itr").GetInt64(),
        WarmUpSteps = poly.GetProperty("warm_up_steps").GetDouble(),
    };
}
