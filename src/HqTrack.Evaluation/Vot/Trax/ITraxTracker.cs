namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>The tracker behind a server.</summary>
internal interface ITraxTracker
{
    /// <summary>Forgets every object: the client begins anew.</summary>
    void Reset();

    /// <summary>Follows all objects into the next frame.</summary>
    /// <param name="images">One image per channel.</param>
    /// <param name="added">Objects that are pointed out in this frame; they join at the end.</param>
    /// <returns>One state per object so far, in the order of arrival.</returns>
    IReadOnlyList<TraxState> Track(IReadOnlyList<TraxImage> images, IReadOnlyList<TraxObject> added);
}

/// <summary>An object as the client pointed it out.</summary>
/// <param name="Text">Its region; a server has made sure that it is one.</param>
/// <param name="Properties">What else the client said.</param>
internal sealed record TraxObject(string Text, TraxProperties Properties)
{
    /// <summary>The region, read anew each time: masks of a hostile size must not pile up.</summary>
    public Region Region => TraxRegion.Parse(Text);
}

/// <summary>An object's state as it is answered.</summary>
/// <param name="Region">The region's text.</param>
/// <param name="Properties">What else the tracker says.</param>
internal sealed record TraxState(string Region, TraxProperties Properties);
