using Microsoft.Extensions.Logging;

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
        return PhaseScope.RunAsync("snapshot", user.Time, () => SaveAsync(user, output, libraries ?? [], progress, cancellationToken));
    }

    /// <summary>Plans what brings a user to the state of a snapshot; writes nothing.</summary>
    /// <param name="snapshot">What <see cref="SaveSnapshotAsync"/> wrote, of this user or another of the same server.</param>
    /// <param name="target">The server as the user whose state is to change.</param>
    /// <param name="exact">
    /// Also takes away what the snapshot lists without state, and moves positions back (default: only adds what the snapshot has more).
    /// </param>
    /// <param name="ratings">
    /// Ratings too: those that the target has none for, or, with <paramref name="exact"/>, all as they were (default: ratings are left
    /// alone).
    /// </param>
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
    public async Task<SyncPlan> PlanRestoreAsync(
        Stream snapshot,
        PlexServer target,
        bool exact = false,
        bool ratings = false,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(target);
        return await PhaseScope.RunAsync("plan", target.Time, RestoreAsync, SyncDiagnostics.Planned).ConfigureAwait(false);

        async Task<SyncPlan> RestoreAsync()
        {
            var saved = await SnapshotReader.ReadAsync(snapshot, cancellationToken).ConfigureAwait(false);
            var source = new SnapshotSource(saved, exact, ratings);
            return _contexts.Add(
                await new Planner(_logger, source.Options, _store, progress).RestoreAsync(source, target, cancellationToken)
                    .ConfigureAwait(false));
        }
    }

    private async Task<int> SaveAsync(
        PlexServer user, Stream output, IReadOnlyList<string> names, IProgress<SyncProgress>? progress, CancellationToken cancellationToken)
    {
        var createdAt = user.Time.GetUtcNow();
        var history = await TargetHistory.ReadAsync(_store, user, cancellationToken).ConfigureAwait(false);
        if (history.OpenRun is { } open)
        {
            // If the run is damaged rather than unfinished, this reports the damage.
            await Store.ListRunsAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false);
            throw new PlexException(PlexErrorKind.RunUnfinished, $"The run {open} on '{user.User.Title}' is unfinished: settle it first.")
            {
                Subject = user.User.Title,
                Candidates = [$"{open}"],
            };
        }

        var libraries = LibrarySelection.Choose(
            await LibrarySelection.GetSharedAsync(user, cancellationToken).ConfigureAwait(false),
            // Music is saved only if its library is named.
            new SyncOptions
            {
                Libraries = names,
                Types = names.Count == 0 ? SyncOptions.DefaultTypes : [.. SyncOptions.DefaultTypes, MediaType.Track],
            });

        var header = new SnapshotLines();
        header.AddHeader(createdAt, ServerReference.To(user), UserReference.To(user.User), libraries);
        await output.WriteAsync(header.Bytes, cancellationToken).ConfigureAwait(false);

        var reader = new LibraryReader(_logger, progress);
        var written = new HashSet<string>();
        foreach (var library in libraries)
        {
            // Whether a listing is whole shows at its end, and a doubtful one is read again: so each library is held back until then.
            var lines = await reader.ReadAsync(
                user, library, withIds: true, items => CollectAsync(items, library, user), cancellationToken).ConfigureAwait(false);
            if (!lines.Keys.TrueForAll(written.Add))
            {
                throw new PlexException(PlexErrorKind.IncompleteListing, $"'{library.Title}' lists items of another library.")
                {
                    Subject = library.Title,
                };
            }

            await output.WriteAsync(lines.Bytes, cancellationToken).ConfigureAwait(false);
        }

        if (!await history.IsCurrentAsync(own: null, cancellationToken).ConfigureAwait(false))
        {
            // Without its last line, what was written is no snapshot.
            throw new PlexException(PlexErrorKind.RunInProgress, $"Another run has written to '{user.User.Title}' meanwhile.")
            {
                Subject = user.User.Title,
            };
        }

        var footer = new SnapshotLines();
        footer.AddFooter(written.Count);
        await output.WriteAsync(footer.Bytes, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written.Count;
    }

    /// <summary>
    /// A restore leaves alone an item that is not in the snapshot; from one that is there without a state, it would take away what it has.
    /// </summary>
    private async Task<SnapshotLines> CollectAsync(IAsyncEnumerable<MediaItem> items, Library library, PlexServer user)
    {
        var lines = new SnapshotLines();
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (item.IsStateDamaged)
            {
                Log.LeftOut(_logger, item.DisplayTitle, item.RatingKey, library.Title, user.User.Title);
            }
            else
            {
                lines.Add(item, library.Key);
            }
        }

        return lines;
    }

    private static partial class Log
    {
        [LoggerMessage(
            3004, LogLevel.Warning, "Leaving '{Item}' ({Key}) in '{Library}' out of the snapshot of '{User}': its state is damaged")]
        public static partial void LeftOut(ILogger logger, string item, RatingKey key, string library, string user);
    }
}
