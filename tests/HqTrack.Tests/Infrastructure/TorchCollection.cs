using HqTrack.Runtime;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Torch tests share process-wide state (threads, live tensors), so they run one after another.</summary>
[CollectionDefinition("torch", DisableParallelization = true)]
public sealed class TorchCollection : ICollectionFixture<TorchFixture>;

public sealed class TorchFixture
{
    public TorchFixture() => NativeRuntime.EnsureLoaded();
}
