namespace HqTrack.Web.Api;

// The documents of the API. docs/api.md describes them; /openapi/v1.json is made from them.

/// <summary>POST /api/projects, PATCH /api/projects/{project}.</summary>
internal sealed record ProjectName(string Name);

/// <summary>The frames of a project in a few numbers.</summary>
internal sealed record FrameSummary(int Count, int Width, int Height, double? FramesPerSecond);

/// <summary>A project.</summary>
internal sealed record ProjectDocument(
    string Id, string Name, DateTimeOffset Created, int Revision, FrameSummary Frames, int Objects, bool CanUndo, bool CanRedo, RunDocument? Tracking);

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">What to give as "after" for the next page; null on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>A frame in the list.</summary>
internal sealed record FrameDocument(int Index, string Name, double? Time, bool Locked, bool Prompted);

/// <summary>POST .../objects and PATCH .../objects/{object}; what is null stays, or is chosen.</summary>
internal sealed record ObjectChange(string? Name = null, string? Color = null, bool? Locked = null, bool? Hidden = null);

/// <summary>An object.</summary>
internal sealed record ObjectDocument(int Id, string Name, string Color, bool Locked, bool Hidden, int Revision);

/// <summary>A point on an object or beside it, in pixels of the frame.</summary>
internal sealed record PointDocument(double X, double Y, bool Positive = true);

/// <summary>A box around an object, in pixels of the frame.</summary>
internal sealed record BoxDocument(int X, int Y, int Width, int Height);

/// <summary>One object in one frame.</summary>
/// <param name="Points">On the object and beside it.</param>
/// <param name="Boxes">Around it.</param>
/// <param name="Mask">Its pixels. Where they are given nothing is predicted; points and boxes are kept beside them.</param>
internal sealed record PromptRequest(IReadOnlyList<PointDocument>? Points = null, IReadOnlyList<BoxDocument>? Boxes = null, RleDocument? Mask = null);

/// <summary>A mask as COCO run lengths.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Counts">Compressed runs, as pycocotools writes them.</param>
internal sealed record RleDocument(IReadOnlyList<int> Size, string Counts);

/// <summary>What points and boxes give.</summary>
internal sealed record PreviewDocument(RleDocument Mask, int Area, BoxDocument? Box, double PredictedIou, double Milliseconds);

/// <summary>A prompt that holds.</summary>
internal sealed record PromptDocument(
    int Frame, int Object, int Area, IReadOnlyList<PointDocument> Points, IReadOnlyList<BoxDocument> Boxes, int Revision);

/// <summary>The mask of one object in one frame.</summary>
internal sealed record MaskDocument(int Frame, int Object, RleDocument Mask, int Area, BoxDocument? Box, double Confidence, string Source);

/// <summary>An object in a frame.</summary>
/// <param name="Source">tracked, prompt or locked.</param>
/// <param name="Mask">With masks=true; else null.</param>
internal sealed record FrameObjectDocument(int Object, int Area, BoxDocument? Box, double Confidence, string Source, RleDocument? Mask);

/// <summary>POST .../tracking.</summary>
/// <param name="From">The frame to start at.</param>
/// <param name="Direction">forward, backward or both.</param>
/// <param name="To">The last frame, in the direction; null for the end.</param>
/// <param name="Objects">Objects to track; null for all that are not locked.</param>
internal sealed record TrackingRequest(int From, string Direction, int? To = null, IReadOnlyList<int>? Objects = null);

/// <summary>A run of the tracker.</summary>
/// <param name="Run">Its number.</param>
/// <param name="State">queued, running, done, stopped or failed.</param>
/// <param name="Frame">The frame written last.</param>
/// <param name="Done">Frames written.</param>
/// <param name="Total">Frames to write.</param>
/// <param name="Error">One line; null but for failed.</param>
internal sealed record RunDocument(int Run, string State, int From, int? To, string Direction, IReadOnlyList<int> Objects, int? Frame, int Done, int Total, string? Error);

/// <summary>What is known of an object over frames.</summary>
/// <param name="Object">The object.</param>
/// <param name="Confidence">Per frame from "from" on: 0..1; null where it is not known there.</param>
/// <param name="Area">Per frame likewise: pixels.</param>
/// <param name="Source">Per frame: t (tracked), p (prompt), l (locked), or - (nothing), one character a frame.</param>
internal sealed record ObjectTrack(int Object, IReadOnlyList<double?> Confidence, IReadOnlyList<int?> Area, string Source);

/// <summary>Something that happened to an object: added, lost, reappeared, occluded, clear or removed.</summary>
internal sealed record TrackEvent(int Frame, int Object, string Event);

/// <summary>A frame where an object is least sure.</summary>
internal sealed record WorstFrame(int Frame, int Object, double Confidence);

/// <summary>GET .../tracks.</summary>
internal sealed record TracksDocument(int From, int Count, IReadOnlyList<ObjectTrack> Objects, IReadOnlyList<TrackEvent> Events, IReadOnlyList<WorstFrame> Worst);

/// <summary>What an edit gives back.</summary>
/// <param name="Revision">The project's revision with the edit.</param>
internal sealed record EditDocument(int Revision, bool CanUndo, bool CanRedo);

/// <summary>What undo and redo give back.</summary>
/// <param name="Edit">The kind of edit that was taken back or brought back, as in the journal: prompt.set, object.add, track, ...</param>
/// <param name="Frame">The frame it is about; null where it is about none.</param>
/// <param name="Object">The object it is about; null where it is about none.</param>
internal sealed record UndoDocument(int Revision, bool CanUndo, bool CanRedo, string Edit, int? Frame, int? Object);

/// <summary>POST .../uploads.</summary>
internal sealed record UploadAnnouncement(string Name, long Size, string Sha256);

/// <summary>An upload.</summary>
/// <param name="State">receiving, decoding, done or failed.</param>
/// <param name="Offset">Bytes that are here.</param>
/// <param name="First">Index of its first frame once it is done.</param>
/// <param name="Count">Its frames once it is done.</param>
internal sealed record UploadDocument(string Id, string Name, long Size, long Offset, string State, int? First, int Count, string? Error);

/// <summary>POST .../exports.</summary>
internal sealed record ExportOrder(string Format);

/// <summary>An export.</summary>
/// <param name="State">running, done or failed.</param>
/// <param name="File">Name for saving it once it is done.</param>
internal sealed record ExportDocument(string Id, string Format, int Revision, DateTimeOffset At, string State, string? File, long Bytes, string? Error);

/// <summary>POST /api/session.</summary>
internal sealed record LogIn(string Token);

/// <summary>A format of the exports.</summary>
internal sealed record FormatDocument(string Name, string Summary);

/// <summary>What refines points and boxes.</summary>
/// <param name="Missing">One line that says what it waits for; null where it is available.</param>
internal sealed record RefinerDocument(string Name, bool Available, string? Missing);

/// <summary>Bounds that a client can keep to.</summary>
internal sealed record LimitsDocument(long VideoBytes, long ImageBytes, int Pixels, int Frames, double Seconds, int Objects, int Points, int Boxes, IReadOnlyList<int> Widths);

/// <summary>GET /api/info.</summary>
internal sealed record InfoDocument(
    string Version, string Model, RefinerDocument Refiner, string? User, string Role, bool NeedsToken, bool Video, IReadOnlyList<FormatDocument> Formats, LimitsDocument Limits);
