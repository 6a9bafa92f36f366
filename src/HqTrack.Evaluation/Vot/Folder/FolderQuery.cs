using System.Globalization;

namespace HqTrack.Evaluation.Vot.Folder;

/// <summary>One object of the protocol "folder".</summary>
/// <param name="Id">Its name in the files.</param>
/// <param name="Offset">The frame in which it is pointed out, from 0.</param>
/// <param name="Region">Where it is there.</param>
internal sealed record FolderQuery(string Id, int Offset, Region Region)
{
    private const string Start = "query_";

    /// <summary>Every query of a folder, by name.</summary>
    /// <exception cref="EvaluationException">There is none, or one cannot be read; the message names file and line.</exception>
    public static IReadOnlyList<FolderQuery> ReadAll(string folder, int frames)
    {
        var files = Directory.EnumerateFiles(folder, Start + "*.txt").Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0
            ? [.. files.Select(file => Read(file, frames))]
            : throw new EvaluationException($"'{folder}' has no {Start}ID.txt, expected one an object.");
    }

    private static FolderQuery Read(string path, int frames)
    {
        var lines = FolderProtocol.ReadLines(path);
        if (lines.Count < 2)
        {
            throw new EvaluationException($"'{path}' has {lines.Count} lines, expected the frame's number and the region.");
        }

        if (!int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) || offset >= frames)
        {
            throw new EvaluationException($"'{path}' line 1 is '{lines[0]}', expected the number of a frame from 0 to {frames - 1}.");
        }

        try
        {
            return RegionText.Parse(lines[1]) is { } region and not Region.Special
                ? new(Path.GetFileNameWithoutExtension(path)[Start.Length..], offset, region)
                : throw new EvaluationException($"'{path}' line 2 is no shape, expected a mask, a rectangle, a polygon or a point; objects that are only described in words are not supported.");
        }
        catch (FormatException e)
        {
            throw new EvaluationException($"'{path}' line 2: {e.Message}.", e);
        }
    }
}
