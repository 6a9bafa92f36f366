using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace HqTrack.Training.Data;

/// <summary>
/// Hands out clips 0, 1, 2 ... of a run in order, made ahead by its own threads. Clip i depends on (seed, i) alone: neither the number
/// of threads nor where a run was resumed changes it. One consumer.
/// </summary>
internal sealed class ClipLoader : IDisposable
{
    private readonly IClipSource _source;
    private readonly ClipShape _shape;
    private readonly ulong _seed;
    private readonly Made?[] _queue;
    private readonly object _gate = new();
    private readonly Thread[] _threads;
    private long _claimed;
    private bool _stopped;
    private long _waitTicks;
    private long _makeTicks;

    /// <param name="source">What makes the clips.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="first">Number of the first clip handed out: 0, or where a run left off (<see cref="Position"/>).</param>
    /// <param name="threads">Threads that make clips; 0 makes each clip when it is asked for, on the caller's.</param>
    /// <param name="queue">Clips kept ready at most; one of 4 x 241 x 241 holds 0.9 MB.</param>
    public ClipLoader(IClipSource source, ClipShape shape, ulong seed, long first = 0, int threads = 1, int queue = 48)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(queue, 1);
        (_source, _shape, _seed, Position, _claimed) = (source, shape, seed, first, first);
        _queue = new Made?[queue];
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"clip loader {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Number of the next clip; save it to resume here.</summary>
    public long Position { get; private set; }

    /// <summary>How long <see cref="Next(CancellationToken)"/> has kept its caller waiting in all.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _waitTicks);

    /// <summary>Time spent making clips, summed over threads.</summary>
    public TimeSpan Making => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _makeTicks));

    /// <summary>The next clip.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <exception cref="Media.MediaException">The source failed at this clip; the loader stays at it.</exception>
    public Clip Next(CancellationToken cancellation = default)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var made = _threads.Length == 0 ? Make(Position) : Dequeue(cancellation);
            made.Failure?.Throw();
            Advance();
            return made.Clip!;
        }
        finally
        {
            _waitTicks += Stopwatch.GetTimestamp() - start;
        }
    }

    /// <summary>The next B clips, packed.</summary>
    public void Next(ClipBatch batch, CancellationToken cancellation = default)
    {
        var clips = new Clip[batch.Clips];
        for (var b = 0; b < clips.Length; b++)
        {
            clips[b] = Next(cancellation);
        }

        batch.Pack(clips);
    }

    /// <summary>Stops the threads, after the clips they are making.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private Made Dequeue(CancellationToken cancellation)
    {
        using var wake = cancellation.UnsafeRegister(
            static gate =>
            {
                lock (gate!)
                {
                    Monitor.PulseAll(gate);
                }
            },
            _gate);
        lock (_gate)
        {
            ref var slot = ref _queue[Position % _queue.Length];
            while (slot is null)
            {
                cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_stopped, this);
                Monitor.Wait(_gate);
            }

            return slot;
        }
    }

    private void Advance()
    {
        lock (_gate)
        {
            _queue[Position % _queue.Length] = null;
            Position++;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (true)
        {
            long index;
            lock (_gate)
            {
                // A slot is free once the clip that had it, one queue's length before, was handed out.
                while (!_stopped && _claimed >= Position + _queue.Length)
                {
                    Monitor.Wait(_gate);
                }

                if (_stopped)
                {
                    return;
                }

                index = _claimed++;
            }

            var made = Make(index);
            lock (_gate)
            {
                _queue[index % _queue.Length] = made;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private Made Make(long index)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var rng = Rng.For(_seed, index);
            return new Made(_source.Next(ref rng, _shape), null);
        }
        catch (Exception e)
        {
            // Kept for whoever asks for this clip: the other threads go on.
            return new Made(null, ExceptionDispatchInfo.Capture(e));
        }
        finally
        {
            Interlocked.Add(ref _makeTicks, Stopwatch.GetTimestamp() - start);
        }
    }

    private sealed record Made(Clip? Clip, ExceptionDispatchInfo? Failure);
}
