using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>What a <see cref="Trainer"/> trains: a network, and the loss of one batch of its own data.</summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>The network, on its device, in training mode.</summary>
    nn.Module Network { get; }

    /// <summary>Parts of the network's key names that take no step at a point of the run.</summary>
    bool IsFrozen(long step, string key);

    /// <summary>Takes the data of a step and computes its loss, with gradients.</summary>
    TaskLoss Forward(long step, CancellationToken cancellation);

    /// <summary>Where the data stand, to be saved with a checkpoint.</summary>
    long Position { get; }

    /// <summary>Time that <see cref="Forward"/> has spent on data so far: waiting, packing, copying.</summary>
    TimeSpan DataTime { get; }
}

/// <summary>A step's loss.</summary>
/// <param name="Value">Scalar, to be minimised; owned by the caller.</param>
/// <param name="Items">Clips or images of the batch.</param>
/// <param name="Batch">The batch in words, for messages.</param>
internal sealed record TaskLoss(Tensor Value, int Items, string Batch);
