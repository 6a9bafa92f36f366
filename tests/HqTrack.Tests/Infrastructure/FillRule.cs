using System.Text;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Infrastructure;

/// <summary>The deterministic weights and inputs of the goldens (goldens/README.md, "The fill rule").</summary>
internal static class FillRule
{
    /// <summary>unit(i) in [0, 1) for a name.</summary>
    public static double Unit(ulong hash, long index)
    {
        unchecked
        {
            var z = hash + ((ulong)(index + 1) * 0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            return (z >> 40) * (1.0 / (1 << 24));
        }
    }

    /// <summary>64-bit FNV-1a of a name's UTF-8 bytes.</summary>
    public static ulong Hash(string name)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ b) * 0x100000001b3);
        }

        return hash;
    }

    /// <summary>Fills every floating-point entry of a module's state by its key, with a prefix that the case names.</summary>
    public static void Apply(nn.Module module, string prefix = "")
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, value) in module.state_dict())
        {
            if (value.is_floating_point())
            {
                value.copy_(tensor(Values(prefix + key, value.shape), value.shape));
            }
        }
    }

    /// <summary>inp(NAME, shape, scale).</summary>
    public static Tensor Input(string name, long[] shape, double scale = 1)
    {
        var hash = Hash("input:" + name);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((2 * Unit(hash, i)) - 1) * scale);
        }

        return tensor(values, shape);
    }

    /// <summary>Largest absolute difference relative to the golden's largest magnitude.</summary>
    public static double RelativeError(Tensor actual, Tensor golden)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(golden.shape, actual.shape);
        return (actual - golden).abs().max().item<float>() / golden.abs().max().item<float>();
    }

    private static float[] Values(string key, long[] shape)
    {
        var hash = Hash(key);
        var n = shape.Aggregate(1L, (a, b) => a * b);
        var isScale = key.EndsWith(".weight", StringComparison.Ordinal) || key.EndsWith("gamma", StringComparison.Ordinal)
            || key.EndsWith("gamma1", StringComparison.Ordinal) || key.EndsWith("gamma2", StringComparison.Ordinal);
        Func<double, double> map = key switch
        {
            _ when key.EndsWith("running_var", StringComparison.Ordinal) => unit => 0.5 + unit,
            _ when key.EndsWith("running_mean", StringComparison.Ordinal) => unit => 0.2 * ((2 * unit) - 1),
            _ when shape.Length >= 2 => unit => ((2 * unit) - 1) * Math.Sqrt(3.0 / (n / shape[0])),
            _ when isScale => unit => 1 + (0.2 * ((2 * unit) - 1)),
            _ => unit => 0.1 * ((2 * unit) - 1),
        };
        var values = new float[n];
        for (var i = 0; i < n; i++)
        {
            values[i] = (float)map(Unit(hash, i));
        }

        return values;
    }
}
