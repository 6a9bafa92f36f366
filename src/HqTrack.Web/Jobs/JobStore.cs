using System.Globalization;
using Hangfire;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Npgsql;

namespace HqTrack.Web.Jobs;

/// <summary>The job store cannot be used; the message is one line and holds no password.</summary>
internal sealed class JobStoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// PostgreSQL as the place where jobs wait, so that workers may be any processes on any machines. A worker tells that it lives while it has a job; a job
/// whose worker has not done so for <see cref="Lost"/> is taken by another.
/// </summary>
internal sealed class JobStore
{
    /// <summary>Default of <see cref="Lost"/>.</summary>
    public const int DefaultLostSeconds = 30;

    private const string Schema = "hqtrack_jobs";
    private const long InstallLock = 0x6871747261636b; // "hqtrack": one process at a time makes the tables

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly NpgsqlConnectionStringBuilder connection;

    private JobStore(NpgsqlConnectionStringBuilder connection, TimeSpan lost) => (this.connection, Lost) = (connection, lost);

    /// <summary>After how long without a sign of life a worker is taken for dead.</summary>
    public TimeSpan Lost { get; }

    /// <summary>Reads a connection string.</summary>
    /// <param name="text">As Npgsql takes it: "Host=...;Database=...;Username=...;Password=...".</param>
    /// <param name="lost">After how long a worker is taken for dead; at least 5 seconds.</param>
    /// <exception cref="ArgumentException">It is none; the message does not repeat it.</exception>
    public static JobStore Parse(string text, TimeSpan lost)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text) { ApplicationName = "hqtrack", Timeout = 10 };
            if (!string.IsNullOrEmpty(connection.Host))
            {
                return new(connection, lost);
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Said below: the exception's message may hold a part of a password.
        }

        throw new ArgumentException("it is no connection string of PostgreSQL; expected such as \"Host=db;Database=hqtrack;Username=hqtrack;Password=...\"");
    }

    /// <summary>Connects, and makes the tables where they are missing.</summary>
    /// <exception cref="JobStoreException">PostgreSQL does not answer, or refuses.</exception>
    public void Prepare()
    {
        LogProvider.SetCurrentLogProvider(null); // what makes the tables logs through whatever host was the last in this process, and that may be gone
        try
        {
            using var opened = new NpgsqlConnection(connection.ConnectionString);
            opened.Open();
            Execute(opened, "SELECT pg_advisory_lock($1)");
            PostgreSqlObjectsInstaller.Install(opened, Schema);
            Execute(opened, "SELECT pg_advisory_unlock($1)");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw Failure(e);
        }
    }

    /// <summary>Makes Hangfire use it.</summary>
    public void Configure(IGlobalConfiguration hangfire) => hangfire.UsePostgreSqlStorage(
        bootstrap => bootstrap.UseNpgsqlConnection(connection.ConnectionString),
        new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false, // Prepare did
            QueuePollInterval = Poll,
            InvisibilityTimeout = Lost,
            UseSlidingInvisibilityTimeout = true,
            DistributedLockTimeout = Lost, // one that a killed worker held
        });

    /// <summary>One line about a failure.</summary>
    public JobStoreException Failure(Exception e)
    {
        var reason = (e.InnerException is System.Net.Sockets.SocketException socket ? socket.Message : (e as PostgresException)?.MessageText ?? e.Message).ReplaceLineEndings(" ").TrimEnd('.');
        return new(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL at {connection.Host}, port {connection.Port}, database '{connection.Database ?? connection.Username}' cannot be used: {reason}; check --jobs and that the server runs."), e);
    }

    private static void Execute(NpgsqlConnection opened, string sql)
    {
        using var command = new NpgsqlCommand(sql, opened) { Parameters = { new() { Value = InstallLock } } };
        command.ExecuteNonQuery();
    }
}
