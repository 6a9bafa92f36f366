namespace HqTrack;

/// <summary>Which way a whole video is tracked.</summary>
public enum TrackingDirection
{
    /// <summary>From the first prompted frame to the end. Frames before it are background.</summary>
    Forward,

    /// <summary>From the last prompted frame back to the start. Frames after it are background.</summary>
    Backward,

    /// <summary>Every object from its first prompted frame to the end, and from there back to the start.</summary>
    Both,
}
