using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Takes up runs on a target that were killed: finds out what they did, and completes what they left half-way.</summary>
/// <param name="logger">Told what could not be done.</param>
/// <param name="store">Keeps the runs.</param>
/// <param name="target">The server as the user whose runs they are.</param>
/// <param name="progress">Told as items are looked up.</param>
internal sealed class KilledRuns(ILogger logger, ISyncStore store, PlexServer target, IProgress<SyncProgress>? progress)
{
    /// <summary>What is known of each of them now, oldest first.</summary>
    public async Task<IReadOnlyList<SyncReport>> SettleAsync(CancellationToken cancellationToken)
    {
        var reports = new List<SyncReport>();
        foreach (var run in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!run.IsFinished && await TryFinishAsync(run, finish: false, cancellationToken).ConfigureAwait(false) is { } report)
            {
                reports.Add(report);
            }
        }

        return reports;
    }

    /// <summary>Settles one run and makes the changes that it had not begun; of a finished run, tells what it did.</summary>
    public async Task<SyncReport> ResumeAsync(RunId run, CancellationToken cancellationToken)
    {
        var found = await FindAsync(run, cancellationToken).ConfigureAwait(false);
        return found.IsFinished
            ? await store.ReadRunAsync(found, cancellationToken).ConfigureAwait(false)
            : await TryFinishAsync(found, finish: true, cancellationToken).ConfigureAwait(false) ?? throw NotFound(run);
    }

    /// <summary>A run on the target.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.RunNotFound"/>.</exception>
    public async Task<SyncRun> FindAsync(RunId run, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(known => known.Id == run) ?? throw NotFound(run);

    /// <summary>The runs on the target, oldest first.</summary>
    public async Task<IEnumerable<SyncRun>> ListAsync(CancellationToken cancellationToken) =>
        (await store.ListRunsAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false)).Reverse();

    /// <summary>Null where the run has vanished since it was listed, as one does that ends without having written.</summary>
    private async Task<SyncReport?> TryFinishAsync(SyncRun run, bool finish, CancellationToken cancellationToken)
    {
        if (await TryResumeAsync(run, cancellationToken).ConfigureAwait(false) is not { } lease)
        {
            return null;
        }

        await using (lease.ConfigureAwait(false))
        {
            // Another process may have finished the run before we got the lease.
            var now = await FindAsync(run.Id, cancellationToken).ConfigureAwait(false);
            var recorded = await store.ReadRunAsync(now, cancellationToken).ConfigureAwait(false);
            recorded.Plan.Require(target);
            if (now.IsFinished)
            {
                return recorded;
            }

            var keys = recorded.Plan.Changes.Where(change => !recorded.Plan.UnwatchesByHand(change))
                .Select(static change => change.Item.RatingKey).ToHashSet();
            await RunAgreements.ForgetAsync(store, target.ServerUser, keys, cancellationToken).ConfigureAwait(false);
            using var execution = PlanExecutor.Resume(logger, recorded, target, lease, finish, progress);
            var report = await execution.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return report.Error is { } error && !execution.IsSettled ? throw error : report;
        }
    }

    private async Task<IRunLease?> TryResumeAsync(SyncRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ResumeAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or PlexException { Kind: PlexErrorKind.RunInProgress }))
        {
            if ((await ListAsync(cancellationToken).ConfigureAwait(false)).Any(known => known.Id == run.Id))
            {
                throw;
            }

            return null;
        }
    }

    private PlexException NotFound(RunId run) =>
        new(PlexErrorKind.RunNotFound, $"The journal has no run {run} for '{target.User.Title}' on '{target.Name}'.")
        {
            Subject = $"{run}",
        };
}
