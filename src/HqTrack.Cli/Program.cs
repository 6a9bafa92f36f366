using HqTrack.Cli;

// Signals are handled on the thread pool, where training computes too: with one thread for each core, one core's Ctrl-C would wait for the end of the run.
ThreadPool.SetMinThreads(Math.Max(4, Environment.ProcessorCount), Math.Max(4, Environment.ProcessorCount));
using var interruption = Interruption.OfThisProcess();
return await CommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error), interruption);
