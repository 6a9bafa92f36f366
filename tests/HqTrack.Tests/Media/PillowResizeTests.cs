using System.Runtime.InteropServices;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;

namespace HqTrack.Tests.Media;

/// <summary>Every byte as Pillow has it.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/resize.safetensors")]
[ReadsGoldens("hqsam/predictor_vit_tiny.safetensors")]
public sealed class PillowResizeTests
{
    [Theory]
    [InlineData("30x40_to_64", 64)]
    [InlineData("150x200_to_64", 64)]
    [InlineData("97x61_to_64", 64)]
    [InlineData("64x64_to_64", 64)]
    [InlineData("64x48_to_64", 64)]
    [InlineData("33x129_to_64", 64)]
    [InlineData("1x7_to_16", 16)]
    [InlineData("120x90_to_100", 100)]
    public void Bytes_are_equal(string name, int target)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("hqsam/resize.safetensors"));
        int height = (int)golden.Shape($"{name}.input")[0], width = (int)golden.Shape($"{name}.input")[1];
        var size = PillowResize.LongestSide(width, height, target);
        Assert.Equal(golden.Shape($"{name}.output"), new long[] { size.Height, size.Width, 3 });
        Assert.Equal(golden.Bytes($"{name}.output"), PillowResize.Bilinear(golden.Bytes($"{name}.input"), width, height, size.Width, size.Height));
    }

    [Fact]
    public void A_photo_enlarged_to_1024_has_the_same_sums_of_every_row_and_column()
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("hqsam/resize.safetensors"));
        using var source = SafetensorsFile.Open(Goldens.Find("hqsam/predictor_vit_tiny.safetensors"));
        var pixels = PillowResize.Bilinear(source.Bytes("image"), 400, 300, 1024, 768);
        var columns = new long[1024 * 3];
        var rows = new long[768 * 3];
        for (var y = 0; y < 768; y++)
        {
            for (var x = 0; x < 1024; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    columns[(x * 3) + c] += pixels[(((y * 1024) + x) * 3) + c];
                    rows[(y * 3) + c] += pixels[(((y * 1024) + x) * 3) + c];
                }
            }
        }

        Assert.Equal(MemoryMarshal.Cast<byte, long>(golden.Bytes("300x400_to_1024.column_sums")), columns);
        Assert.Equal(MemoryMarshal.Cast<byte, long>(golden.Bytes("300x400_to_1024.row_sums")), rows);
        Assert.Equal(golden.Bytes("300x400_to_1024.output"), Block(pixels, 0, 16, 48, 0, 16, 64));
        Assert.Equal(golden.Bytes("300x400_to_1024.output|block"), Block(pixels, 100, 1, 16, 200, 1, 32));
        Assert.Equal(golden.Bytes("300x400_to_1024.output|corner"), Block(pixels, 764, 1, 4, 984, 1, 40));
    }

    [Fact]
    public void Target_sizes_are_the_published_ones()
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("hqsam/resize.safetensors"));
        using var document = JsonDocument.Parse(golden.Metadata["get_preprocess_shape"]);
        var rows = document.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetInt32()).ToArray()).ToList();
        Assert.Equal(17, rows.Count);
        Assert.All(rows, row => Assert.Equal((row[3], row[2]), PillowResize.LongestSide(row[1], row[0], 1024)));
    }

    [Theory]
    [InlineData(300, 400)]
    [InlineData(257, 511)]
    public void Coordinates_scale_in_double(int height, int width)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("hqsam/resize.safetensors"));
        var input = SamInput.For(width, height, 1024);
        var points = MemoryMarshal.Cast<byte, float>(golden.Bytes("apply_coords.in"));
        var expected = MemoryMarshal.Cast<byte, float>(golden.Bytes($"apply_coords.out_{height}x{width}"));
        for (var i = 0; i < points.Length; i += 2)
        {
            Assert.Equal((expected[i], expected[i + 1]), input.Position(points[i], points[i + 1]));
        }

        if (golden.Contains($"apply_boxes.out_{height}x{width}"))
        {
            Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(golden.Bytes($"apply_boxes.out_{height}x{width}"))); // the same numbers as corners of three boxes
        }
    }

    private static byte[] Block(byte[] pixels, int top, int stepY, int rows, int left, int stepX, int columns)
    {
        var block = new List<byte>();
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                block.AddRange(pixels.AsSpan((((top + (y * stepY)) * 1024) + left + (x * stepX)) * 3, 3));
            }
        }

        return [.. block];
    }
}
