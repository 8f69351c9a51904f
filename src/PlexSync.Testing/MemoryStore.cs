using System.Runtime.CompilerServices;

namespace PlexSync.Testing;

/// <summary>
/// A store for tests, in memory: it keeps every promise of a store except that of surviving the process. A run whose lease is disposed of
/// before it was completed waits to be settled, as after a crash.
/// </summary>
/// <param name="timeProvider">The clock; the system's if null.</param>
public sealed class MemoryStore(TimeProvider? timeProvider = null) : ISyncStore, IDisposable
{
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly List<Run> _runs = [];
    private readonly Dictionary<ServerUser, Lease> _held = [];
    private readonly Dictionary<ServerUser, IReadOnlyList<UnkeptChange>> _unkept = [];
    private readonly List<Agreements> _agreements = [];
    private readonly Dictionary<string, LastReading> _readings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WatchLease> _watched = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _changing = new(1);
    private long _last;

    /// <summary>
    /// Takes every lease away, as a store on another machine does after it has not heard from a process for long: the holders can record no
    /// more.
    /// </summary>
    public void RevokeLeases()
    {
        lock (_runs)
        {
            _held.Clear();
            _watched.Clear();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_runs)
        {
            foreach (var plan in plans)
            {
                RequireFree(plan.Server, plan.Target);
            }

            var number = ++_last;
            var id = RunId.Create(_time);
            while (_runs.Exists(run => run.Id == id))
            {
                id = RunId.Create(_time);
            }

            var leases = new List<IRunLease>();
            foreach (var plan in plans)
            {
                var run = new Run(id, KeyOf(plan.Server, plan.Target), new RunLog(id, number, plan, _time.GetUtcNow()));
                _runs.Add(run);
                leases.Add(Hold(run, number, stoppedAt: null));
            }

            return Task.FromResult<IReadOnlyList<IRunLease>>(leases);
        }
    }

    /// <inheritdoc/>
    public Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            var found = Find(run);
            RequireFree(run.Server, run.Target);
            return Task.FromResult<IRunLease>(Hold(found, ++_last, found.Log.RecordedAt));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            IReadOnlyList<SyncRun> runs =
            [
                .. _runs.Where(run => (server is null || run.Target.Server == server) && (target is null || run.Target.User == target))
                    .Select(static run => run.Log.ToRun())
                    .OrderByDescending(static run => run.Number),
            ];
            return Task.FromResult(runs);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            IReadOnlySet<RunMark> marks = _runs.Where(run => run.Target == target)
                .Select(static run => new RunMark(run.Id, run.Log.IsFinished)).ToHashSet();
            return Task.FromResult(marks);
        }
    }

    /// <inheritdoc/>
    public Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            return Task.FromResult(Find(run).Log.ToReport());
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            return Task.FromResult(_unkept.GetValueOrDefault(target) ?? []);
        }
    }

    /// <inheritdoc/>
    public Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            var wanted = new Agreements(one, other);
            return Task.FromResult(
                _agreements.Find(known => (known.One, known.Other) == (wanted.One, wanted.Other)) is { } known ? Copy(known) : null);
        }
    }

    /// <inheritdoc/>
    public async Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await change(new Change(this)).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public Task<LastReading?> ReadLastReadingAsync(string question, CancellationToken cancellationToken = default)
    {
        lock (_runs)
        {
            return Task.FromResult(_readings.GetValueOrDefault(question));
        }
    }

    /// <inheritdoc/>
    public Task WriteLastReadingAsync(LastReading reading, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        lock (_runs)
        {
            _readings[reading.Question] = reading;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IWatchLease> WatchAsync(string job, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(job);
        lock (_runs)
        {
            var lease = new WatchLease(this, job);
            return _watched.TryAdd(job, lease)
                ? Task.FromResult<IWatchLease>(lease)
                : throw new PlexException(PlexErrorKind.JobInProgress, $"Another process keeps the job '{job}' in step.") { Subject = job };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private static ServerUser KeyOf(ServerReference server, UserReference user) => new(server.MachineIdentifier, user.Id);

    private void RequireFree(ServerReference server, UserReference target)
    {
        if (_held.ContainsKey(KeyOf(server, target)))
        {
            throw new PlexException(PlexErrorKind.RunInProgress, $"Another run is writing to '{target.Title}'.") { Subject = target.Title };
        }
    }

    private Run Find(SyncRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _runs.Find(known => known.Id == run.Id && known.Target == KeyOf(run.Server, run.Target))
            ?? throw new PlexException(PlexErrorKind.InvalidFile, $"There is no run {run.Id}.") { Subject = $"{run.Id}" };
    }

    private Lease Hold(Run run, long number, DateTimeOffset? stoppedAt) =>
        _held[run.Target] = new Lease(this, run, number, stoppedAt);

    /// <summary>Callers may change what they get.</summary>
    private static Agreements Copy(Agreements agreements)
    {
        var copy = new Agreements(agreements.One, agreements.Other) { IsArmed = agreements.IsArmed };
        foreach (var item in agreements.Items)
        {
            copy.Add(item);
        }

        return copy;
    }

    private sealed record Run(RunId Id, ServerUser Target, RunLog Log);

    private sealed class Lease(MemoryStore store, Run run, long number, DateTimeOffset? stoppedAt) : IRunLease
    {
        public RunId Run => run.Id;

        public long Number => number;

        public ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default)
        {
            Record(log => log.Announce(change, serverTime));
            return default;
        }

        public void RequireFor(TimeSpan duration)
        {
            lock (store._runs)
            {
                RequireHeld();
            }
        }

        public ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default)
        {
            Record(log => log.Record(result));
            return default;
        }

        public Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(report);
            Record(log =>
            {
                var now = store._time.GetUtcNow();
                store._unkept[run.Target] = UnkeptChange.Update(store._unkept.GetValueOrDefault(run.Target) ?? [], report, now);
                // The report has the last word on every change.
                foreach (var result in report.Results)
                {
                    log.Record(result);
                }

                log.Complete(report.Verified, report.Error, stoppedAt ?? now);
                if (log.ToRun().Written == 0)
                {
                    store._runs.Remove(run);
                }
            });
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            lock (store._runs)
            {
                if (store._held.GetValueOrDefault(run.Target) == this)
                {
                    store._held.Remove(run.Target);
                }
            }

            return default;
        }

        private void Record(Action<RunLog> record)
        {
            lock (store._runs)
            {
                RequireHeld();
                record(run.Log);
                run.Log.RecordedAt = store._time.GetUtcNow();
            }
        }

        private void RequireHeld()
        {
            if (store._held.GetValueOrDefault(run.Target) != this)
            {
                throw new PlexException(PlexErrorKind.LeaseLost, $"The run {run.Id} no longer holds its target.")
                {
                    Subject = $"{run.Target}",
                };
            }
        }
    }

    private sealed class WatchLease(MemoryStore store, string job) : IWatchLease
    {
        public ValueTask RequireAsync(CancellationToken cancellationToken = default) => IsHeld()
            ? default
            : throw new PlexException(PlexErrorKind.LeaseLost, $"Another process may have the job '{job}'.") { Subject = job };

        public ValueTask DisposeAsync()
        {
            lock (store._runs)
            {
                if (IsHeld())
                {
                    store._watched.Remove(job);
                }
            }

            return default;
        }

        private bool IsHeld()
        {
            lock (store._runs)
            {
                return store._watched.GetValueOrDefault(job) == this;
            }
        }
    }

    private sealed class Change(MemoryStore store) : IAgreementsChange
    {
        public Task<Agreements?> ReadAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default) =>
            store.ReadAgreementsAsync(one, other, cancellationToken);

        public async IAsyncEnumerable<Agreements> ListAsync(
            ServerUser user, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            List<Agreements> all;
            lock (store._runs)
            {
                all = store._agreements.FindAll(known => known.One == user || known.Other == user);
            }

            foreach (var known in all)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Copy(known);
            }

            await Task.CompletedTask;
        }

        public Task WriteAsync(Agreements agreements, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(agreements);
            lock (store._runs)
            {
                store._agreements.RemoveAll(known => known.One == agreements.One && known.Other == agreements.Other);
                store._agreements.Add(Copy(agreements));
            }

            return Task.CompletedTask;
        }
    }
}
