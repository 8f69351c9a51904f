using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace PlexSync.Fleet.Storage;

/// <summary>
/// Keeps runs in PostgreSQL, for several nodes: a target is held by a lease that ends by itself, so that another node takes over what a
/// node left behind, and a node that was halted meanwhile can record nothing and sends nothing more.
/// </summary>
/// <param name="database">The database, migrated.</param>
/// <param name="leases">The leases of this node.</param>
/// <param name="time">The clock.</param>
/// <param name="requestTimeout">How long a request to a server may take: leases of runs last that much longer.</param>
internal sealed class PostgresStore(Database database, Leases leases, TimeProvider time, TimeSpan requestTimeout) : ISyncStore
{
    /// <summary>How long a job is held after its node was heard last; short, since nothing is written under it.</summary>
    public static readonly TimeSpan JobLease = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ChangeLease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>A request that was sent right after a renewal ends long before the lease does.</summary>
    private readonly TimeSpan _runLease = requestTimeout + TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        var texts = new List<byte[]>();
        foreach (var plan in plans)
        {
            texts.Add(await PlanText.WriteAsync(plan, cancellationToken).ConfigureAwait(false));
        }

        return await GuardedAsync(async () =>
        {
            while (true)
            {
                try
                {
                    return await database.RunAsync(
                        (connection, token) => BeginAsync(connection, plans, texts, token), cancellationToken).ConfigureAwait(false);
                }
                catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
                {
                    // Another run began at the same moment, and has the name.
                }
            }
        }).ConfigureAwait(false);
    }

    public Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        return GuardedAsync(async () =>
        {
            var lease = await leases.TryTakeAsync(NameOf(run.TargetUser), _runLease, cancellationToken).ConfigureAwait(false)
                ?? throw InProgress(run.Target);
            try
            {
                var stored = await FindAsync(run, cancellationToken).ConfigureAwait(false);
                return (IRunLease)new RunLease(database, leases.Keep(lease), stored, time, stored.Log.RecordedAt);
            }
            catch
            {
                await lease.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        });
    }

    public Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default) =>
        ListRunsAsync(
            "($1::text is null or server = $1) and ($2::bigint is null or target = $2)",
            [server is { } machine ? $"{machine}" : null, target?.Value],
            cancellationToken);

    /// <summary>The last runs on a server, with all their targets, the newest first.</summary>
    /// <param name="server">The server.</param>
    /// <param name="most">How many runs at most: a server may have many thousands.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public Task<IReadOnlyList<SyncRun>> ListLastRunsAsync(MachineIdentifier server, int most, CancellationToken cancellationToken) =>
        ListRunsAsync(
            """
            server = $1 and number >= (
                select min(number) from (select distinct number from runs where server = $1 order by number desc limit $2) as last)
            """,
            [$"{server}", most],
            cancellationToken);

    /// <summary>Runs on a server by their names, with all their targets, the newest first.</summary>
    public Task<IReadOnlyList<SyncRun>> FindRunsAsync(
        MachineIdentifier server, IEnumerable<RunId> runs, CancellationToken cancellationToken) =>
        ListRunsAsync("server = $1 and name = any ($2)", [$"{server}", runs.Select(static run => $"{run}").ToArray()], cancellationToken);

    private Task<IReadOnlyList<SyncRun>> ListRunsAsync(string condition, object?[] values, CancellationToken cancellationToken) =>
        GuardedAsync<IReadOnlyList<SyncRun>>(async () =>
        {
            var runs = new List<SyncRun>();
            var rows = await database.QueryAsync(
                $"select name, number, server, target, summary from runs where {condition} order by number desc, id desc",
                values,
                static row => (
                    Key: new RunKey(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3)),
                    Summary: row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4)),
                cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                // One that another version wrote otherwise is put together again from what it stands for.
                if (FleetJson.TryRead(row.Summary, FleetJson.Default.SyncRun) is { } run)
                {
                    runs.Add(run);
                }
                else if (await StoredRun.TryReadAsync(database, row.Key, cancellationToken).ConfigureAwait(false) is { } stored)
                {
                    runs.Add(stored.Log.ToRun());
                }
            }

            return runs;
        });

    public Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default) =>
        GuardedAsync<IReadOnlySet<RunMark>>(async () => (await database.QueryAsync(
            "select name, finished from runs where server = $1 and target = $2",
            [$"{target.Server}", target.User.Value],
            static row => new RunMark(RunId.Parse(row.GetString(0)), row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false)).ToHashSet());

    public Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        return GuardedAsync(async () => (await FindAsync(run, cancellationToken).ConfigureAwait(false)).Log.ToReport());
    }

    public Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default) =>
        GuardedAsync(() => RunLease.ReadUnkeptAsync(database, target, cancellationToken));

    public Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default) =>
        GuardedAsync(() => StoredAgreements.ReadAsync(database, one, other, cancellationToken));

    public async Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var stored = new StoredAgreements(database, server => HoldAsync($"agreements:{server}", cancellationToken));
        await using (stored.ConfigureAwait(false))
        {
            await GuardedAsync(async () =>
            {
                await change(stored).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
    }

    public Task<LastReading?> ReadLastReadingAsync(string question, CancellationToken cancellationToken = default) =>
        GuardedAsync(async () =>
        {
            var rows = await database.QueryAsync(
                "select body from readings where question = $1",
                [HashOf(question)],
                static row => row.GetFieldValue<byte[]>(0),
                cancellationToken).ConfigureAwait(false);
            // What cannot be read costs a whole reading, no more.
            return rows is [var body] && FleetJson.TryRead(body, FleetJson.Default.LastReading) is { } reading
                && reading.Question == question ? reading : null;
        });

    public Task WriteLastReadingAsync(LastReading reading, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        return GuardedAsync(() => database.ExecuteAsync(
            """
            insert into readings values ($1, $2)
            on conflict (question) do update set body = excluded.body, written_at = excluded.written_at
            """,
            [HashOf(reading.Question), JsonSerializer.SerializeToUtf8Bytes(reading, FleetJson.Default.LastReading)],
            cancellationToken));
    }

    public Task<IWatchLease> WatchAsync(string job, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(job);
        return GuardedAsync<IWatchLease>(async () =>
        {
            var name = $"job:{job.ToUpperInvariant()}";
            if (await leases.TryTakeAsync(name, JobLease, cancellationToken).ConfigureAwait(false) is { } lease)
            {
                return new JobHold(leases.Keep(lease));
            }

            var holder = await leases.FindHolderAsync(name, cancellationToken).ConfigureAwait(false);
            throw new PlexException(PlexErrorKind.JobInProgress, $"Another node keeps the job '{job}' in step.")
            {
                Subject = job,
                Candidates = holder is null ? [] : [holder],
            };
        });
    }

    private async Task<IReadOnlyList<IRunLease>> BeginAsync(
        NpgsqlConnection connection, IReadOnlyList<SyncPlan> plans, List<byte[]> texts, CancellationToken cancellationToken)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var held = new Lease[plans.Count];
        // Always in the same order, so that two runs on the same targets never wait for each other.
        foreach (var at in Enumerable.Range(0, plans.Count).OrderBy(at => NameOf(plans[at].TargetUser), StringComparer.Ordinal))
        {
            held[at] = await leases.TryTakeAsync(connection, NameOf(plans[at].TargetUser), _runLease, cancellationToken)
                .ConfigureAwait(false) ?? throw InProgress(plans[at].Target);
        }

        var id = RunId.Create(time);
        using var next = Database.Prepare(connection, "select nextval('run_numbers'), clock_timestamp()");
        var (number, startedAt) = await SingleAsync(
            next, static row => (row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1)), cancellationToken).ConfigureAwait(false);
        var runs = new List<IRunLease>();
        for (var at = 0; at < plans.Count; at++)
        {
            var target = plans[at].TargetUser;
            using var insert = Database.Prepare(
                connection,
                """
                insert into runs (name, number, server, target, started_at, recorded_at, plan) values ($1, $2, $3, $4, $5, $5, $6)
                returning id
                """,
                $"{id}", number, $"{target.Server}", target.User.Value, startedAt, texts[at]);
            var row = await SingleAsync(insert, static row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
            var log = new RunLog(id, number, plans[at], startedAt);
            runs.Add(new RunLease(database, held[at], new StoredRun(row, id, number, plans[at], log, startedAt), time));
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var lease in held)
        {
            leases.Keep(lease);
        }

        return runs;
    }

    private async Task<StoredRun> FindAsync(SyncRun run, CancellationToken cancellationToken) =>
        await StoredRun.TryReadAsync(
            database,
            new RunKey($"{run.Id}", run.Number, $"{run.Server.MachineIdentifier}", run.Target.Id.Value),
            cancellationToken).ConfigureAwait(false)
            ?? throw new PlexException(PlexErrorKind.RunNotFound, $"There is no run {run.Id}.") { Subject = $"{run.Id}" };

    /// <summary>Waits for a lease that is never held for long.</summary>
    private async Task<Lease> HoldAsync(string name, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (await leases.TryTakeAsync(name, ChangeLease, cancellationToken).ConfigureAwait(false) is { } lease)
            {
                return leases.Keep(lease);
            }

            if (time.GetElapsedTime(began) > LongestWait)
            {
                throw new PlexException(PlexErrorKind.JournalFailed, $"'{name}' was held by others for more than {LongestWait}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 100)), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<T> SingleAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return read(reader);
    }

    private static string NameOf(ServerUser target) => $"target:{target}";

    private static PlexException InProgress(UserReference target) =>
        new(PlexErrorKind.RunInProgress, $"Another run is writing to '{target.Title}'.") { Subject = target.Title };

    private static byte[] HashOf(string question) => SHA256.HashData(Encoding.UTF8.GetBytes(question));

    /// <summary>What the database says, as the failure of a store.</summary>
    internal static async Task<T> GuardedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (Database.IsFailure(e) || e is JsonException)
        {
            throw new PlexException(
                PlexErrorKind.JournalFailed, string.Create(CultureInfo.InvariantCulture, $"The database cannot be used: {e.Message}"), e);
        }
    }

    private sealed class JobHold(Lease lease) : IWatchLease
    {
        public ValueTask RequireAsync(CancellationToken cancellationToken = default)
        {
            lease.RequireFor(TimeSpan.Zero);
            return default;
        }

        public ValueTask DisposeAsync() => lease.DisposeAsync();
    }
}
