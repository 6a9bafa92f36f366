using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>The frames of a project's sequence, by index.</summary>
/// <param name="folder">Where their files lie.</param>
/// <param name="state">Which uploads they came with.</param>
internal sealed class ProjectFrames(ProjectFolder folder, ProjectState state)
{
    /// <summary>File of a frame.</summary>
    public string Path(int index) => folder.Frame(index, Upload(index).Extension);

    /// <summary>Decodes a frame.</summary>
    /// <exception cref="MediaException">Its file is missing or damaged.</exception>
    public Frame Load(int index) => Decode(index, ImageFile.ReadBytes(Path(index)));

    /// <summary>Decodes a frame from the bytes of its file.</summary>
    /// <exception cref="MediaException">They are damaged.</exception>
    public Frame Decode(int index, byte[] file)
    {
        var upload = Upload(index);
        var frame = ImageFile.Decode(file, Path(index), index);
        return upload.FramesPerSecond is { } rate ? new(frame.Rgb, frame.Width, frame.Height, index, TimeSpan.FromSeconds((index - upload.First) / rate)) : frame;
    }

    /// <summary>Seconds from the start of its video; null for an image.</summary>
    public double? Time(int index) => Upload(index) is { FramesPerSecond: { } rate } upload ? (index - upload.First) / rate : null;

    /// <summary>What a person calls it: an image's file name, a video's name with the number in it.</summary>
    public string Name(int index) => Upload(index) is { Count: 1 } image ? image.Name : $"{Upload(index).Name} #{index - Upload(index).First}";

    private FramesAdded Upload(int index)
    {
        var (low, high) = (0, state.Uploads.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = state.Uploads[middle].First <= index ? (middle, high) : (low, middle - 1);
        }

        return state.Uploads[low];
    }
}
