namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>A store to which something happens on the way to another one.</summary>
internal abstract class WrappedStore(ISyncStore inner) : ISyncStore
{
    public async Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default) =>
        [.. (await inner.BeginAsync(plans, cancellationToken)).Select(lease => new Lease(this, lease))];

    public virtual Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default) =>
        inner.ResumeAsync(run, cancellationToken);

    public virtual Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default) =>
        inner.ListRunsAsync(server, target, cancellationToken);

    public virtual Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default) =>
        inner.ListMarksAsync(target, cancellationToken);

    public virtual Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default) =>
        inner.ReadRunAsync(run, cancellationToken);

    public Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default) =>
        inner.ReadUnkeptAsync(target, cancellationToken);

    public Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default) =>
        inner.ReadAgreementsAsync(one, other, cancellationToken);

    public virtual Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default) =>
        inner.ChangeAgreementsAsync(change, cancellationToken);

    public Task<LastReading?> ReadLastReadingAsync(string question, CancellationToken cancellationToken = default) =>
        inner.ReadLastReadingAsync(question, cancellationToken);

    public virtual Task WriteLastReadingAsync(LastReading reading, CancellationToken cancellationToken = default) =>
        inner.WriteLastReadingAsync(reading, cancellationToken);

    public Task<IWatchLease> WatchAsync(string job, CancellationToken cancellationToken = default) =>
        inner.WatchAsync(job, cancellationToken);

    /// <summary>Before something is recorded of a run that was begun here.</summary>
    /// <param name="isLast">The run is completed with it.</param>
    protected virtual void OnRecording(bool isLast)
    {
    }

    /// <summary>Right before a request of a run that was begun here.</summary>
    protected virtual void OnSending()
    {
    }

    private sealed class Lease(WrappedStore store, IRunLease inner) : IRunLease
    {
        public RunId Run => inner.Run;

        public long Number => inner.Number;

        public ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default)
        {
            store.OnRecording(isLast: false);
            return inner.AnnounceAsync(change, serverTime, cancellationToken);
        }

        public void RequireFor(TimeSpan duration)
        {
            store.OnSending();
            inner.RequireFor(duration);
        }

        public ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default)
        {
            store.OnRecording(isLast: false);
            return inner.RecordAsync(result, cancellationToken);
        }

        public Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default)
        {
            store.OnRecording(isLast: true);
            return inner.CompleteAsync(report, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
