using System.Reflection;
using System.Text.Json.Serialization;

namespace HqTrack.Web.Projects;

/// <summary>One thing that was done to a project, as its journal keeps it. Everything that a project is follows from its edits in order.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ProjectCreated), "project.create")]
[JsonDerivedType(typeof(ProjectRenamed), "project.rename")]
[JsonDerivedType(typeof(FramesAdded), "frames.add")]
[JsonDerivedType(typeof(ObjectAdded), "object.add")]
[JsonDerivedType(typeof(ObjectChanged), "object.change")]
[JsonDerivedType(typeof(ObjectDeleted), "object.delete")]
[JsonDerivedType(typeof(PromptSet), "prompt.set")]
[JsonDerivedType(typeof(PromptRemoved), "prompt.remove")]
[JsonDerivedType(typeof(FrameLocked), "frame.lock")]
[JsonDerivedType(typeof(FrameUnlocked), "frame.unlock")]
[JsonDerivedType(typeof(TrackRequested), "track")]
[JsonDerivedType(typeof(Undone), "undo")]
[JsonDerivedType(typeof(Redone), "redo")]
internal abstract record Edit
{
    private static readonly Dictionary<Type, object> Kinds =
        typeof(Edit).GetCustomAttributes<JsonDerivedTypeAttribute>().ToDictionary(attribute => attribute.DerivedType, attribute => attribute.TypeDiscriminator!);

    /// <summary>Whether undo takes it back.</summary>
    [JsonIgnore]
    public virtual bool IsUndoable => true;

    /// <summary>Its name in the journal.</summary>
    [JsonIgnore]
    public string Kind => (string)Kinds[GetType()];
}

/// <summary>The first edit of every project.</summary>
internal sealed record ProjectCreated(string Name) : Edit
{
    public override bool IsUndoable => false;
}

/// <summary>Another name.</summary>
internal sealed record ProjectRenamed(string Name) : Edit
{
    public override bool IsUndoable => false;
}

/// <summary>Frames at the end of the sequence; their files lie in the project's folder "frames".</summary>
/// <param name="First">Index of the first one.</param>
/// <param name="Count">How many.</param>
/// <param name="Name">The uploaded file's name, for display and exports only.</param>
/// <param name="Extension">Of the files: ".jpg", ".png" or ".webp".</param>
/// <param name="Width">Pixels, the same for all frames of a project.</param>
/// <param name="Height">Pixels.</param>
/// <param name="FramesPerSecond">Of a video; null for images.</param>
/// <param name="Sha256">Of the uploaded file, hexadecimal.</param>
internal sealed record FramesAdded(int First, int Count, string Name, string Extension, int Width, int Height, double? FramesPerSecond, string Sha256) : Edit
{
    public override bool IsUndoable => false;
}

/// <summary>A new object.</summary>
/// <param name="Id">1..255, never used before in this project.</param>
/// <param name="Name">For people.</param>
/// <param name="Color">"#rrggbb".</param>
internal sealed record ObjectAdded(int Id, string Name, string Color) : Edit;

/// <summary>Changes of an object; what is null stays.</summary>
internal sealed record ObjectChanged(int Id, string? Name, string? Color, bool? Locked, bool? Hidden) : Edit;

/// <summary>An object is gone with all its masks.</summary>
internal sealed record ObjectDeleted(int Id) : Edit;

/// <summary>A person says which pixels of a frame an object has; replaces what was said of it there before.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Object">The object's id.</param>
/// <param name="Mask">Hash of the mask in the project's blobs: an indexed PNG with the object's id.</param>
/// <param name="Area">Pixels; 0 says that the object is not to be seen there.</param>
/// <param name="Points">What the mask was predicted from; empty where it was painted.</param>
/// <param name="Boxes">Likewise.</param>
internal sealed record PromptSet(int Frame, int Object, string Mask, int Area, IReadOnlyList<PromptPoint> Points, IReadOnlyList<Box> Boxes) : Edit;

/// <summary>What was said of an object in a frame no longer holds.</summary>
internal sealed record PromptRemoved(int Frame, int Object) : Edit;

/// <summary>A frame's masks stay as they are, whatever is tracked.</summary>
/// <param name="Frame">The frame's index.</param>
/// <param name="Mask">Hash of the label map in the project's blobs.</param>
internal sealed record FrameLocked(int Frame, string Mask) : Edit;

/// <summary>The frame is tracked like others again.</summary>
internal sealed record FrameUnlocked(int Frame) : Edit;

/// <summary>A run of the tracker. Its results are a layer over those of earlier runs; its number is the edit's revision.</summary>
/// <param name="From">The frame it starts at.</param>
/// <param name="To">The last frame of the way forward, or the first of the way back; null for the video's end.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Objects">Ids of the objects that are tracked.</param>
internal sealed record TrackRequested(int From, int? To, TrackingDirection Direction, IReadOnlyList<int> Objects) : Edit;

/// <summary>An edit was taken back.</summary>
internal sealed record Undone(int Revision) : Edit
{
    public override bool IsUndoable => false;
}

/// <summary>An edit that was taken back holds again.</summary>
internal sealed record Redone(int Revision) : Edit
{
    public override bool IsUndoable => false;
}

/// <summary>An edit in the journal.</summary>
/// <param name="Revision">1, 2, 3, ... without a gap.</param>
/// <param name="At">When it was acknowledged.</param>
/// <param name="By">Name of the token it came with; null without tokens.</param>
/// <param name="Edit">What was done.</param>
internal sealed record JournalEntry(int Revision, DateTimeOffset At, string? By, Edit Edit);
