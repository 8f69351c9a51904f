namespace PlexSync;

public sealed partial class WatchStateSynchronizer
{
    /// <summary>
    /// Plans what marks items watched or unwatched by hand, item by item: whole shows and seasons (artists and albums, too) by their
    /// episodes (tracks), so that each change is shown, kept in the store and can be undone.
    /// </summary>
    /// <param name="user">The server as the user whose items are marked.</param>
    /// <param name="items">The rating keys of movies, shows, seasons, episodes, artists, albums or tracks.</param>
    /// <param name="mark">What they become.</param>
    /// <param name="dryRun">Nothing is sent, not even what completes a run that was killed (default false).</param>
    /// <param name="progress">Told as what a killed run left is looked up.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plan, for <see cref="ApplyAsync(SyncPlan, PlexServer, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>. What is
    /// watched already is not marked once more, so that no view is counted twice; <see cref="Mark.Unwatched"/> also takes positions away.
    /// What the user plays now is skipped.
    /// </returns>
    /// <remarks>
    /// What is marked unwatched was asked for by name, so that no limit applies unless <see cref="SyncOptions.MaxRemovals"/> is set. Other
    /// runs take it for the user's own doing: with <see cref="SyncOptions.Unwatched"/> it travels to those the user is kept in step with.
    /// </remarks>
    /// <exception cref="PlexException">
    /// The user sees no such item (<see cref="PlexErrorKind.NotFound"/>); it cannot be marked, such as a collection or a playlist
    /// (<see cref="PlexErrorKind.InvalidPlan"/>); another run is writing to the user (<see cref="PlexErrorKind.RunInProgress"/>); or the
    /// server refused or failed.
    /// </exception>
    /// <example>
    /// <code>
    /// SearchResult found = await kid.SearchAsync("show 1");
    /// SyncPlan marks = await synchronizer.PlanMarkAsync(kid, [found.Shows[0].RatingKey], Mark.Watched);
    /// await synchronizer.ApplyAsync(marks, kid);
    /// </code>
    /// </example>
    public async Task<SyncPlan> PlanMarkAsync(
        PlexServer user,
        IReadOnlyList<RatingKey> items,
        Mark mark,
        bool dryRun = false,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(items);
        var source = new MarkSource(mark, dryRun);
        return await PhaseScope.RunAsync(
            "plan",
            user.Time,
            () => PlanOneAsync(
                user, source.Options, progress, planner => planner.MarkAsync(source, user, items, cancellationToken), cancellationToken),
            SyncDiagnostics.Planned).ConfigureAwait(false);
    }
}
