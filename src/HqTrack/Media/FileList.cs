namespace HqTrack.Media;

/// <summary>A text file that lists images, a path a line, relative to the list; empty lines and lines that begin with '#' are passed over.</summary>
internal static class FileList
{
    /// <summary>Opens the list's images as a video.</summary>
    /// <exception cref="MediaException">It lists none, or one that is not there.</exception>
    public static FrameSource Open(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var lines = System.Text.Encoding.UTF8.GetString(ImageFile.ReadBytes(path)).Split('\n', StringSplitOptions.TrimEntries);
        var files = lines.Where(line => line.Length > 0 && line[0] != '#').Select(line => Path.Combine(folder, line)).ToList();
        if (files.Count == 0)
        {
            throw new MediaException($"the list '{path}' names no image, expected a path a line; list the frames of the video in their order.");
        }

        var missing = files.FindIndex(file => !File.Exists(file));
        return missing < 0
            ? new FolderSource(path, files)
            : throw new MediaException($"the list '{path}' names '{files[missing]}' as frame {missing}, which does not exist; check its paths, which are relative to the list.");
    }
}
