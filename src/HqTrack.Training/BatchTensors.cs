using HqTrack.Runtime;
using HqTrack.Training.Data;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>Packed clips as tensors. Bytes go to the device, a quarter of what normalised values would be; the rest is done there.</summary>
internal static class BatchTensors
{
    /// <summary>[T, B, 3, S, S] in channels_last memory: (x / 255 - mean) / deviation with ImageNet's numbers.</summary>
    public static Tensor Images(ClipBatch batch, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = Of(batch.Images, [batch.Shape.Frames, batch.Clips, batch.Shape.Size, batch.Shape.Size, 3], device);
        var values = ((bytes.to(ScalarType.Float32) / 255) - tensor(ImageInput.Mean, device: device)) / tensor(ImageInput.Deviation, device: device);
        return values.permute(0, 1, 4, 2, 3).MoveToOuterDisposeScope();
    }

    /// <summary>[T, B, S, S] bytes: ids.</summary>
    public static Tensor Labels(ClipBatch batch, Device device) => Of(batch.Labels, [batch.Shape.Frames, batch.Clips, batch.Shape.Size, batch.Shape.Size], device);

    private static Tensor Of(byte[] values, long[] shape, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = empty(shape, dtype: ScalarType.Byte);
        values.CopyTo(TensorSpan.Of<byte>(bytes));
        return bytes.to(device).MoveToOuterDisposeScope();
    }
}
