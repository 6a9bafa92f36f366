using System.Diagnostics;
using HqTrack.Training.Data;
using HqTrack.Training.Losses;
using HqTrack.Training.Optimization;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Vmos;

/// <summary>Trains a segmenter on clips.</summary>
internal sealed class VmosTask : ITrainingTask
{
    private const int QueuedBatches = 12;

    private readonly VmosNetwork network;
    private readonly ClipPass pass;
    private readonly TrainingRecipe recipe;
    private readonly IClipSource source;
    private readonly int loaderThreads;
    private readonly Device device;
    private TrainingPhase? phase;
    private ClipLoader? loader;
    private ClipBatch? batch;
    private long dataTicks;

    /// <param name="network">The network; disposed with the task.</param>
    /// <param name="recipe">Numbers of the run.</param>
    /// <param name="source">Where clips come from.</param>
    /// <param name="position">First clip: 0, or where a run left off.</param>
    /// <param name="loaderThreads">Threads that prepare clips; 0 prepares each when it is needed.</param>
    /// <param name="device">Where the network lives.</param>
    public VmosTask(VmosNetwork network, TrainingRecipe recipe, IClipSource source, long position, int loaderThreads, Device device)
    {
        (this.network, this.recipe, this.source, this.loaderThreads, this.device) = (network, recipe, source, loaderThreads, device);
        Position = position;
        pass = new ClipPass(network);
        network.train();
    }

    public nn.Module Network => network;

    public long Position { get; private set; }

    public TimeSpan DataTime => Stopwatch.GetElapsedTime(0, dataTicks);

    public bool IsFrozen(long step, string key) => FreezesIdentities(step) && ParameterGroups.IsIdentityBank(key);

    public TaskLoss Forward(long step, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        var first = Position;
        var (images, labels) = NextBatch(step, cancellation);
        var rng = Rng.For(recipe.Seed ^ 0x5bd1e995, step); // a stream of its own beside the clips'
        var channels = tensor(IdentityShuffle.Draw(ref rng, batch!.ObjectCounts, network.Config.MaxObjects), device: device);
        var uses = new bool[batch.Shape.Frames - 1];
        for (var t = 0; t < uses.Length; t++)
        {
            uses[t] = rng.Chance((float)recipe.Feedback(step));
        }

        dataTicks += Stopwatch.GetTimestamp() - start;
        var share = BootstrappedCrossEntropy.Share(step, recipe.HardMining * recipe.Steps);
        var options = new ClipPassOptions(share, recipe.MemoryGap, recipe.FrozenStages, uses, recipe.ReferenceWeight(step), FreezesIdentities(step));
        var result = pass.Forward(images, labels, channels, options);
        return new(result.Loss.MoveToOuterDisposeScope(), batch.Clips, $"clips {first} to {Position - 1} of seed {recipe.Seed}");
    }

    public void Dispose()
    {
        loader?.Dispose();
        network.Dispose();
    }

    private bool FreezesIdentities(long step) => recipe.FreezesIdentities && recipe.Feedback(step) >= 1;

    // [T, B, 3, S, S] and [T, B, S, S].
    private (Tensor Images, Tensor Labels) NextBatch(long step, CancellationToken cancellation)
    {
        var wanted = recipe.PhaseAt(step);
        if (wanted != phase)
        {
            loader?.Dispose();
            loader = new ClipLoader(source, wanted.Shape, recipe.Seed, Position, loaderThreads, QueuedBatches * wanted.Batch);
            batch = new ClipBatch(wanted.Batch, wanted.Shape);
            phase = wanted;
        }

        loader!.Next(batch!, cancellation);
        Position = loader.Position;
        return (BatchTensors.Images(batch!, device), BatchTensors.Labels(batch!, device));
    }
}
