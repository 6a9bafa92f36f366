using HqTrack.Media;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Data;

public sealed class TrainingDataTests(SmallDataFolder data) : IClassFixture<SmallDataFolder>
{
    [Fact]
    public void Finds_videos_and_stills()
    {
        var found = TrainingData.Open(data.Root);
        Assert.Equal(["seq0", "seq1"], Assert.Single(found.Videos).Sequences.Select(frames => Path.GetFileName(Path.GetDirectoryName(frames[0].Image))));
        Assert.All(found.Videos[0].Sequences, frames => Assert.Equal(6, frames.Length));
        Assert.Equal(["many", "one"], found.Stills.Select(set => set.Name));
        Assert.Single(TrainingData.Open(Path.Combine(data.Root, "davis2016", "train")).Videos);
        Assert.Single(TrainingData.Open(Path.Combine(data.Root, "static", "one")).Stills);
    }

    [Theory]
    [InlineData("davis2016/val-dev", "evaluation")]
    [InlineData("multi-dev/x", "evaluation")]
    [InlineData("static/none", "no training data")]
    [InlineData("missing", "does not exist")]
    public void Refuses_what_is_no_training_data(string folder, string reason)
    {
        var path = Path.Combine(data.Root, folder);
        if (folder != "missing")
        {
            Directory.CreateDirectory(Path.Combine(path, "JPEGImages", "480p", "seq"));
        }

        var error = Assert.Throws<MediaException>(() => TrainingData.Open(path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_mix_of_nothing_is_refused()
    {
        var stills = TrainingData.Open(Path.Combine(data.Root, "static", "one"));
        var error = Assert.Throws<MediaException>(() => stills.CreateSource(new ClipMix(1, 0, 0), new PictureCache()));
        Assert.Contains("0 sets of videos, 1 of stills", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_folders_beside_the_training_ones_are_not_looked_at()
    {
        Directory.CreateDirectory(Path.Combine(data.Root, "davis2016", "val-dev", "JPEGImages", "480p", "held-out"));
        var files = TrainingData.Open(data.Root).Videos.SelectMany(set => set.Sequences).SelectMany(frames => frames).Select(file => file.Image);
        Assert.DoesNotContain(files, path => path.Contains("val-dev", StringComparison.Ordinal));
    }

    [Fact]
    public void A_release_with_lists_gives_its_training_sequences_only()
    {
        var home = Path.Combine(data.Root, "davis2016", "train");
        var lists = Directory.CreateDirectory(Path.Combine(home, "ImageSets", "2016")).FullName;
        try
        {
            File.WriteAllText(Path.Combine(lists, "train.txt"), "seq1\n");
            Assert.Contains("seq1", Assert.Single(Assert.Single(TrainingData.Open(home).Videos).Sequences)[0].Image, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.Combine(home, "ImageSets"), recursive: true);
        }
    }

    [Fact]
    public void Large_pictures_are_scaled_down_and_a_mask_of_another_size_is_refused()
    {
        var set = TrainingData.Open(data.Root).Stills[1];
        var picture = Picture.Read(set.Files[0].Image, set.Files[0].Mask, 40);
        Assert.Equal((50, 40), (picture.Width, picture.Height));
        var part = Assert.Single(picture.Objects);
        Assert.Equal((10, 30), (part.X0, part.X1));
        Assert.Equal(255, picture.Image.Rgb[((12 * 50) + 20) * 3]);

        var other = TrainingData.Open(data.Root).Stills[0].Files[0];
        var error = Assert.Throws<MediaException>(() => Picture.Read(set.Files[0].Image, other.Mask, 40));
        Assert.Contains("110x90, expected 100x80", error.Message, StringComparison.Ordinal);
    }
}
