using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace HqTrack.AppTests.Infrastructure;

/// <summary>A PostgreSQL server of the test's own, in a temporary folder and on a free port; it can be restarted. Skips the test where PostgreSQL is not installed.</summary>
internal sealed class PostgresServer : IDisposable
{
    private readonly string folder;
    private readonly string programs;
    private readonly int port;

    private PostgresServer(string folder, string programs, int port) => (this.folder, this.programs, this.port) = (folder, programs, port);

    /// <summary>The password of <see cref="Connection"/>, which nothing may print.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>Connection string.</summary>
    public string Connection => $"Host=127.0.0.1;Port={port};Database=postgres;Username=hqtrack;Password={Password}";

    /// <summary>Makes and starts a server.</summary>
    public static PostgresServer Start()
    {
        var programs = Programs();
        Assert.SkipWhen(programs is null, "PostgreSQL (initdb, pg_ctl) is not installed");
        Assert.SkipWhen(Environment.UserName == "root" && !File.Exists("/usr/sbin/runuser") && !File.Exists("/sbin/runuser"), "PostgreSQL does not run as root, and there is no runuser");
        var folder = Directory.CreateTempSubdirectory("hqtrack-postgres-").FullName;
        if (Environment.UserName == "root")
        {
            Run("chown", ["postgres", folder]);
        }

        var server = new PostgresServer(folder, programs!, FreePort());
        try
        {
            var secret = Path.Combine(folder, "secret");
            File.WriteAllText(secret, server.Password + "\n");
            server.AsOwner("initdb", "-D", server.Data, "-U", "hqtrack", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync");
            server.Begin();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server without waiting for its clients, and starts it again.</summary>
    public void Restart(TimeSpan away)
    {
        Stop();
        Thread.Sleep(away);
        Begin();
    }

    /// <summary>Stops the server without waiting for its clients.</summary>
    public void Stop() => AsOwner("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");

    public void Dispose()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            Stop();
        }

        Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "data");

    private void Begin() => AsOwner(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(folder, "log"), "-o", $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=200", "start");

    private void AsOwner(string program, params string[] args)
    {
        var path = Path.Combine(programs, program);
        if (Environment.UserName == "root")
        {
            Run("runuser", ["-u", "postgres", "--", path, .. args]);
        }
        else
        {
            Run(path, args);
        }
    }

    // Output goes nowhere: the server inherits it, and would hold a pipe open.
    private static void Run(string program, IReadOnlyList<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. args]) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', args)} ended with {process.ExitCode}");
    }

    private static string? Programs()
    {
        string[] folders = [.. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [], .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)];
        return Array.Find(folders, candidate => File.Exists(Path.Combine(candidate, "initdb")) && File.Exists(Path.Combine(candidate, "pg_ctl")));
    }

    /// <summary>A port that nothing listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
