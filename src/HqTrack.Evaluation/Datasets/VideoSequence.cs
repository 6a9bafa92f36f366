using HqTrack.Media;

namespace HqTrack.Evaluation.Datasets;

/// <summary>One video of a dataset: its frames and its annotated frames, listed and read only when asked for.</summary>
internal sealed class VideoSequence
{
    private readonly Lazy<IReadOnlyList<string>> frames;
    private readonly Lazy<IReadOnlyList<string>> annotations;
    private readonly Lazy<bool> isBinary;

    /// <summary>Names the folders; nothing is read.</summary>
    /// <param name="name">Name of the sequence.</param>
    /// <param name="frameFolder">Folder of the images.</param>
    /// <param name="annotationFolder">Folder of the indexed PNGs; a frame's annotation has the frame's file name.</param>
    public VideoSequence(string name, string frameFolder, string annotationFolder)
    {
        Name = name;
        FrameFolder = frameFolder;
        AnnotationFolder = annotationFolder;
        frames = new(() => FolderSource.Open(frameFolder).Paths);
        annotations = new(ListAnnotations);
        isBinary = new(() => IdMaskFile.IsBinary(annotations.Value[0]));
    }

    /// <summary>Name of the sequence.</summary>
    public string Name { get; }

    /// <summary>Folder of the images.</summary>
    public string FrameFolder { get; }

    /// <summary>Folder of the annotations.</summary>
    public string AnnotationFolder { get; }

    /// <summary>Image files in order.</summary>
    /// <exception cref="MediaException">The folder is missing or holds no image.</exception>
    public IReadOnlyList<string> FramePaths => frames.Value;

    /// <summary>Annotation files in order of their names, at least one.</summary>
    /// <exception cref="EvaluationException">The folder is missing or holds no PNG.</exception>
    public IReadOnlyList<string> AnnotationPaths => annotations.Value;

    /// <summary>Masks are black and white (DAVIS 2016): 255 is object 1, not void.</summary>
    public bool IsBinary => isBinary.Value;

    /// <summary>A frame's name: that of its file without extension.</summary>
    public static string FrameName(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>Reads an annotation; void pixels (255) are background.</summary>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public LabelMap ReadAnnotation(string path) => IdMaskFile.Read(path, IsBinary, voidIsBackground: true);

    private string[] ListAnnotations()
    {
        var files = Directory.Exists(AnnotationFolder) ? Directory.GetFiles(AnnotationFolder, "*.png") : [];
        if (files.Length == 0)
        {
            throw new EvaluationException($"sequence '{Name}': '{AnnotationFolder}' holds no annotation, expected indexed PNGs named like the frames; check the dataset.");
        }

        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
