using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Writes what one user has seen: a line for every item of every library, and a last line that vouches for the whole.</summary>
/// <param name="logger">Told what is left out.</param>
/// <param name="store">Knows the runs on the user; null where nothing is kept.</param>
/// <param name="user">The server as the user.</param>
/// <param name="progress">Told as libraries are read.</param>
internal sealed partial class SnapshotWriter(ILogger logger, ISyncStore? store, PlexServer user, IProgress<SyncProgress>? progress)
{
    /// <param name="output">Where to; flushed at the end.</param>
    /// <param name="names">The libraries, by title or key; all movie and show libraries if empty.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>How many items were written.</returns>
    public async Task<int> WriteAsync(Stream output, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var createdAt = user.Time.GetUtcNow();
        var history = await TargetHistory.ReadAsync(store, user, cancellationToken).ConfigureAwait(false);
        await RequireSettledAsync(history, cancellationToken).ConfigureAwait(false);
        var libraries = LibrarySelection.Choose(
            await LibrarySelection.GetSharedAsync(user, cancellationToken).ConfigureAwait(false),
            // Music is kept where somebody asks for it.
            new SyncOptions
            {
                Libraries = names,
                Types = names.Count == 0 ? SyncOptions.DefaultTypes : [.. SyncOptions.DefaultTypes, MediaType.Track],
            });

        var header = new SnapshotLines();
        header.AddHeader(createdAt, ServerReference.To(user), UserReference.To(user.User), libraries);
        await output.WriteAsync(header.Bytes, cancellationToken).ConfigureAwait(false);

        var written = new HashSet<RatingKey>();
        foreach (var library in libraries)
        {
            await WriteAsync(library, output, written, cancellationToken).ConfigureAwait(false);
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

    /// <summary>What a killed run left may be half of a change, and an exact restore would take it for what the user had.</summary>
    private async Task RequireSettledAsync(TargetHistory history, CancellationToken cancellationToken)
    {
        if (history.OpenRun is not { } open)
        {
            return;
        }

        // A damaged file of a run says so itself.
        await store!.ListRunsAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false);
        throw new PlexException(PlexErrorKind.RunUnfinished, $"The run {open} on '{user.User.Title}' is unfinished: settle it first.")
        {
            Subject = user.User.Title,
            Candidates = [$"{open}"],
        };
    }

    /// <summary>
    /// Whether a listing is whole shows at its end, and a doubtful one is read again: so each library is held back until then.
    /// </summary>
    private async Task WriteAsync(Library library, Stream output, HashSet<RatingKey> written, CancellationToken cancellationToken)
    {
        var lines = await new LibraryReader(logger, progress)
            .ReadAsync(user, library, withIds: true, pages => CollectAsync(pages, library), cancellationToken).ConfigureAwait(false);
        if (!lines.Keys.TrueForAll(written.Add))
        {
            throw new PlexException(PlexErrorKind.IncompleteListing, $"'{library.Title}' lists items of another library.")
            {
                Subject = library.Title,
            };
        }

        await output.WriteAsync(lines.Bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves out what is damaged: an item that is not listed is left alone on restoring; listed without a state it would lose what it has.
    /// </summary>
    private async Task<SnapshotLines> CollectAsync(IAsyncEnumerable<ListingPage> pages, Library library)
    {
        var (lines, texts) = (new SnapshotLines(), new TextPool());
        await foreach (var page in pages.ConfigureAwait(false))
        {
            Collect(page.TakeItems(texts), library, lines);
        }

        return lines;
    }

    private void Collect(MediaItem[] items, Library library, SnapshotLines lines)
    {
        foreach (var item in items)
        {
            if (item.IsStateDamaged)
            {
                Log.LeftOut(logger, item.DisplayTitle, item.RatingKey, library.Title, user.User.Title);
            }
            else
            {
                lines.Add(item, library.Key);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3004, LogLevel.Warning, "Leaving '{Item}' ({Key}) in '{Library}' out of the snapshot of '{User}': its state is damaged")]
        public static partial void LeftOut(ILogger logger, string item, RatingKey key, string library, string user);
    }
}
