using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Reads what the users of a run have seen, library by library, into the catalogues of their servers.</summary>
internal sealed partial class Lister(ILogger logger, IProgress<SyncProgress>? progress, ItemFilter filter)
{
    private readonly LibraryReader _reader = new(logger, progress);

    /// <summary>
    /// A token that is no longer taken, or another server in its place, fails the run; whatever else goes wrong fails its library.
    /// </summary>
    public static bool IsConfinedToOneLibrary(PlexException e) =>
        e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired or PlexErrorKind.GatewayRefused or PlexErrorKind.Redirected)
            && !e.IsOfTls;

    /// <summary>Reads libraries of a user that were not read yet; those that cannot be read whole are noted with their errors.</summary>
    /// <param name="side">The user.</param>
    /// <param name="libraries">The libraries.</param>
    /// <param name="needsIds">Those whose items are to be identified beyond their server, which costs bytes and memory.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public Task ReadAsync(
        Participant side, IEnumerable<Library> libraries, Predicate<Library> needsIds, CancellationToken cancellationToken) =>
        Task.WhenAll(libraries.Select(side.Choose).OfType<ListedLibrary>().ToList()
            .ConvertAll(library => ReadAsync(side, library, needsIds(library.Library), cancellationToken)));

    /// <summary>
    /// Finds out what identifies the shows of the users' libraries beyond their servers; nothing where that cannot be read.
    /// </summary>
    public async Task<IReadOnlyDictionary<RatingKey, CatalogueItem>> ReadShowsAsync(Participant side, CancellationToken cancellationToken)
    {
        var shows = new Dictionary<RatingKey, CatalogueItem>();
        foreach (var library in
            side.Libraries.Where(static library => library.Library.ItemType == MediaType.Episode && library.Error is null))
        {
            try
            {
                await foreach (var show in side.Server!.GetShowsAsync(library.Library, cancellationToken).ConfigureAwait(false))
                {
                    shows[show.RatingKey] = new CatalogueItem(show, library.Library, WorkId.Of(show));
                }
            }
            catch (PlexException e) when (IsConfinedToOneLibrary(e))
            {
                Log.ShowsUnknown(logger, library.Library.Title, side.User.Title, e.Message);
            }
        }

        return shows;
    }

    private async Task ReadAsync(Participant side, ListedLibrary listed, bool withIds, CancellationToken cancellationToken)
    {
        var (library, isFirst) = (listed.Library, true);
        try
        {
            Predicate<RatingKey>? isListed = filter.IsOpen ? key => side.Catalogue.IsListed(side.Number, key) : null;
            await _reader.ReadAsync(side.Server!, library, withIds, isListed, Start, Add, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (IsConfinedToOneLibrary(e))
        {
            Start();
            listed.Error = e;
            Log.LeftOut(logger, library.Title, side.User.Title, e.Message);
        }

        ListedLibrary Start()
        {
            if (!isFirst)
            {
                side.Catalogue.Forget(side.Number, library.Key);
            }

            (isFirst, listed.Count) = (false, 0);
            return listed;
        }

        void Add(ListedLibrary into, MediaItem item)
        {
            into.Count++;
            if (filter.Accepts(item, side.Catalogue))
            {
                side.Catalogue.Add(side.Number, library, item, withIds ? WorkId.Of(item) : []);
            }
            else if (withIds && item.State != default)
            {
                side.PassOver(item);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Leaving out '{Library}' of '{User}': {Reason}")]
        public static partial void LeftOut(ILogger logger, string library, string user, string reason);

        [LoggerMessage(
            3003,
            LogLevel.Warning,
            "The shows of '{Library}' of '{User}' could not be read, so that no episode is matched by its number: {Reason}")]
        public static partial void ShowsUnknown(ILogger logger, string library, string user, string reason);
    }
}
