using System.Text.Json;

namespace PlexSync.Fleet.Storage;

/// <summary>How a run is found.</summary>
internal readonly record struct RunKey(string Name, long Number, string Server, long Target);

/// <summary>A run as the database has it.</summary>
/// <param name="Row">The number of its row.</param>
/// <param name="Id">Its name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="Log">What was recorded.</param>
/// <param name="StartedAt">When it began, by the database's clock.</param>
internal sealed record StoredRun(long Row, RunId Id, long Number, SyncPlan Plan, RunLog Log, DateTimeOffset StartedAt)
{
    /// <summary>When each change was announced, by the server's clock.</summary>
    public Dictionary<int, List<DateTimeOffset>> Announced { get; } = [];

    /// <summary>The number of its last record.</summary>
    public long LastRecord { get; private set; }

    /// <summary>Null if there is none.</summary>
    public static async Task<StoredRun?> TryReadAsync(Database database, RunKey key, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync(
            "select id, number, started_at, recorded_at, plan, results from runs where name = $1 and server = $2 and target = $3",
            [key.Name, key.Server, key.Target],
            static row => new
            {
                Row = row.GetInt64(0),
                Number = row.GetInt64(1),
                StartedAt = row.GetFieldValue<DateTimeOffset>(2),
                RecordedAt = row.GetFieldValue<DateTimeOffset>(3),
                Plan = row.GetFieldValue<byte[]>(4),
                Results = row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
            },
            cancellationToken).ConfigureAwait(false);
        if (rows is not [var found])
        {
            return null;
        }

        var plan = await PlanText.ReadAsync(found.Plan, cancellationToken).ConfigureAwait(false);
        var id = RunId.Parse(key.Name);
        var log = new RunLog(id, found.Number, plan, found.StartedAt) { RecordedAt = found.RecordedAt };
        if (found.Results is not null)
        {
            var results = JsonSerializer.Deserialize(found.Results, FleetJson.Default.StoredResults)!;
            foreach (var outcome in results.Outcomes)
            {
                Add(log, plan, outcome);
            }

            log.Complete(results.Verified, results.Error, results.EndedAt);
            return new StoredRun(found.Row, id, found.Number, plan, log, found.StartedAt);
        }

        var run = new StoredRun(found.Row, id, found.Number, plan, log, found.StartedAt);
        foreach (var (number, at, record) in await database.QueryAsync(
            "select number, change, announced_at, outcome, at from records where run = $1 order by number",
            [found.Row],
            static row => (row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(4), Record: row.IsDBNull(3)
                ? new StoredOutcome
                {
                    Change = row.GetInt32(1),
                    AnnouncedAt = row.IsDBNull(2) ? [] : [row.GetFieldValue<DateTimeOffset>(2)],
                }
                : JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(3), FleetJson.Default.StoredOutcome)!),
            cancellationToken).ConfigureAwait(false))
        {
            Add(log, plan, record);
            if (record.AnnouncedAt is { } times)
            {
                run.Announce(record.Change, times);
            }

            log.RecordedAt = at > log.RecordedAt ? at : log.RecordedAt;
            run.LastRecord = number;
        }

        return run;
    }

    /// <summary>Notes when a change was announced, if that is known.</summary>
    public void Announce(int change, IEnumerable<DateTimeOffset> times)
    {
        lock (Announced)
        {
            if (!Announced.TryGetValue(change, out var known))
            {
                Announced.Add(change, known = []);
            }

            known.AddRange(times);
        }
    }

    private static void Add(RunLog log, SyncPlan plan, StoredOutcome outcome)
    {
        var change = plan.Changes[outcome.Change];
        if (outcome.AnnouncedAt is { Count: 0 })
        {
            log.Announce(change, serverTime: null);
        }

        foreach (var at in outcome.AnnouncedAt ?? [])
        {
            log.Announce(change, at);
        }

        if (outcome.ToResult(change) is { } result)
        {
            log.Record(result);
        }
    }
}

/// <summary>
/// Records a run. Each statement checks the lease, so that the next holder of the target sees all that was recorded.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="lease">The right to write to the target.</param>
/// <param name="run">The run.</param>
/// <param name="time">The clock.</param>
/// <param name="stoppedAt">When the node that was killed recorded something last; null for a run that was not taken up.</param>
internal sealed class RunLease(Database database, Lease lease, StoredRun run, TimeProvider time, DateTimeOffset? stoppedAt = null)
    : IRunLease
{
    private readonly Dictionary<(RatingKey Item, bool IsRating), int> _changes = run.Plan.Changes
        .Select(static (change, at) => (Key: KeyOf(change), at)).ToDictionary(static one => one.Key, static one => one.at);

    private long _last = run.LastRecord;

    public RunId Run => run.Id;

    public long Number => lease.Number;

    public async ValueTask AnnounceAsync(
        PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default)
    {
        var at = _changes[KeyOf(change)];
        await RecordAsync(at, serverTime, outcome: null, cancellationToken).ConfigureAwait(false);
        run.Announce(at, serverTime is { } time ? [time] : []);
    }

    public ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var at = _changes[KeyOf(result.Change)];
        var outcome = JsonSerializer.SerializeToUtf8Bytes(StoredOutcome.Of(at, result), FleetJson.Default.StoredOutcome);
        return RecordAsync(at, serverTime: null, outcome, cancellationToken);
    }

    public void RequireFor(TimeSpan duration) => lease.RequireFor(duration);

    public async Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        await PostgresStore.GuardedAsync(() => CompleteWholeAsync(report, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => lease.DisposeAsync();

    /// <summary>The changes that the server of a target did not keep.</summary>
    public static async Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(
        Database database, ServerUser target, CancellationToken cancellationToken) =>
        await database.QueryAsync(
            "select changes, noticed_at from unkept where server = $1 and target = $2",
            [$"{target.Server}", target.User.Value],
            static row => (Plan: row.GetFieldValue<byte[]>(0), At: row.GetFieldValue<DateTimeOffset[]>(1)),
            cancellationToken).ConfigureAwait(false) is [var unkept]
            && await PlanText.TryReadAsync(unkept.Plan, cancellationToken).ConfigureAwait(false) is { } plan
            ? [.. plan.Changes.Zip(unkept.At, static (change, at) => new UnkeptChange(change, at))]
            // What cannot be read costs one more attempt, no more.
            : [];

    private static (RatingKey Item, bool IsRating) KeyOf(PlannedChange change) =>
        (change.Item.RatingKey, change.Action is ChangeAction.Rating);

    private async ValueTask RecordAsync(int change, DateTimeOffset? serverTime, byte[]? outcome, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _last);
        // A second attempt may find the record of the first.
        await PostgresStore.GuardedAsync(() => lease.WriteAsync(
            """
            written as (
                insert into records (run, number, change, announced_at, outcome) select $3, $4, $5, $6, $7 from held on conflict do nothing)
            """,
            [run.Row, number, change, serverTime?.ToUniversalTime(), outcome],
            cancellationToken)).ConfigureAwait(false);
    }

    private async Task<bool> CompleteWholeAsync(SyncReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var target = run.Plan.TargetUser;
        var known = await ReadUnkeptAsync(database, target, cancellationToken).ConfigureAwait(false);
        var unkept = UnkeptChange.Update([.. known.Where(one => one.IsCurrent(now))], report, now);
        var log = new RunLog(run.Id, run.Number, run.Plan, run.StartedAt);
        var endedAt = stoppedAt ?? now;
        var outcomes = new List<StoredOutcome>();
        foreach (var result in report.Results)
        {
            var at = _changes[KeyOf(result.Change)];
            outcomes.Add(StoredOutcome.Of(at, result) with { AnnouncedAt = run.Announced.GetValueOrDefault(at) });
            log.Record(result);
        }

        log.Complete(report.Verified, report.Error, endedAt);
        var summary = log.ToRun();
        var results = new StoredResults { Outcomes = outcomes, Verified = report.Verified, Error = report.Error, EndedAt = endedAt };
        return await lease.WriteAsync(
            """
            remembered as (
                insert into unkept select $4, $5, $6, $10 from held
                on conflict (server, target) do update set changes = excluded.changes, noticed_at = excluded.noticed_at),
            done as (
                update runs set finished = true, results = $7, summary = $8, recorded_at = clock_timestamp()
                where id = $3 and not $9 and exists (select from held)),
            kept as (delete from records where run = $3 and not $9 and exists (select from held)),
            gone as (delete from runs where id = $3 and $9 and exists (select from held))
            """,
            [
                run.Row, $"{target.Server}", target.User.Value,
                await PlanText.WriteAsync(
                    run.Plan with { Changes = [.. unkept.Select(static one => one.Change)] }, cancellationToken).ConfigureAwait(false),
                JsonSerializer.SerializeToUtf8Bytes(results, FleetJson.Default.StoredResults),
                JsonSerializer.SerializeToUtf8Bytes(summary, FleetJson.Default.SyncRun),
                // Nothing to undo and nothing to settle.
                summary.Written == 0,
                unkept.Select(static one => one.At.ToUniversalTime()).ToArray(),
            ],
            cancellationToken).ConfigureAwait(false);
    }
}
