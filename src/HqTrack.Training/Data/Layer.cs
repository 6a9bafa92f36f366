using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>One sheet of a composed clip: per frame a picture and the canvas's view of it.</summary>
/// <param name="Pictures">T pictures; the same one T times where the material is a still image.</param>
/// <param name="Views">T views.</param>
internal abstract record Layer(Picture[] Pictures, View[] Views)
{
    /// <summary>Draws frame <paramref name="t"/> over what is on the canvas.</summary>
    public abstract void Draw(int t, Frame canvas, LabelMap labels);
}

/// <summary>The rearmost sheet, which fills the canvas.</summary>
/// <param name="Pictures">T pictures.</param>
/// <param name="Views">T views.</param>
/// <param name="Ids">256 entries: the clip's id of each of the pictures' ids, 0 for what is background here.</param>
internal sealed record Backdrop(Picture[] Pictures, View[] Views, byte[] Ids) : Layer(Pictures, Views)
{
    public override void Draw(int t, Frame canvas, LabelMap labels) => Sampling.Fill(Pictures[t], Views[t], Ids, canvas, labels);
}

/// <summary>An object cut out of its pictures.</summary>
/// <param name="Pictures">T pictures.</param>
/// <param name="Views">T views.</param>
/// <param name="Object">The object's id in the pictures.</param>
/// <param name="Id">Its id in the clip; 0 for a distractor, which is seen but not to be tracked.</param>
internal sealed record CutOut(Picture[] Pictures, View[] Views, byte Object, byte Id) : Layer(Pictures, Views)
{
    public override void Draw(int t, Frame canvas, LabelMap labels)
    {
        foreach (var part in Pictures[t].Objects)
        {
            if (part.Id == Object)
            {
                Sampling.Paste(Pictures[t], Views[t], part, Id, canvas, labels);
            }
        }
    }
}
