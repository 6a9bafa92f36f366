namespace HqTrack.Scenes.Staging;

/// <summary>Ways that objects move; each belongs to one library.</summary>
internal enum MotionKind
{
    // Demo.
    Circuit,
    Eight,
    Hops,

    // Training.
    Rest,
    Spin,
    Glide,
    Bounce,
    Drift,
    Roll,
    Swing,
    Tumble,
    Dart,
}

/// <summary>Ways that the camera moves; each belongs to one library.</summary>
internal enum CameraKind
{
    // Demo.
    Arc,

    // Training.
    Fixed,
    Pan,
    HandHeld,
    Dolly,
    Crane,
}

/// <summary>Surroundings; each belongs to one library.</summary>
internal enum StageKind
{
    // Demo.
    Playroom,

    // Training.
    Room,
    Field,
    Screen,
}
