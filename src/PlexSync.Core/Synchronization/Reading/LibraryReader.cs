using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Reads libraries: each whole, a second time if the first listing is doubtful, or not at all.</summary>
/// <param name="logger">Logs what is read again or left out.</param>
/// <param name="progress">Told how far the reading has come.</param>
/// <param name="filter">Which items go into the catalogue; null for all of them.</param>
internal sealed partial class LibraryReader(ILogger logger, IProgress<SyncProgress>? progress, ItemFilter? filter = null)
{
    private const int ReportEvery = 1000;

    private readonly ItemFilter _filter = filter ?? new ItemFilter([]);

    /// <summary>
    /// Reads libraries of a user that were not read yet into the catalogue of their server; those that cannot be read whole are noted with
    /// their errors.
    /// </summary>
    /// <param name="side">The user.</param>
    /// <param name="libraries">
    /// The libraries, each with whether its items are to be identified beyond their server, which costs bytes and memory.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public Task ReadAsync(
        Participant side, IEnumerable<(Library Library, bool WithIds)> libraries, CancellationToken cancellationToken) =>
        Task.WhenAll(libraries.Select(wanted => (Listed: side.Choose(wanted.Library), wanted.WithIds))
            .Where(static wanted => wanted.Listed is not null).ToList()
            .ConvertAll(wanted => ReadAsync(side, wanted.Listed!, wanted.WithIds, cancellationToken)));

    /// <summary>
    /// Finds out what identifies the shows of the users' libraries beyond their servers; nothing where that cannot be read.
    /// </summary>
    public async Task<IReadOnlyDictionary<RatingKey, CatalogueItem>> ReadShowsAsync(Participant side, CancellationToken cancellationToken)
    {
        var (shows, texts) = (new Dictionary<RatingKey, CatalogueItem>(), new TextPool());
        foreach (var library in
            side.Libraries.Where(static library => library.Library.ItemType == MediaType.Episode && library.Error is null))
        {
            try
            {
                await foreach (var show in side.Server!.GetShowItemsAsync(library.Library, cancellationToken).ConfigureAwait(false))
                {
                    shows[show.RatingKey] = new CatalogueItem(ItemRow.Of(show), library.Library, WorkId.Of(show), texts);
                }
            }
            catch (PlexException e) when (IsConfinedToOneLibrary(e))
            {
                Log.ShowsUnknown(logger, library.Library.Title, side.User.Title, e.Message);
            }
        }

        return shows;
    }

    /// <summary>
    /// Lets <paramref name="take"/> take the items of a library, a page at a time, of which nothing is to be kept. What it makes of them is
    /// only used if the listing is whole; if it is doubtful, the items come once more, from the first.
    /// </summary>
    public async Task<T> ReadAsync<T>(
        PlexServer server, Library library, bool withIds, Func<IAsyncEnumerable<ListingPage>, Task<T>> take,
        CancellationToken cancellationToken)
    {
        using var phase = PhaseScope.Begin("read", server.Time);
        phase.Tag("user.id", server.User.Id.Value);
        phase.Tag("plexsync.library", SyncDiagnostics.NumberOf(library.Key));
        for (var isLast = false; ; isLast = true)
        {
            try
            {
                return await take(ListAsync(server, library, withIds, phase, cancellationToken)).ConfigureAwait(false);
            }
            catch (PlexException e) when (
                !isLast && !e.IsFinal && e.Kind is (PlexErrorKind.IncompleteListing or PlexErrorKind.InvalidResponse))
            {
                Log.Again(logger, library.Title, server.User.Title, e.Message);
            }
            catch (Exception e)
            {
                phase.Fail(e);
                throw;
            }
        }
    }

    /// <summary>
    /// A token that is no longer accepted, or another server in place of this one, fails the run; any other failure only fails its library.
    /// </summary>
    public static bool IsConfinedToOneLibrary(PlexException e) =>
        e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired or PlexErrorKind.GatewayRefused or PlexErrorKind.Redirected)
            && !e.IsOfTls;

    private async Task ReadAsync(Participant side, ListedLibrary listed, bool withIds, CancellationToken cancellationToken)
    {
        var library = listed.Library;
        try
        {
            listed.Count = await ReadAsync(side.Server!, library, withIds, FillAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (IsConfinedToOneLibrary(e))
        {
            listed.Error = e;
            Log.LeftOut(logger, library.Title, side.User.Title, e.Message);
        }

        async Task<int> FillAsync(IAsyncEnumerable<ListingPage> pages)
        {
            var count = 0;
            try
            {
                await foreach (var page in pages.ConfigureAwait(false))
                {
                    count += page.Count;
                    Fill(side, library, withIds, page);
                }
            }
            catch
            {
                side.Catalogue.Forget(side.Number, library.Key);
                throw;
            }

            return count;
        }
    }

    private void Fill(Participant side, Library library, bool withIds, ListingPage page)
    {
        for (var at = 0; at < page.Count; at++)
        {
            var row = page[at];
            if (_filter.Accepts(row, side.Catalogue))
            {
                side.Catalogue.Add(side.Number, library, row, withIds ? WorkId.Of(row) : []);
            }
            else if (withIds && row.State != default)
            {
                side.PassOver(WorkId.Of(row));
            }
        }
    }

    private async IAsyncEnumerable<ListingPage> ListAsync(
        PlexServer server, Library library, bool withIds, PhaseScope phase, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var user = UserReference.To(server.User);
        var (count, damaged) = (0, 0);
        int? total = null;
        Report();
        await foreach (var page in server.GetPagesAsync(library, withIds, cancellationToken).ConfigureAwait(false))
        {
            using (page)
            {
                if (total is null && page.Total is >= 0 and var told)
                {
                    total = (int)told;
                    Report();
                }

                var before = count;
                count += page.Count;
                damaged += page.CountDamaged();
                yield return page;
                if (before / ReportEvery < count / ReportEvery)
                {
                    Report();
                }
            }
        }

        total = count;
        Report();
        phase.Tag("plexsync.items", count);

        void Report() => progress?.Report(new SyncProgress(SyncPhase.Reading, user, library, count, total)
        {
            Server = server.MachineIdentifier,
            Damaged = damaged,
        });
    }

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Warning, "Reading '{Library}' of '{User}' once more: {Reason}")]
        public static partial void Again(ILogger logger, string library, string user, string reason);

        [LoggerMessage(3001, LogLevel.Warning, "Leaving out '{Library}' of '{User}': {Reason}")]
        public static partial void LeftOut(ILogger logger, string library, string user, string reason);

        [LoggerMessage(
            3003,
            LogLevel.Warning,
            "The shows of '{Library}' of '{User}' could not be read, so that no episode is matched by its number: {Reason}")]
        public static partial void ShowsUnknown(ILogger logger, string library, string user, string reason);
    }
}
