namespace AnnotatorClient;

// The documents of docs/api.md that the client uses.
public sealed record FrameSummary(int Count, int Width, int Height, double? FramesPerSecond);

public sealed record Project(string Id, string Name, DateTimeOffset Created, int Revision, FrameSummary Frames, int Objects, bool CanUndo, bool CanRedo, Run? Tracking);

public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

public sealed record Upload(string Id, string Name, long Size, long Offset, string State, int? First, int Count, string? Error);

public sealed record TrackedObject(int Id, string Name, string Color, bool Locked, bool Hidden, int Revision);

public sealed record Point(double X, double Y, bool Positive = true);

public sealed record Box(int X, int Y, int Width, int Height);

public sealed record Mask(IReadOnlyList<int> Size, string Counts);

public sealed record Preview(Mask Mask, int Area, Box? Box, double PredictedIou, double Milliseconds);

public sealed record Prompt(int Frame, int Object, int Area, IReadOnlyList<Point> Points, IReadOnlyList<Box> Boxes, int Revision);

public sealed record FrameObject(int Object, int Area, Box? Box, double Confidence, string Source, Mask? Mask);

public sealed record Edit(int Revision, bool CanUndo, bool CanRedo);

public sealed record Undo(int Revision, bool CanUndo, bool CanRedo, string Edit, int? Frame, int? Object);

public sealed record Run([property: System.Text.Json.Serialization.JsonPropertyName("run")] int Number, string State, int From, int? To, string Direction, IReadOnlyList<int> Objects, int? Frame, int Done, int Total, string? Error);

public sealed record ObjectTrack(int Object, IReadOnlyList<double?> Confidence, IReadOnlyList<int?> Area, string Source);

public sealed record TrackEvent(int Frame, int Object, string Event);

public sealed record WorstFrame(int Frame, int Object, double Confidence);

public sealed record Tracks(int From, int Count, IReadOnlyList<ObjectTrack> Objects, IReadOnlyList<TrackEvent> Events, IReadOnlyList<WorstFrame> Worst);

public sealed record Export(string Id, string Format, int Revision, DateTimeOffset At, string State, string? File, long Bytes, string? Error);

/// <summary>What the server says of itself in a stream: the event's name and its data as JSON.</summary>
public sealed record LiveEvent(string Name, string Data);

/// <summary>The server refused; the message is its one line, the code is for programs.</summary>
public sealed class ApiException(int status, string code, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
