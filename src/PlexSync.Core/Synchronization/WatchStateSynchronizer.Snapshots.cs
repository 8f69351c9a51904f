namespace PlexSync;

public sealed partial class WatchStateSynchronizer
{
    /// <summary>
    /// Writes what a user has seen to a file that <see cref="PlanRestoreAsync"/> can read back: JSON Lines, without secrets.
    /// </summary>
    /// <param name="user">The server as the user whose state is kept.</param>
    /// <param name="output">
    /// Where to write; flushed at the end, not closed. What is in it after an exception is no snapshot, and is not taken for one.
    /// </param>
    /// <param name="libraries">The libraries to keep, by title or key, of music too; all movie and show libraries if null or empty.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>How many items were written, with state or without.</returns>
    /// <exception cref="PlexException">
    /// A library is not known or could not be read whole, nothing is shared with the user, or the server refused or failed; a run on the
    /// user is unfinished (<see cref="PlexErrorKind.RunUnfinished"/>), or wrote to them meanwhile
    /// (<see cref="PlexErrorKind.RunInProgress"/>): what was read may be half of a change, and an exact restore would take it for what the
    /// user had.
    /// </exception>
    public Task<int> SaveSnapshotAsync(
        PlexServer user,
        Stream output,
        IReadOnlyList<string>? libraries = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(output);
        return PhaseScope.RunAsync("snapshot", user.Time, () =>
            new SnapshotWriter(_logger, _store, user, progress).WriteAsync(output, libraries ?? [], cancellationToken));
    }

    /// <summary>Plans what brings a user to the state of a snapshot.</summary>
    /// <param name="snapshot">What <see cref="SaveSnapshotAsync"/> wrote, of this user or another of the same server.</param>
    /// <param name="target">The server as the user whose state is to change.</param>
    /// <param name="exact">
    /// Also takes away what the snapshot lists without state, and moves positions back (default: only adds what the snapshot has more).
    /// </param>
    /// <param name="ratings">
    /// Ratings too: those that the target has none for, or, with <paramref name="exact"/>, all as they were (default: ratings are left
    /// alone).
    /// </param>
    /// <param name="dryRun">Nothing is sent, not even what completes a run that was killed (default false).</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plan, for <see cref="ApplyAsync(SyncPlan, PlexServer, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>. Items that
    /// the snapshot does not list are left alone. A library of the target that could not be read whole is left out and named with its
    /// error.
    /// </returns>
    /// <remarks>
    /// The snapshot is read to its end before the server is asked for anything. An item whose rating key now belongs to another work is
    /// skipped (<see cref="SkipReason.NotSameItem"/>).
    /// </remarks>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidFile"/> when it is no snapshot or not whole, <see cref="PlexErrorKind.UnsupportedVersion"/> when a
    /// newer version wrote it, <see cref="PlexErrorKind.PlanMismatch"/> when it is of another server; other kinds when the server refused
    /// or failed.
    /// </exception>
    /// <example>
    /// <code>
    /// await using FileStream file = File.OpenRead(Path.Combine(folder, "kid.jsonl"));
    /// SyncPlan restore = await synchronizer.PlanRestoreAsync(file, kid, exact: true);
    /// await synchronizer.ApplyAsync(restore, kid);
    /// </code>
    /// </example>
    public async Task<SyncPlan> PlanRestoreAsync(
        Stream snapshot,
        PlexServer target,
        bool exact = false,
        bool ratings = false,
        bool dryRun = false,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(target);
        return await PhaseScope.RunAsync("plan", target.Time, RestoreAsync, SyncDiagnostics.Planned).ConfigureAwait(false);

        async Task<SyncPlan> RestoreAsync()
        {
            var saved = await SnapshotReader.ReadAsync(snapshot, cancellationToken).ConfigureAwait(false);
            var source = new SnapshotSource(saved, exact, ratings, dryRun);
            return await PlanOneAsync(
                target, source.Options, progress, planner => planner.RestoreAsync(source, target, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Plans what gives a user what a history outside of Plex says they have seen.</summary>
    /// <param name="states">What the history says.</param>
    /// <param name="target">The server as the user whose state is to change.</param>
    /// <param name="options">Which positions to take, and where to look; the defaults if null.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plan, for <see cref="ApplyAsync(SyncPlan, PlexServer, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>. It only
    /// adds: what is watched stays so, and no position moves back. What the history has and the user does not see is named as skipped, but
    /// not where a library could not be read.
    /// </returns>
    /// <remarks>
    /// An item is found by its rating key, unless its identifiers or its names say that the key now belongs to another one; else by its
    /// identifiers.
    /// </remarks>
    /// <exception cref="PlexException">A library is not known, nothing is shared with the user, or the server refused or failed.</exception>
    /// <example><code>
    /// await using var file = File.OpenRead("history.json");
    /// ImportedStates states = await TautulliHistory.ReadAsync(file, $"id:{kid.User.Id}");
    ///
    /// SyncPlan plan = await synchronizer.PlanImportAsync(states, kid);
    /// SyncReport report = await synchronizer.ApplyAsync(plan, kid);
    /// </code></example>
    public async Task<SyncPlan> PlanImportAsync(
        ImportedStates states,
        PlexServer target,
        ImportOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(target);
        var source = new ImportSource(states, options ?? new ImportOptions());
        return await PhaseScope.RunAsync(
            "plan",
            target.Time,
            () => PlanOneAsync(
                target, source.Options, progress, planner => planner.ImportAsync(source, target, cancellationToken), cancellationToken),
            SyncDiagnostics.Planned).ConfigureAwait(false);
    }
}
