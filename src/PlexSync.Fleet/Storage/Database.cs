using System.Reflection;
using Npgsql;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace PlexSync.Fleet.Storage;

/// <summary>The database that all nodes share. All statements may be sent twice: a failure that may pass is tried again.</summary>
internal sealed class Database : IAsyncDisposable
{
    /// <summary>The schema of all tables, those of the scheduler included.</summary>
    public const string Schema = "plexsync";

    /// <summary>The lock under which one node at a time changes the schema; any number that nobody else uses in this database.</summary>
    private const long MigrationLock = 0x506C_6578_53_79_6E;

    /// <summary>For how long a statement is tried again: longer than PostgreSQL takes to restart.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ResiliencePipeline _retrying;

    public Database(string connectionString, TimeProvider time)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.SearchPath = Schema;
        builder.ApplicationName ??= "plexsync-fleet";
        builder.CommandTimeout = 30;
        builder.Timeout = 5;
        // Nothing is set on a connection that the next user of it must not see; to reset it would be half of all statements.
        builder.NoResetOnClose = true;
        // A process that is stopped in the middle of a transaction would keep its locks, and with them every other node, for as long as it
        // lives: its connection stays up.
        builder.Options = "-c idle_in_transaction_session_timeout=10s " + builder.Options;
        Source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
        _retrying = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(Patience)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static outcome => ValueTask.FromResult(IsPassing(outcome.Outcome.Exception)),
                MaxRetryAttempts = int.MaxValue,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>Whether a failure may be gone at the next attempt: the database restarts, or a node ahead was in the way.</summary>
    public static bool IsPassing(Exception? e) => e is NpgsqlException { IsTransient: true } or TimeoutException
        || (e is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown })
        || (e is NpgsqlException and not PostgresException);

    /// <summary>Whether it is a failure of the database, and not of what was to be done with it.</summary>
    public static bool IsFailure(Exception? e) => e is NpgsqlException or TimeoutException or ExecutionRejectedException;

    /// <summary>Brings the schema up to date: every script that this database has not seen, in order.</summary>
    public Task MigrateAsync(CancellationToken cancellationToken) => RunAsync(
        async (connection, token) =>
        {
            await ExecuteAsync(connection, $"select pg_advisory_lock({MigrationLock})", token).ConfigureAwait(false);
            try
            {
                await ExecuteAsync(
                    connection,
                    $"create schema if not exists {Schema}; create table if not exists migrations (name text primary key, at timestamptz)",
                    token).ConfigureAwait(false);
                foreach (var script in Assembly.GetExecutingAssembly().GetManifestResourceNames()
                    .Where(static name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
                {
                    await ApplyAsync(connection, script, token).ConfigureAwait(false);
                }
            }
            finally
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({MigrationLock})", CancellationToken.None).ConfigureAwait(false);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Does something on a connection of its own, and again if it failed in a way that may pass.</summary>
    /// <exception cref="TimeoutException">It failed for too long; the message is that of the last attempt.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        Exception? last = null;
        try
        {
            return await _retrying.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        var connection = await Source.OpenConnectionAsync(token).ConfigureAwait(false);
                        await using (connection.ConfigureAwait(false))
                        {
                            return await work(connection, token).ConfigureAwait(false);
                        }
                    }
                    catch (NpgsqlException e)
                    {
                        last = e;
                        throw;
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException e) when (last is not null)
        {
            throw new TimeoutException(last.Message, e);
        }
    }

    /// <summary>Sends a statement; gives the number of rows.</summary>
    public Task<int> ExecuteAsync(string sql, object?[] values, CancellationToken cancellationToken) => RunAsync(
        async (connection, token) =>
        {
            using var command = Prepare(connection, sql, values);
            return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Reads rows.</summary>
    public Task<List<T>> QueryAsync<T>(
        string sql, object?[] values, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => RunAsync(
        async (connection, token) =>
        {
            using var command = Prepare(connection, sql, values);
            using var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
            var rows = new List<T>();
            while (await reader.ReadAsync(token).ConfigureAwait(false))
            {
                rows.Add(read(reader));
            }

            return rows;
        },
        cancellationToken);

    /// <summary>A statement with its values, $1 first.</summary>
    public static NpgsqlCommand Prepare(NpgsqlConnection connection, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            // PostgreSQL takes no zero in a text. What a server says may have one, and noting a failure must not fail for it.
            var given = value is string text ? text.Replace('\0', '\uFFFD') : value;
            command.Parameters.Add(new NpgsqlParameter { Value = given ?? DBNull.Value });
        }

        return command;
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private static async Task ApplyAsync(NpgsqlConnection connection, string script, CancellationToken cancellationToken)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        using var note = Prepare(connection, "insert into migrations values ($1, now()) on conflict do nothing", script);
        if (await note.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1)
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(script)!);
            await ExecuteAsync(connection, await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a statement on a connection that is open.</summary>
    public static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] values)
    {
        using var command = Prepare(connection, sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
