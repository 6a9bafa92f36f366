using HqTrack.Evaluation;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.Tests.Evaluation.Datasets;

public sealed class DavisDatasetTests : IDisposable
{
    private readonly TempFolder folder = new();

    [Theory]
    [InlineData("Annotations/480p")]
    [InlineData("Annotations")]
    public void Without_lists_every_sequence_is_found_by_name(string annotations)
    {
        Mask($"{annotations}/b/00000.png", 1);
        Mask($"{annotations}/a/00000.png", 1);
        var dataset = DavisDataset.Open(folder.Root);
        Assert.Equal(["a", "b"], dataset.Sequences.Select(sequence => sequence.Name));
        Assert.Equal(folder["Annotations" + annotations["Annotations".Length..] + "/a"], dataset.Sequences[0].AnnotationFolder);
    }

    [Fact]
    public void A_list_gives_the_order_and_the_subset()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Mask($"Annotations/480p/{name}/00000.png", 1);
        }

        Text("ImageSets/2017/val.txt", "c\n\n a \n");
        Text("ImageSets/2016/train.txt", "b\n");
        Assert.Equal(["c", "a"], DavisDataset.Open(folder.Root).Sequences.Select(sequence => sequence.Name));
        Assert.Equal(["b"], DavisDataset.Open(folder.Root, "train").Sequences.Select(sequence => sequence.Name));
    }

    [Fact]
    public void The_lists_of_2016_name_frames()
    {
        Mask("Annotations/480p/bear/00000.png", 1);
        Text("ImageSets/480p/val.txt", "/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png\n/JPEGImages/480p/bear/00001.jpg /Annotations/480p/bear/00001.png\n");
        Assert.Equal(["bear"], DavisDataset.Open(folder.Root).Sequences.Select(sequence => sequence.Name));
    }

    [Theory]
    [InlineData("a\nmissing\n", "line 2: sequence 'missing' has no folder")]
    [InlineData("a\n\n../a\n", "line 3: sequence '../a' has no folder")]
    [InlineData("a\na\n", "line 2: sequence 'a' is listed twice")]
    [InlineData("\n", "names no sequence")]
    public void A_bad_list_is_named_with_its_line(string list, string expected)
    {
        Mask("Annotations/480p/a/00000.png", 1);
        Text("ImageSets/2017/val.txt", list);
        var refusal = Assert.Throws<EvaluationException>(() => DavisDataset.Open(folder.Root));
        Assert.Contains("val.txt'", refusal.Message);
        Assert.Contains(expected, refusal.Message);
    }

    [Fact]
    public void A_set_that_is_not_there_names_those_that_are()
    {
        Mask("Annotations/480p/a/00000.png", 1);
        Assert.Contains("leave the set out", Assert.Throws<EvaluationException>(() => DavisDataset.Open(folder.Root, "val")).Message);
        Text("ImageSets/2017/train.txt", "a\n");
        Assert.Contains("train.txt", Assert.Throws<EvaluationException>(() => DavisDataset.Open(folder.Root)).Message);
    }

    [Fact]
    public void A_folder_of_something_else_is_refused() =>
        Assert.Contains("'Annotations'", Assert.Throws<EvaluationException>(() => DavisDataset.Open(folder.Root)).Message);

    [Fact]
    public void Black_and_white_masks_are_object_1_and_elsewhere_255_is_void()
    {
        folder.Put("Annotations/480p/bw/00000.png", new TestPng { Width = 2, ColorType = 0, Samples = [0, 255] }.Encode());
        folder.Put("Annotations/480p/ids/00000.png", new TestPng { Width = 3, ColorType = 0, Samples = [0, 2, 255] }.Encode());
        var sequences = DavisDataset.Open(folder.Root).Sequences;
        Assert.Equal([0, 1], sequences[0].ReadAnnotation(sequences[0].AnnotationPaths[0]).Ids);
        Assert.Equal([0, 2, 0], sequences[1].ReadAnnotation(sequences[1].AnnotationPaths[0]).Ids);
    }

    [Fact]
    public void A_sequence_without_an_object_or_too_short_to_count_is_refused()
    {
        for (var i = 0; i < 3; i++)
        {
            Mask($"Annotations/480p/empty/{i:D5}.png", 0);
        }

        Mask("Annotations/480p/short/00000.png", 1);
        var sequences = DavisDataset.Open(folder.Root).Sequences;
        Assert.Contains("shows no object", Assert.Throws<EvaluationException>(() => DavisResults.Scorer(sequences[0], sequences[0].AnnotationPaths)).Message);
        Assert.Contains("1 annotated frames", Assert.Throws<EvaluationException>(() => DavisResults.Scorer(sequences[1], sequences[1].AnnotationPaths)).Message);
    }

    public void Dispose() => folder.Dispose();

    private void Mask(string path, byte id) => MaskFile.Write(folder[path], new LabelMap([0, id], 2, 1));

    private void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
        File.WriteAllText(folder[path], text);
    }
}
