using System.Text.Json;
using System.Text.Json.Serialization;

namespace HqTrack.Training;

/// <summary>A recipe as JSON, saved with a run so that it goes on with the numbers it was started with.</summary>
internal static class RecipeText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The recipe and the model it trains.</summary>
    public static string Of(RunRecipe recipe, string model)
    {
        var node = JsonSerializer.SerializeToNode(recipe, recipe.GetType(), Options)!.AsObject();
        node.Remove("learning_rate"); // follows from the other numbers
        node["model"] = model;
        return node.ToJsonString();
    }

    /// <summary>The first number in which two recipes differ, in words; null when they are the same.</summary>
    public static string? Difference(string saved, string wanted)
    {
        using var first = JsonDocument.Parse(saved);
        using var second = JsonDocument.Parse(wanted);
        foreach (var property in second.RootElement.EnumerateObject())
        {
            var before = first.RootElement.TryGetProperty(property.Name, out var value) ? value.GetRawText() : "nothing";
            if (before != property.Value.GetRawText())
            {
                return $"{property.Name} was {before}, now {property.Value.GetRawText()}";
            }
        }

        return null;
    }
}
