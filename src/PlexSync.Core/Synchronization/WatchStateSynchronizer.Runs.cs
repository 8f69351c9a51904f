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
    /// Takes up to 30 seconds where there is anything to settle. Planning and applying do it by themselves.
    /// </remarks>
    /// <returns>What is known of each of those runs now.</returns>
    /// <exception cref="PlexException">
    /// A run is still going on (<see cref="PlexErrorKind.RunInProgress"/>), the store cannot be read, or the server cannot be asked.
    /// </exception>
    public async Task<IReadOnlyList<SyncReport>> SettleAsync(
        PlexServer target, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _store is null ? [] : await RunsOn(target, progress).SettleAsync(cancellationToken).ConfigureAwait(false);
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
        return await RunsOn(target, progress).ResumeAsync(run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Plans the way back from a run on one target.</summary>
    /// <param name="run">The name of the run.</param>
    /// <param name="target">The server as the user whose state it changed.</param>
    /// <param name="dryRun">Nothing is sent, not even what completes a run that was killed (default false).</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The plan.</returns>
    /// <inheritdoc cref="PlanUndoAsync(RunId, IReadOnlyList{PlexServer}, bool, CancellationToken)"/>
    public async Task<SyncPlan> PlanUndoAsync(
        RunId run, PlexServer target, bool dryRun = false, CancellationToken cancellationToken = default) =>
        (await PlanUndoAsync(run, [target], dryRun, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>
    /// Plans the way back from a run: what it wrote to, as long as it still is as the run left it, becomes watched or not, and gets the
    /// position, as before. Applied like every other plan; an undo can be undone.
    /// </summary>
    /// <param name="run">The name of the run.</param>
    /// <param name="targets">The server, or several, as each user whose state it changed (<see cref="SyncRun.PartsOf"/>).</param>
    /// <param name="dryRun">Nothing is sent, not even what completes a run that was killed (default false).</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plans, in the order of the targets. Items that have changed since are among the skips, as are positions that Plex does not take;
    /// counts and dates, which nobody can set, are in <see cref="PlannedChange.Lost"/> of the changes of the run itself.
    /// </returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.RunNotFound"/>; a target is named twice; the store cannot be read; or the server refused or failed.
    /// </exception>
    /// <example>
    /// <code>
    /// if (SyncRun.FindLast(await synchronizer.ListRunsAsync()) is { } last)
    /// {
    ///     IReadOnlyList&lt;SyncPlan&gt; undo = await synchronizer.PlanUndoAsync(last, [kid]);
    ///     await synchronizer.ApplyAsync(undo, [kid]);
    /// }
    /// </code>
    /// </example>
    public async Task<IReadOnlyList<SyncPlan>> PlanUndoAsync(
        RunId run, IReadOnlyList<PlexServer> targets, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targets);
        RequireDistinct(targets, nameof(targets));
        return targets.Count == 0 ? []
            : await PhaseScope.RunAsync("plan", targets[0].Time, UndoAsync, SyncDiagnostics.Planned).ConfigureAwait(false);

        Task<IReadOnlyList<SyncPlan>> UndoAsync() =>
            PlanAsync(targets, UndoSource.OptionsFor(dryRun), progress: null, FromRunAsync, cancellationToken);

        async Task<IReadOnlyList<MadePlan>> FromRunAsync(Planner planner)
        {
            var plans = new List<MadePlan>();
            foreach (var target in targets)
            {
                var runs = RunsOn(target);
                var found = await runs.FindAsync(run, cancellationToken).ConfigureAwait(false);
                var recorded = await Store.ReadRunAsync(found, cancellationToken).ConfigureAwait(false);
                recorded.Plan.Require(target);
                var redone = await ReadRedoneAsync(run, runs, cancellationToken).ConfigureAwait(false);
                plans.Add(await planner.UndoAsync(new UndoSource(run, recorded, redone), target, cancellationToken).ConfigureAwait(false));
            }

            return plans;
        }
    }

    /// <summary>The runs, newest first.</summary>
    /// <inheritdoc cref="ISyncStore.ListRunsAsync"/>
    public Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default) =>
        Store.ListRunsAsync(server, target, cancellationToken);

    private ISyncStore Store => _store ?? throw new InvalidOperationException("The synchronizer was made without a store.");

    private KilledRuns RunsOn(PlexServer target, IProgress<SyncProgress>? progress = null) => new(_logger, Store, target, progress);

    /// <summary>The runs that undid an undo of this run: what they wrote is what this run had written, with other dates.</summary>
    private async Task<IReadOnlyList<SyncReport>> ReadRedoneAsync(RunId run, KilledRuns all, CancellationToken cancellationToken)
    {
        var runs = (await all.ListAsync(cancellationToken).ConfigureAwait(false)).ToList();
        var known = new HashSet<RunId> { run };
        var reports = new List<SyncReport>();
        var open = new Queue<RunId>(known);
        while (open.TryDequeue(out var id))
        {
            var undone = runs.Where(undo => undo.Undoes == id).Select(static undo => undo.Id).ToHashSet();
            foreach (var redo in runs.Where(redo => redo.Undoes is { } of && undone.Contains(of) && known.Add(redo.Id)))
            {
                reports.Add(await Store.ReadRunAsync(redo, cancellationToken).ConfigureAwait(false));
                open.Enqueue(redo.Id);
            }
        }

        return reports;
    }
}
