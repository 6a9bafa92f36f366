using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Refiner;

/// <summary>
/// Objects of one image, or of several, through the decoder with gradients: a first prompt, then up to four corrective clicks, each placed by what the mask before it has wrong, most of the time
/// with that mask as a prompt too. The first and the last answer are trained; those between only lead there.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="prompts">How often which kind comes first.</param>
internal sealed class PromptPass(SamNetwork network, PromptMix prompts)
{
    /// <summary>Masks are compared with the truth at this fraction of the network's side: twice as fine as the decoder's own.</summary>
    public const int TruthStride = 2;

    private const float MaskShare = 0.75f; // of corrections that get the mask before as a prompt

    // Of 0, 1, 2 ... corrective clicks.
    private static readonly float[] Corrections = [0.35f, 0.2f, 0.25f, 0.1f, 0.1f];

    /// <summary>The mean loss of the prompts.</summary>
    /// <param name="image">The image, or one per object.</param>
    /// <param name="truths">N masks of S x S bytes, not 0 where the object is; none is empty at a quarter of the resolution.</param>
    /// <param name="rng">Drawn from.</param>
    public Tensor Forward(DecoderImage image, byte[][] truths, ref Rng rng)
    {
        using var scope = NewDisposeScope();
        var device = image.Keys.device;
        int size = network.Config.ImageSize, side = size / TruthStride;
        var coarse = Array.ConvertAll(truths, truth => Thin(truth, size, TruthStride));
        var truth = Share(truths, size).to(device); // [N, 1, side, side]
        var state = First(ref rng, truths, size);
        var count = rng.Weighted(Corrections);
        var losses = new List<Tensor>();
        for (var round = 0; round <= count; round++)
        {
            using var grad = round == 0 || round == count ? null : no_grad();
            var isAmbiguous = state.Boxes is null && state.Mask is null && state.Points[0].Count == 1;
            var answer = network.Decode(image, state.Tensors(device));
            var lowRes = answer.Masks + answer.HighQuality!;
            var token = Given(answer.Iou, isAmbiguous);
            var given = lowRes.gather(1, token.view(-1, 1, 1, 1).expand(-1, 1, lowRes.size(2), lowRes.size(3)));
            var shown = Upscale(network.Sharpen(image, given), side);
            if (is_grad_enabled())
            {
                var masks = Upscale(lowRes, side);
                losses.Add(RefinerLoss.Forward(masks, Upscale(answer.HighQuality!, side), answer.Iou, RefinerLoss.Measured(masks, shown, token, truth), truth) + RefinerLoss.Sharpened(shown, truth));
            }

            if (round < count)
            {
                state = Correct(ref rng, state, coarse, given, shown);
            }
        }

        return stack(losses).mean().MoveToOuterDisposeScope();
    }

    private static Tensor Upscale(Tensor x, int side) => nn.functional.interpolate(x, size: [side, side], mode: InterpolationMode.Bilinear, align_corners: false);

    // The token whose mask is given out, [N, 1]: the first, of a single click the best of the three others.
    private static Tensor Given(Tensor iou, bool isAmbiguous)
    {
        using var scope = NewDisposeScope();
        var token = isAmbiguous ? iou.narrow(1, 1, 3).argmax(1, keepdim: true) + 1 : zeros(iou.size(0), 1, dtype: ScalarType.Int64, device: iou.device);
        return token.MoveToOuterDisposeScope();
    }

    private State First(ref Rng rng, byte[][] truths, int size)
    {
        var kind = (PromptKind)rng.Weighted([prompts.Boxes, prompts.Clicks, prompts.Masks]);
        var hasBox = kind == PromptKind.Box || (kind == PromptKind.Mask && rng.Chance(0.5f));
        var grid = network.Config.MaskGrid;
        var boxes = hasBox ? new Corners[truths.Length] : null;
        var masks = kind == PromptKind.Mask ? new float[truths.Length * grid * grid] : null;
        var points = new List<PromptPoint>[truths.Length];
        EachObject(ref rng, truths.Length, (ref Rng own, int n) =>
        {
            points[n] = kind == PromptKind.Click ? [DrawnPrompts.FirstClick(ref own, truths[n], size)] : [];
            if (boxes is not null)
            {
                boxes[n] = DrawnPrompts.Box(ref own, truths[n], size);
            }

            if (masks is not null)
            {
                DrawnPrompts.CoarseMask(ref own, Thin(truths[n], size, size / grid), grid).CopyTo(masks, n * grid * grid);
            }
        });

        if (masks is null)
        {
            return new(points, boxes, null);
        }

        var tensor = empty([truths.Length, 1, grid, grid]);
        masks.CopyTo(TensorSpan.Of<float>(tensor));
        return new(points, boxes, tensor);
    }

    // One click more for every object, where the mask that a user would be shown is wrong.
    private static State Correct(ref Rng rng, State state, byte[][] coarse, Tensor given, Tensor logits)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var side = (int)logits.size(2);
        var withMask = rng.Chance(MaskShare);
        var shown = TensorSpan.ToArray<byte>(logits.gt(0).to(ScalarType.Byte).cpu().contiguous());
        var points = new List<PromptPoint>[coarse.Length];
        EachObject(ref rng, coarse.Length, (ref Rng own, int n) =>
        {
            var click = DrawnPrompts.Correction(ref own, coarse[n], shown.AsSpan(n * side * side, side * side), side);
            var middle = (TruthStride - 1) / 2.0;
            points[n] = [.. state.Points[n], new PromptPoint((click.X * TruthStride) + middle, (click.Y * TruthStride) + middle, click.IsInside)];
        });
        return new(points, state.Boxes, withMask ? given.detach().MoveToOuterDisposeScope() : null);
    }

    private delegate void ObjectAction(ref Rng rng, int index);

    // Every object has random numbers of its own, so that looking for clicks can use every core.
    private static void EachObject(ref Rng rng, int count, ObjectAction action)
    {
        var streams = new Rng[count];
        foreach (ref var stream in streams.AsSpan())
        {
            stream = Rng.For(rng.NextUInt64(), 0);
        }

        Parallel.For(0, count, n => action(ref streams[n], n));
    }

    // Every n-th pixel of every n-th row, the middle one; a whole cell counts where the middle would lose a small object.
    private static byte[] Thin(byte[] mask, int size, int stride)
    {
        var side = size / stride;
        var thin = new byte[side * side];
        var found = false;
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var value = mask[(((y * stride) + (stride / 2)) * size) + (x * stride) + (stride / 2)];
                thin[(y * side) + x] = value;
                found |= value != 0;
            }
        }

        for (var i = 0; !found && i < mask.Length; i++)
        {
            if (mask[i] != 0)
            {
                thin[(i / size / stride * side) + (i % size / stride)] = 1;
            }
        }

        return thin;
    }

    // [N, 1, S / 2, S / 2]: the share of each cell that is the object's.
    private static Tensor Share(byte[][] masks, int size)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([masks.Length, 1, size, size], dtype: ScalarType.Byte);
        var span = TensorSpan.Of<byte>(bytes);
        for (var n = 0; n < masks.Length; n++)
        {
            masks[n].CopyTo(span[(n * size * size)..]);
        }

        return nn.functional.avg_pool2d(bytes.to(ScalarType.Float32), TruthStride).MoveToOuterDisposeScope();
    }

    // What the network knows of each object; all objects of an image have prompts of one kind.
    private sealed record State(List<PromptPoint>[] Points, Corners[]? Boxes, Tensor? Mask)
    {
        public SamPrompts Tensors(Device device)
        {
            Tensor? points = null, labels = null, boxes = null;
            if (Points[0].Count > 0)
            {
                points = tensor(Points.SelectMany(list => list).SelectMany(point => new[] { (float)point.X, (float)point.Y }).ToArray(), device: device).view(Points.Length, -1, 2);
                labels = tensor(Points.SelectMany(list => list).Select(point => point.IsInside ? 1f : 0f).ToArray(), device: device).view(Points.Length, -1);
            }

            if (Boxes is not null)
            {
                boxes = tensor(Boxes.SelectMany(box => new[] { (float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom }).ToArray(), device: device).view(Boxes.Length, 4);
            }

            return new(points, labels, boxes, Mask?.to(device));
        }
    }
}
