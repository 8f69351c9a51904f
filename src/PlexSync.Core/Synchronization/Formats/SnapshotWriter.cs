using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Writes what one user has seen: a line for every item of every library, and a last line that vouches for the whole.</summary>
internal sealed partial class SnapshotWriter(ILogger logger, PlexServer user, IJournal? journal, IProgress<SyncProgress>? progress)
{
    private readonly LibraryReader _reader = new(logger, progress);
    private readonly HashSet<string> _written = [];

    public async Task<int> WriteAsync(Stream output, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var createdAt = user.Time.GetUtcNow();
        var stillness = await Stillness.StartAsync(journal, user, own: null, cancellationToken).ConfigureAwait(false);
        await RequireSettledAsync(stillness.IsStill, cancellationToken).ConfigureAwait(false);
        var libraries = LibrarySelection.Choose(
            await LibrarySelection.GetSharedAsync(user, cancellationToken).ConfigureAwait(false),
            // Music is kept where somebody asks for it.
            new SyncOptions
            {
                Libraries = names,
                Types = names.Count == 0 ? SyncOptions.DefaultTypes : [.. SyncOptions.DefaultTypes, MediaType.Track],
            });

        var header = new SnapshotLines();
        header.Add(HeaderOf(libraries, createdAt), SnapshotJsonContext.Default.SnapshotHeader, user.Name);
        await output.WriteAsync(header.Bytes, cancellationToken).ConfigureAwait(false);

        foreach (var library in libraries)
        {
            // Whether a listing is whole shows at its end, and a doubtful one is read again: so each library is held back until then.
            var records = await _reader.ReadAsync(
                user, library, withIds: true, items => CollectAsync(items, library), cancellationToken).ConfigureAwait(false);
            if (!records.Keys.TrueForAll(_written.Add))
            {
                throw new PlexException(PlexErrorKind.IncompleteListing, $"'{library.Title}' lists items of another library.")
                {
                    Subject = library.Title,
                };
            }

            await output.WriteAsync(records.Lines.Bytes, cancellationToken).ConfigureAwait(false);
        }

        // Without its last line, what was written is no snapshot.
        await RequireSettledAsync(await stillness.HoldsAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        var footer = new SnapshotLines();
        footer.Add(new SnapshotFooter { Count = _written.Count }, SnapshotJsonContext.Default.SnapshotFooter, user.Name);
        await output.WriteAsync(footer.Bytes, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return _written.Count;
    }

    /// <summary>An item that is not listed is left alone on restoring; listed without a state it would lose what it has.</summary>
    private async Task<Records> CollectAsync(IAsyncEnumerable<MediaItem> items, Library library)
    {
        var records = new Records();
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (item.IsStateDamaged)
            {
                Log.LeftOut(logger, item.DisplayTitle, item.RatingKey, library.Title, user.User.Title);
            }
            else
            {
                records.Add(item, library.Key);
            }
        }

        return records;
    }

    private async Task RequireSettledAsync(bool isStill, CancellationToken cancellationToken)
    {
        if (isStill)
        {
            return;
        }

        var runs = await journal!.ListAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false);
        throw runs.FirstOrDefault(static run => !run.IsFinished) is { } open
            ? new PlexException(PlexErrorKind.RunUnfinished, $"The run {open.Id} on '{user.User.Title}' is unfinished: settle it first.")
            {
                Subject = user.User.Title,
                Candidates = [$"{open.Id}"],
            }
            : new PlexException(PlexErrorKind.RunInProgress, $"Another run has written to '{user.User.Title}' meanwhile.")
            {
                Subject = user.User.Title,
            };
    }

    private SnapshotHeader HeaderOf(List<Library> libraries, DateTimeOffset createdAt) => new()
    {
        Format = SnapshotHeader.SnapshotFormat,
        Version = SnapshotHeader.CurrentVersion,
        CreatedAt = createdAt,
        Server = PlanMapping.ToWire(ServerReference.To(user)),
        User = PlanMapping.ToWire(UserReference.To(user.User)),
        Libraries = [.. libraries.Select(static library =>
            new SnapshotLibraryName { Key = library.Key.ToString(), Title = library.Title, Type = library.Type })],
    };

    private sealed class Records
    {
        public List<string> Keys { get; } = [];

        public SnapshotLines Lines { get; } = new();

        public void Add(MediaItem item, LibraryKey library)
        {
            Keys.Add(item.RatingKey.ToString());
            Lines.Add(SnapshotRecord.Of(item, library), SnapshotJsonContext.Default.SnapshotRecord, item.DisplayTitle);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3004, LogLevel.Warning, "Leaving '{Item}' ({Key}) in '{Library}' out of the snapshot of '{User}': its state is damaged")]
        public static partial void LeftOut(ILogger logger, string item, RatingKey key, string library, string user);
    }
}
