namespace PlexSync;

public sealed partial class WatchStateSynchronizer
{
    /// <summary>
    /// Finds out by reading what the killed runs on a target had done, and completes what they left half-way; what they had not begun is
    /// left to the next plan. Does nothing without a store.
    /// </summary>
    /// <param name="target">The server as the user whose runs are settled.</param>
    /// <param name="progress">Told as items are looked up.</param>
    /// <param name="cancellationToken">Cancels it; what is not known by then is settled another time.</param>
    /// <remarks>
    /// Takes at least one timeout where there is anything to settle. Do it before planning: a plan sees the state it leaves.
    /// </remarks>
    /// <returns>What is known of each of those runs now.</returns>
    /// <exception cref="PlexException">
    /// A run is still going on (<see cref="PlexErrorKind.RunInProgress"/>), the store cannot be read, or the server cannot be asked.
    /// </exception>
    public async Task<IReadOnlyList<SyncReport>> SettleAsync(
        PlexServer target, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var reports = new List<SyncReport>();
        foreach (var run in await ListAsync(target, cancellationToken).ConfigureAwait(false))
        {
            if (!run.IsFinished
                && await FinishAsync(run, target, finish: false, progress, cancellationToken).ConfigureAwait(false) is { } report)
            {
                reports.Add(report);
            }
        }

        return reports;
    }

    /// <summary>Settles a run that was killed, as <see cref="SettleAsync"/> does, and makes the changes that it had not begun.</summary>
    /// <param name="run">Its name.</param>
    /// <param name="target">The server as the user whose state it changes.</param>
    /// <param name="progress">Told as changes are written.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The whole run, with what was done before it was killed; of a finished run, what it did.</returns>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.RunNotFound"/>, and as <see cref="SettleAsync"/>.</exception>
    public async Task<SyncReport> ResumeAsync(
        RunId run, PlexServer target, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var found = await FindAsync(run, target, cancellationToken).ConfigureAwait(false);
        return found.IsFinished
            ? await Store.ReadRunAsync(found, cancellationToken).ConfigureAwait(false)
            : await FinishAsync(found, target, finish: true, progress, cancellationToken).ConfigureAwait(false)
                ?? throw NotFound(run, target);
    }

    /// <summary>
    /// Plans the way back from a run: what it wrote to, as long as it still is as the run left it, becomes watched or not, and gets the
    /// position, as before. Applied like every other plan; an undo can be undone.
    /// </summary>
    /// <param name="run">The name of the run.</param>
    /// <param name="target">The server as the user whose state it changed.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plan. Items that have changed since are among its skips, as are positions that Plex does not take; counts and dates, which
    /// nobody can set, are in <see cref="PlannedChange.Lost"/> of the changes of the run itself.
    /// </returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.RunNotFound"/>; the store cannot be read; or the server refused or failed.
    /// </exception>
    public async Task<SyncPlan> PlanUndoAsync(RunId run, PlexServer target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return await PhaseScope.RunAsync("plan", target.Time, () => UndoAsync(run, target, cancellationToken), SyncDiagnostics.Planned)
            .ConfigureAwait(false);
    }

    private async Task<SyncPlan> UndoAsync(RunId run, PlexServer target, CancellationToken cancellationToken)
    {
        var recorded = await Store.ReadRunAsync(await FindAsync(run, target, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        Require(recorded.Plan, target);
        var redone = await ReadRedoneAsync(run, target, cancellationToken).ConfigureAwait(false);
        return _contexts.Add(
            await new Planner(_logger, UndoSource.Options, _store, progress: null)
                .UndoAsync(new UndoSource(run, recorded, redone), target, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The runs that undid an undo of this run: what they wrote is what this run had written, with other dates.</summary>
    private async Task<IReadOnlyList<SyncReport>> ReadRedoneAsync(RunId run, PlexServer target, CancellationToken cancellationToken)
    {
        var runs = (await ListAsync(target, cancellationToken).ConfigureAwait(false)).ToList();
        var known = new HashSet<RunId> { run };
        var redone = new List<SyncRun>();
        var open = new Queue<RunId>(known);
        while (open.TryDequeue(out var id))
        {
            var undone = runs.Where(undo => undo.Undoes == id).Select(static undo => undo.Id).ToHashSet();
            foreach (var redo in runs.Where(redo => redo.Undoes is { } of && undone.Contains(of) && known.Add(redo.Id)))
            {
                redone.Add(redo);
                open.Enqueue(redo.Id);
            }
        }

        var reports = new List<SyncReport>();
        foreach (var redo in redone)
        {
            reports.Add(await Store.ReadRunAsync(redo, cancellationToken).ConfigureAwait(false));
        }

        return reports;
    }

    private ISyncStore Store => _store ?? throw new InvalidOperationException("The synchronizer was made without a store.");

    /// <summary>The runs on a target, oldest first.</summary>
    private async Task<IEnumerable<SyncRun>> ListAsync(PlexServer target, CancellationToken cancellationToken) =>
        _store is null ? []
            : (await _store.ListRunsAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false)).Reverse();

    private async Task<SyncRun> FindAsync(RunId run, PlexServer target, CancellationToken cancellationToken)
    {
        var runs = await Store.ListRunsAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false);
        return runs.FirstOrDefault(known => known.Id == run) ?? throw NotFound(run, target);
    }

    private static PlexException NotFound(RunId run, PlexServer target) =>
        new(PlexErrorKind.RunNotFound, $"The journal has no run {run} for '{target.User.Title}' on '{target.Name}'.")
        {
            Subject = $"{run}",
        };

    /// <summary>Null if the run is gone since it was listed: a run that wrote nothing is removed when it ends.</summary>
    private async Task<IRunLease?> TryResumeAsync(SyncRun run, PlexServer target, CancellationToken cancellationToken)
    {
        try
        {
            return await Store.ResumeAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or PlexException { Kind: PlexErrorKind.RunInProgress }))
        {
            var runs = await Store.ListRunsAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false);
            if (runs.Any(known => known.Id == run.Id))
            {
                throw;
            }

            return null;
        }
    }

    private async Task<SyncReport?> FinishAsync(
        SyncRun run, PlexServer target, bool finish, IProgress<SyncProgress>? progress, CancellationToken cancellationToken)
    {
        if (await TryResumeAsync(run, target, cancellationToken).ConfigureAwait(false) is not { } lease)
        {
            return null;
        }

        await using (lease.ConfigureAwait(false))
        {
            // Another process may have finished the run before we got the lease.
            var now = await FindAsync(run.Id, target, cancellationToken).ConfigureAwait(false);
            var recorded = await Store.ReadRunAsync(now, cancellationToken).ConfigureAwait(false);
            Require(recorded.Plan, target);
            if (now.IsFinished)
            {
                return recorded;
            }

            var keys = recorded.Plan.Changes.Select(static change => change.Item.RatingKey).ToHashSet();
            await RunAgreements.ForgetAsync(Store, target.ServerUser, keys, cancellationToken).ConfigureAwait(false);
            using var execution = PlanExecutor.Resume(_logger, recorded, target, lease, finish, progress);
            var report = await execution.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return report.Error is { } error && !execution.IsSettled ? throw error : report;
        }
    }
}
