using HqTrack.Refiner.Sam;
using HqTrack.Vmos;
using HqTrack.Weights;

namespace HqTrack.Tests.Weights;

public sealed class ModelCatalogTests
{
    [Fact]
    public void Every_network_has_an_entry_and_no_entry_claims_a_hash_that_was_not_computed()
    {
        var entries = ModelCatalog.List();
        Assert.Equal(entries.Count, entries.Select(entry => entry.Name).Distinct().Count());
        Assert.Empty(VmosConfig.All.Select(config => config.Name).Except(entries.Where(entry => entry.Kind == "segmenter").Select(entry => entry.Name)));
        Assert.Empty(SamConfig.All.Select(config => config.Name).Except(entries.Where(entry => entry.Kind == "refiner").Select(entry => entry.Name)));
        Assert.All(entries, entry =>
        {
            Assert.Equal("unknown", entry.Sha256);
            Assert.All([entry.Network, entry.Source, entry.Licence], text => Assert.NotEmpty(text));
        });
    }

    [Fact]
    public void Every_segmenter_can_be_built()
    {
        // Named in the catalogue means loadable: the networks of all segmenters exist in this version.
        var segmenters = ModelCatalog.List().Where(entry => entry.Kind == "segmenter").Select(entry => entry.Name);
        Assert.Empty(segmenters.Except(VmosConfig.All.Select(config => config.Name)));
    }

    [Fact]
    public void Unknown_names_and_missing_weights_say_what_to_do()
    {
        Assert.Contains("expected one of lite, hqtrack", Assert.Throws<ArgumentException>(() => ModelCatalog.Info("hqtrak")).Message, StringComparison.Ordinal);
        Assert.Contains("'/no/such.pth' not found", Assert.Throws<WeightsMissingException>(() => ModelCatalog.Resolve("hqtrack", "/no/such.pth")).Message, StringComparison.Ordinal);
    }
}
