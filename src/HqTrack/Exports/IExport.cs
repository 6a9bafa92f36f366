using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>Writes tracked frames in one format as they come, in order. Disposing without <see cref="Close"/> leaves what a later run needs to go on.</summary>
internal interface IExport : IDisposable
{
    /// <summary>Writes one frame.</summary>
    /// <exception cref="MediaException">It cannot be written; what was written before stays valid.</exception>
    void Write(Frame frame, TrackedFrame result);

    /// <summary>Hands everything so far to the operating system and says what is needed to go on from here in another process.</summary>
    JsonObject Checkpoint();

    /// <summary>Makes the files that other programs read, of the frames so far; what is needed to go on stays.</summary>
    /// <exception cref="MediaException">They cannot be written.</exception>
    void Close();
}

/// <summary>What an export is opened with.</summary>
/// <param name="Directory">The output folder.</param>
/// <param name="Source">The video, for names and rate.</param>
/// <param name="State">What <see cref="IExport.Checkpoint"/> of the run that is gone on with said; null for a new one.</param>
internal sealed record ExportTarget(string Directory, FrameSource Source, JsonObject? State = null)
{
    /// <summary>Folder below the output folder for what is not finished yet.</summary>
    public const string WorkFolder = ".hqtrack";

    /// <summary>What persons call the objects, by id; formats that carry names have these.</summary>
    public IReadOnlyDictionary<int, string> Names { get; init; } = ReadOnlyDictionary<int, string>.Empty;

    /// <summary>The name of an object: its own, else "object ID".</summary>
    public string NameOf(int id) => Names.TryGetValue(id, out var name) ? name : string.Create(CultureInfo.InvariantCulture, $"object {id}");

    /// <summary>A path below the output folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Directory, .. parts]);
}

/// <summary>A format.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Output">What it writes below the output folder, for messages.</param>
/// <param name="Summary">A few words for help texts.</param>
/// <param name="Open">Opens it.</param>
internal sealed record ExportKind(string Name, string Output, string Summary, Func<ExportTarget, IExport> Open)
{
    /// <summary>The formats of the library.</summary>
    public static IReadOnlyList<ExportKind> All { get; } =
    [
        new("masks", "masks", "indexed PNGs with the DAVIS palette", target => new ImageExport(target, "masks", "png", (frame, result) => IndexedPng.Encode(result.Labels))),
        new("binary", "binary", "a black-and-white PNG per object and frame", target => new BinaryExport(target)),
        new("rgba", "rgba", "cut-outs: a PNG with transparency per object and frame", target => new CutOutExport(target)),
        new("overlay", "overlay", "a JPEG per frame with the objects drawn over it", target => new ImageExport(target, "overlay", "jpg", (frame, result) => ImageFile.EncodeJpeg(Overlay.Draw(frame, result.Labels)))),
        new("overlay-video", "overlay.mp4", "the overlays as a video (overlay.webp where there is no ffmpeg)", OverlayVideo.Open),
        new("coco", "coco.json", "COCO instances with run-length masks", target => new CocoExport(target)),
        new("ytvos", "ytvos", "YouTube-VOS layout: Annotations and meta.json", target => new YouTubeVosExport(target)),
        new("mots", "mots.txt", "MOTS text", target => new MotsExport(target)),
        new("cvat", "cvat.xml", "CVAT for images 1.1", target => new CvatExport(target)),
        new("labelstudio", "labelstudio.json", "Label Studio brush masks", target => new LabelStudioExport(target)),
        new("csv", "objects.csv", "box, area and confidence per object and frame", target => new CsvExport(target)),
    ];

    /// <summary>Its name, as help texts show a default.</summary>
    public override string ToString() => Name;
}
