using HqTrack.Evaluation.Vot;
using HqTrack.Exports;

namespace HqTrack.Web.Exporting;

/// <summary>Every format that masks are written in: those of the library, and that of the VOT toolkit.</summary>
internal static class ExportFormats
{
    /// <summary>The formats; the first one is the default.</summary>
    public static IReadOnlyList<ExportKind> All { get; } = [.. ExportKind.All, VotExport.Kind];

    /// <summary>Their names with commas between, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(kind => kind.Name));

    /// <summary>A format; null where there is none of that name.</summary>
    public static ExportKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}
