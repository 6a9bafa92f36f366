using System.Diagnostics;
using HqTrack.Ops;
using HqTrack.Refiner.Sam;
using HqTrack.Training.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Training.Refiner;

/// <summary>Trains a light mask refiner on single images: one pass of the encoder for a batch of them, then the prompts of each, or of several together.</summary>
internal sealed class RefinerTask : ITrainingTask
{
    private readonly SamNetwork network;
    private readonly LiteEncoder encoder;
    private readonly RefinerRecipe recipe;
    private readonly PromptPass pass;
    private readonly ClipLoader loader;
    private readonly ClipBatch batch;
    private readonly Device device;
    private readonly Parameter[] prompted;
    private long dataTicks;

    /// <param name="network">A network with a light encoder and a high-quality decoder whose square is the recipe's; disposed with the task.</param>
    /// <param name="recipe">Numbers of the run.</param>
    /// <param name="source">Where images come from, as clips of one frame.</param>
    /// <param name="position">First image: 0, or where a run left off.</param>
    /// <param name="loaderThreads">Threads that prepare images; 0 prepares each when it is needed.</param>
    /// <param name="device">Where the network lives.</param>
    /// <exception cref="TrainingException">The network's encoder or decoder is of another kind.</exception>
    public RefinerTask(SamNetwork network, RefinerRecipe recipe, IClipSource source, long position, int loaderThreads, Device device)
    {
        (this.network, this.recipe, this.device) = (network, recipe, device);
        encoder = network.ImageEncoder as LiteEncoder is { } light && network.Config.IsHighQuality
            ? light
            : throw new TrainingException($"'{network.Config.Name}' cannot be trained here, expected {SamConfig.Lite.Name}; choose that model.");
        pass = new PromptPass(network, recipe.Prompts);
        var shape = new ClipShape(1, recipe.Size + 1);
        loader = new ClipLoader(source, shape, recipe.Seed, position, loaderThreads);
        batch = new ClipBatch(recipe.Images, shape);
        prompted = [.. network.named_parameters().Where(entry => !entry.name.StartsWith("image_encoder.", StringComparison.Ordinal)).Select(entry => entry.parameter)];
        network.train();
    }

    public nn.Module Network => network;

    public long Position => loader.Position;

    public TimeSpan DataTime => Stopwatch.GetElapsedTime(0, dataTicks);

    public bool IsFrozen(long step, string key) => false;

    public TaskLoss Forward(long step, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        var from = Position;
        loader.Next(batch, cancellation);
        var rng = Rng.For(recipe.Seed ^ 0x5bd1e995, step); // a stream of its own beside the images'
        var truths = new byte[recipe.Images][][];
        Parallel.For(0, truths.Length, image => truths[image] = Objects(image));
        foreach (var objects in truths)
        {
            rng.Shuffle(objects.AsSpan());
        }

        var input = Images();
        dataTicks += Stopwatch.GetTimestamp() - start;
        var maps = encoder.Encode(input, recipe.FrozenStages);
        var positions = network.PromptEncoder.DensePositions();
        var losses = new List<Tensor>();
        var prompts = 0;
        for (var first = 0; first < truths.Length; first += recipe.Together)
        {
            var count = Math.Min(recipe.Together, truths.Length - first);
            var objects = Enumerable.Range(0, count).SelectMany(image => truths[first + image].Take(recipe.Objects).Select(mask => (Image: (long)image, Mask: mask))).ToArray();
            if (objects.Length == 0)
            {
                continue; // nothing of an object in the part of the pictures that the square shows
            }

            var images = network.Prepare(input.narrow(0, first, count), new(maps.Embedding.narrow(0, first, count), maps.Early.narrow(0, first, count)), positions);
            var own = count == 1 ? images : images.Of(tensor(objects.Select(entry => entry.Image).ToArray(), device: device));
            losses.Add(pass.Forward(own, [.. objects.Select(entry => entry.Mask)], ref rng) * objects.Length);
            prompts += objects.Length;
        }

        var total = losses.Count > 0 ? stack(losses).sum() / prompts : (maps.Embedding * 0).sum();
        total = total + NoGradient();
        return new(total.MoveToOuterDisposeScope(), recipe.Images, $"images {from} to {Position - 1} of seed {recipe.Seed}");
    }

    public void Dispose()
    {
        loader.Dispose();
        network.Dispose();
    }

    // Zero for every parameter that a kind of prompt may leave out: AdamW passes over parameters that have had no gradient since the program started, so that a resumed run would take other steps
    // than one that was never stopped.
    private Tensor NoGradient()
    {
        using var scope = NewDisposeScope();
        var sums = prompted.Select(parameter => parameter.sum() * 0).ToArray();
        return stack(sums).sum().MoveToOuterDisposeScope();
    }

    // [B, 3, S, S], channels_last: the network's square is one pixel smaller than a clip's.
    private Tensor Images()
    {
        using var scope = NewDisposeScope();
        var square = BatchTensors.Images(batch, device)[0].narrow(2, 0, recipe.Size).narrow(3, 0, recipe.Size);
        return ChannelsLast.Of(square).MoveToOuterDisposeScope();
    }

    // One mask of S x S bytes for each object of an image that the square shows.
    private byte[][] Objects(int image)
    {
        int size = recipe.Size, side = size + 1;
        var labels = batch.Labels.AsSpan(image * side * side, side * side);
        var masks = new byte[batch.ObjectCounts[image] + 1][];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                if (labels[(y * side) + x] is var id && id > 0)
                {
                    (masks[id] ??= new byte[size * size])[(y * size) + x] = 1;
                }
            }
        }

        return [.. masks.Where(mask => mask is not null)];
    }
}
