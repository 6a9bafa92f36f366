using System.Text.Json.Nodes;
using HqTrack.Media;
using SkiaSharp;

namespace HqTrack.Exports;

/// <summary>DIR/rgba/ID/NNNNN.png: the frame, opaque where the object is and transparent black elsewhere, for every frame in which it is tracked.</summary>
internal sealed class CutOutExport : IExport
{
    private static readonly SKPngEncoderOptions Options = new(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 3);

    private readonly string folder;

    /// <summary>Makes the folder.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public CutOutExport(ExportTarget target)
    {
        folder = target.PathOf("rgba");
        AtomicFile.CreateFolder(folder);
    }

    /// <summary>Reads the masks of a folder that this export wrote: the frames by index.</summary>
    /// <exception cref="MediaException">A file is damaged or of another size.</exception>
    public static SortedDictionary<int, LabelMap> Read(string folder)
    {
        var frames = new SortedDictionary<int, LabelMap>();
        foreach (var (id, index, path) in ObjectFolders.List(folder))
        {
            using var bitmap = SKBitmap.Decode(path, new SKImageInfo(0, 0, SKColorType.Rgba8888, SKAlphaType.Unpremul) is var wanted && SKBitmap.DecodeBounds(path) is var found
                ? wanted.WithSize(found.Width, found.Height) : default) ?? throw new MediaException($"'{path}' is damaged; export it again.");
            var pixels = bitmap.Bytes;
            ObjectFolders.Put(frames, index, bitmap.Width, bitmap.Height, id, pixel => pixels[(pixel * 4) + 3] != 0);
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Objects)
        {
            AtomicFile.Write(Path.Combine(folder, $"{entry.Id}", $"{frame.Index:D5}.png"), Encode(frame, result.Labels, (byte)entry.Id));
        }
    }

    public JsonObject Checkpoint() => [];

    public void Close()
    {
    }

    public void Dispose()
    {
    }

    private static byte[] Encode(Frame frame, LabelMap labels, byte id)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(frame.Width, frame.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var rgba = bitmap.GetPixelSpan();
        rgba.Clear();
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            if (labels.Ids[i] == id)
            {
                frame.Rgb.AsSpan(i * 3, 3).CopyTo(rgba[(i * 4)..]);
                rgba[(i * 4) + 3] = 255;
            }
        }

        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(Options) ?? throw new MediaException($"frame {frame.Index} ({frame.Width}x{frame.Height}) cannot be encoded as PNG; scale it down.");
        return data.ToArray();
    }
}
