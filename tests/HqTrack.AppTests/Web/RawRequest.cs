using System.Net.Sockets;
using System.Text;

namespace HqTrack.AppTests.Web;

/// <summary>Requests as an attacker writes them: nothing is normalised or checked on the way.</summary>
internal static class RawRequest
{
    /// <summary>Sends text and reads the answer until the server closes.</summary>
    /// <returns>The status, 0 where the server closed without one, and the whole answer.</returns>
    public static async Task<(int Status, string Answer)> SendAsync(Uri server, string text, TimeSpan? pauseBetweenBytes = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await using var stream = client.GetStream();
        var answer = ReadAsync(stream);
        var bytes = Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n"));
        try
        {
            if (pauseBetweenBytes is { } pause)
            {
                foreach (var one in bytes)
                {
                    await stream.WriteAsync(new[] { one });
                    if (answer.IsCompleted)
                    {
                        break;
                    }

                    await Task.Delay(pause);
                }
            }
            else
            {
                await stream.WriteAsync(bytes);
            }
        }
        catch (IOException)
        {
            // The server has closed: it said enough.
        }

        var said = await answer.WaitAsync(TimeSpan.FromSeconds(30));
        return (said.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(said.AsSpan(9, 3)) : 0, said);
    }

    /// <summary>A GET for a target as it is.</summary>
    public static Task<(int Status, string Answer)> GetAsync(Uri server, string target, string headers = "") =>
        SendAsync(server, $"GET {target} HTTP/1.1\nHost: {server.Authority}\nConnection: close\n{headers}\n");

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Closed hard.
        }

        return answer.ToString();
    }
}
