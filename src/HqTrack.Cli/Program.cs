using HqTrack.Cli;

using var interruption = Interruption.OfThisProcess();
return await CommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error), interruption);
