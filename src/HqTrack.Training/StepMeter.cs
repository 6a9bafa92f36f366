namespace HqTrack.Training;

/// <summary>Sums up steps between two lines of the log.</summary>
internal sealed class StepMeter
{
    private int steps;
    private double loss;
    private double norm;
    private long items;
    private TimeSpan total;
    private TimeSpan data;

    /// <summary>Adds a step.</summary>
    public void Add(double loss, double norm, int items, TimeSpan total, TimeSpan data)
    {
        steps++;
        this.loss += loss;
        this.norm += norm;
        this.items += items;
        this.total += total;
        this.data += data;
    }

    /// <summary>The means since the line before.</summary>
    public LogLine Line(long step, double seconds, double rate)
    {
        var line = new LogLine(step, seconds, loss / steps, rate, norm / steps, items / total.TotalSeconds, 1 - (data / total));
        (steps, loss, norm, items, total, data) = (0, 0, 0, 0, default, default);
        return line;
    }
}
