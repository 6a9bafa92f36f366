using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>Where the client is: stdin and stdout, file descriptors of TRAX_IN and TRAX_OUT, or port TRAX_SOCKET of this machine.</summary>
internal sealed class TraxConnection(Stream input, Stream output) : IDisposable
{
    public const string SocketVariable = "TRAX_SOCKET";
    public const string InputVariable = "TRAX_IN";
    public const string OutputVariable = "TRAX_OUT";

    private static readonly TimeSpan ConnectFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>Bytes from the client.</summary>
    public Stream Input { get; } = input;

    /// <summary>Bytes to the client.</summary>
    public Stream Output { get; } = output;

    /// <summary>Opens what the environment names.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="cancellationToken">Ends the waiting for the client's port.</param>
    /// <exception cref="EvaluationException">A variable is no number, or nobody listens at the port within 30 s.</exception>
    public static async Task<TraxConnection> OpenAsync(Func<string, string?> variable, CancellationToken cancellationToken)
    {
        if (Number(variable, SocketVariable, IPEndPoint.MaxPort) is { } port)
        {
            var stream = await ConnectAsync(port, cancellationToken).ConfigureAwait(false);
            return new(stream, stream);
        }

        return new(
            Descriptor(Number(variable, InputVariable, int.MaxValue) ?? 0, FileAccess.Read),
            Descriptor(Number(variable, OutputVariable, int.MaxValue) ?? 1, FileAccess.Write));
    }

    public void Dispose()
    {
        // A stream in which a read still waits is left to the end of the process.
        if (Output is NetworkStream)
        {
            Output.Dispose();
        }
    }

    private static async Task<NetworkStream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
                return new(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (System.Diagnostics.Stopwatch.GetElapsedTime(start) > ConnectFor)
                {
                    throw new EvaluationException($"nobody listens at 127.0.0.1:{port} ({SocketVariable}) after {ConnectFor.TotalSeconds:0} s, expected the client there.", e);
                }
            }

            await Task.Delay(RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    private static FileStream Descriptor(int number, FileAccess access) => !OperatingSystem.IsLinux() || File.Exists($"/proc/self/fd/{number}")
        ? new(new SafeFileHandle(number, ownsHandle: false), access, bufferSize: 0)
        : throw new EvaluationException($"file descriptor {number} is not open, expected the one to {(access == FileAccess.Read ? "read from" : "write to")} the client; check {InputVariable} and {OutputVariable}.");

    private static int? Number(Func<string, string?> variable, string name, int largest) => variable(name) switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= largest => number,
        var text => throw new EvaluationException($"{name} is '{text}', expected a whole number from 0 to {largest}."),
    };
}
