using System.Globalization;
using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>One Plex Media Server as one user: every read and write concerns that user, whose token it holds.</summary>
/// <remarks>
/// Made by <see cref="PlexClient.ConnectAsync(Uri, PlexAccount, CancellationToken)"/> and <see cref="HomeUserSwitcher"/>. Thread-safe.
/// </remarks>
/// <example>
/// <code>
/// foreach (Library library in await server.GetLibrariesAsync())
/// {
///     await foreach (MediaItem item in server.GetItemsAsync(library))
///     {
///         Console.WriteLine($"{item.DisplayTitle}: watched {item.State.ViewCount} times");
///     }
/// }
/// </code>
/// </example>
public sealed partial class PlexServer
{
    private const string Identifier = "com.plexapp.plugins.library";

    private readonly UserConnection _connection;
    private EarlyAnswer<IReadOnlyList<Library>>? _libraries;

    internal PlexServer(UserConnection connection, IdentityProof identity)
    {
        _connection = connection;
        Identity = identity;
    }

    /// <summary>Which installation it is.</summary>
    public MachineIdentifier MachineIdentifier => _connection.Server.MachineIdentifier;

    /// <summary>The name its owner gave it.</summary>
    public string Name => _connection.Server.Name;

    /// <summary>The version of Plex Media Server.</summary>
    public string Version => _connection.Server.Version;

    /// <summary>Where it answers.</summary>
    public Uri Address => _connection.Server.Address;

    /// <summary>The user whose state is read and written.</summary>
    public PlexUser User => _connection.User;

    /// <summary>How it is known that the server sees <see cref="User"/>.</summary>
    public IdentityProof Identity { get; }

    /// <summary>The server and the user; never a token.</summary>
    public override string ToString() => $"{Name} as {User.Title}";

    /// <summary>The part of an item's length above which the server ignores a position.</summary>
    internal double PlayedThreshold => _connection.Server.PlayedThreshold;

    /// <summary>
    /// The server told from which part of an item's length on it ignores positions; where it did not, those from half of it on are left
    /// out.
    /// </summary>
    public bool IsPlayedThresholdKnown => _connection.Server.IsPlayedThresholdKnown;

    /// <summary>Which user of which server this is.</summary>
    public ServerUser ServerUser => new(MachineIdentifier, User.Id);

    /// <summary>
    /// Whether two users have a token in common, which makes them one user to a server. The tokens of the account that connected to the
    /// other server count too, whichever user acts there.
    /// </summary>
    internal bool SharesTokenWith(PlexServer other) => (User.Id != other.User.Id && _connection.Token == other._connection.Token)
        || (User.Id != other._connection.Server.Account && other._connection.Server.AccountTokens.Contains(_connection.Token));

    /// <summary>The same, but as the owner where the owner's token is known: the owner hears of everybody (plex-facts §14.2).</summary>
    internal IAsyncEnumerable<ServerEvent> ListenForAllAsync(CancellationToken cancellationToken) =>
        new EventStream(_connection with { Token = _connection.Server.OwnerToken ?? _connection.Token }).ListenAsync(cancellationToken);

    /// <summary>By which it is recognised that <see cref="ListenForAllAsync"/> would ask the same; it holds a token.</summary>
    internal object Listener => (Address, _connection.Server.OwnerToken ?? _connection.Token);

    internal PlexClientOptions Options => _connection.Server.Options;

    /// <summary>How many items of a listing the server is asked for at once.</summary>
    internal int ListingSize => _connection.Server.Sizes.OfListings;

    /// <summary>How many writes may be under way at the server now.</summary>
    internal int WriteLimit => _connection.Server.Writes.Limit;

    internal TimeProvider Time => _connection.Server.Time;

    /// <summary>The server's own clock, by which it stamps dates.</summary>
    internal ServerClock Clock => _connection.Server.Clock;

    /// <summary>The libraries shared with the user, in the server's order.</summary>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public async Task<IReadOnlyList<Library>> GetLibrariesAsync(CancellationToken cancellationToken = default)
    {
        var libraries = await ReadLibrariesAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _libraries, new(Time, Task.FromResult(libraries)));
        return libraries;
    }

    /// <summary>The libraries as a caller was told them less than a minute ago, once; else as they are now.</summary>
    internal Task<IReadOnlyList<Library>> GetRecentLibrariesAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _libraries, null) is { } recent
            ? recent.GetAsync(() => ReadLibrariesAsync(cancellationToken), cancellationToken)
            : ReadLibrariesAsync(cancellationToken);

    private async Task<IReadOnlyList<Library>> ReadLibrariesAsync(CancellationToken cancellationToken)
    {
        var request = _connection.Read("/library/sections");
        var container = await _connection.GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
        var size = container.Size ?? throw WireError.Missing(request.Redacted, "size");
        var libraries = (container.Directory ?? []).Select(directory => new Library
        {
            Key = LibraryKey.TryParse(directory.Key, out var key) ? key : throw WireError.Missing(request.Redacted, "key"),
            Title = directory.Title ?? "",
            Type = directory.Type ?? throw WireError.Missing(request.Redacted, "type"),
        }).ToList();
        return libraries.Count == size && (container.TotalSize ?? size) == size
            && libraries.DistinctBy(static library => library.Key).Count() == size
            ? libraries
            : throw WireError.Incomplete(
                request.Redacted, $"{container.TotalSize ?? size} libraries announced, {libraries.Count} sent, or one of them twice");
    }

    /// <summary>Streams the movies, episodes or tracks of a library with the user's state, page by page.</summary>
    /// <param name="library">A library from <see cref="GetLibrariesAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>
    /// Use the items only once the stream has ended without an exception: only its end shows whether the listing is whole. A library of
    /// another type than movies, shows and music yields nothing.
    /// </remarks>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.IncompleteListing"/> when the listing cannot be trusted to be whole; other kinds when the server refused or
    /// failed.
    /// </exception>
    public IAsyncEnumerable<MediaItem> GetItemsAsync(Library library, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(library);
        return ItemsOf(GetPagesAsync(library, withIds: false, cancellationToken), cancellationToken);
    }

    /// <summary>As the public listing, a page at a time, of which nothing is to be kept.</summary>
    /// <param name="library">The library.</param>
    /// <param name="withIds">
    /// Asks for what identifies a work beyond this server, too, which costs a third more bytes. Some servers withhold the external ids of
    /// episodes in listings (plex-facts §4.2): they stay empty then.
    /// </param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    internal IAsyncEnumerable<ListingPage> GetPagesAsync(Library library, bool withIds, CancellationToken cancellationToken = default) =>
        ListAsync(library, library.ItemType, withIds, cancellationToken);

    /// <summary>The shows of a library with what identifies them beyond this server.</summary>
    internal IAsyncEnumerable<MediaItem> GetShowItemsAsync(Library library, CancellationToken cancellationToken) =>
        ItemsOf(ListAsync(library, MediaType.Show, withIds: true, cancellationToken), cancellationToken);

    private static async IAsyncEnumerable<MediaItem> ItemsOf(
        IAsyncEnumerable<ListingPage> pages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var texts = new TextPool();
        await foreach (var page in pages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in page.TakeItems(texts))
            {
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<ListingPage> ListAsync(
        Library library, MediaType? listed, bool withIds, [EnumeratorCancellation] CancellationToken cancellationToken, string filter = "")
    {
        if (listed is not { } type)
        {
            yield break;
        }

        var pages = PagesOfAsync(
            PathOf(library),
            string.Create(CultureInfo.InvariantCulture, $"type={type.ListingNumber}&sort=id{filter}&{Listing.Fields(withIds)}"),
            new ListingContent(type, withIds),
            cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            yield return page;
        }
    }

    private IAsyncEnumerable<ListingPage> PagesOfAsync(
        string path, string query, ListingContent content, CancellationToken cancellationToken) =>
        Listing.ReadAsync(
            _connection.Server, _connection.Read(path, query) with { MaxLength = Listing.MaxLength }, content, cancellationToken);

    private static string PathOf(Library library) => $"/library/sections/{Uri.EscapeDataString(library.Key.ToString())}/all";

    /// <summary>A page of a library in the order of the user's last views, the latest first; to be disposed.</summary>
    /// <param name="library">The library.</param>
    /// <param name="start">How many items come before it.</param>
    /// <param name="size">How many to ask for.</param>
    /// <param name="isDivisible">Whether less will be asked for if the server fails at so many.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    internal Task<ListingPage> GetNewestAsync(
        Library library, int start, int size, bool isDivisible, CancellationToken cancellationToken)
    {
        var type = library.ItemType ?? default;
        var request = _connection.Read(
            PathOf(library),
            string.Create(
                CultureInfo.InvariantCulture,
                $"type={type.ListingNumber}&sort=lastViewedAt:desc&{Listing.Fields(withIds: false)}")) with
        {
            MaxLength = Listing.MaxLength,
            Page = (start, size),
            IsDivisible = isDivisible,
        };
        return Listing.GetPageAsync(_connection.Server.Transport, request, new ListingContent(type, false), cancellationToken);
    }

    /// <summary>Reads many items at once; those that do not exist or that the user may not see are left out.</summary>
    /// <param name="keys">The items; asked for in as few requests as the server takes.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">The server refused, failed, or sent what was not asked for.</exception>
    public Task<IReadOnlyDictionary<RatingKey, MediaItem>> GetItemsAsync(
        IEnumerable<RatingKey> keys, CancellationToken cancellationToken = default) =>
        GetItemsAsync(keys, withIds: false, cancellationToken);

    /// <summary>As the public one, with what identifies a work beyond this server.</summary>
    internal Task<IReadOnlyDictionary<RatingKey, MediaItem>> GetItemsAsync(
        IEnumerable<RatingKey> keys, bool withIds, CancellationToken cancellationToken) =>
        new BulkRead(_connection, withIds).ReadAsync(keys, cancellationToken);

    /// <summary>
    /// What the server tells of playbacks and of its items, as it happens (<c>/:/eventsource/notifications</c>, plex-facts §14.2). The
    /// owner hears of everybody, another user of their own playbacks only.
    /// </summary>
    /// <param name="cancellationToken">Ends it; nothing else does but a token that is refused.</param>
    /// <remarks>
    /// Each <see cref="EventStreamOpened"/> is the beginning of a new stream, and each <see cref="EventStreamLost"/> the end of one: after
    /// 30 seconds of silence, too, since a living server sends something every 10 to 15 seconds. It is opened again after one to two
    /// seconds, then after longer and longer waits of up to a minute. What happens in between is not told later: read what may have
    /// changed each time that a stream was opened.
    /// </remarks>
    /// <exception cref="PlexException">
    /// The server refused the token: <see cref="PlexErrorKind.InvalidToken"/>, <see cref="PlexErrorKind.TokenExpired"/> or
    /// <see cref="PlexErrorKind.Forbidden"/>.
    /// </exception>
    /// <example>
    /// <code>
    /// await foreach (ServerEvent happened in server.ListenAsync(stopping))
    /// {
    ///     if (happened is PlaybackEvent { State: PlaybackState.Stopped } stopped)
    ///     {
    ///         Console.WriteLine($"Somebody stopped {stopped.Item} at {stopped.Position}.");
    ///     }
    /// }
    /// </code>
    /// </example>
    public IAsyncEnumerable<ServerEvent> ListenAsync(CancellationToken cancellationToken = default) =>
        new EventStream(_connection).ListenAsync(cancellationToken);

    /// <summary>Marks an item watched (<c>/:/scrobble</c>).</summary>
    /// <remarks>
    /// Adds one to the view count on every call, so it is never sent twice: when the answer is lost, the exception's
    /// <see cref="PlexException.MayHaveTakenEffect"/> is true, and only reading the item tells.
    /// </remarks>
    /// <exception cref="PlexException">The server refused or failed, or its answer was lost.</exception>
    public Task MarkWatchedAsync(RatingKey key, CancellationToken cancellationToken = default) =>
        MarkAsync(Mark.Watched, key, null, cancellationToken);

    /// <summary>Marks an item unwatched (<c>/:/unscrobble</c>): clears its view count, position and date.</summary>
    /// <remarks>Never sent twice either: an answer that comes late could undo what was written after it.</remarks>
    /// <exception cref="PlexException">The server refused or failed, or its answer was lost.</exception>
    public Task MarkUnwatchedAsync(RatingKey key, CancellationToken cancellationToken = default) =>
        MarkAsync(Mark.Unwatched, key, null, cancellationToken);

    /// <summary>Sets where the user resumes an item (<c>/:/timeline</c>).</summary>
    /// <param name="key">The item.</param>
    /// <param name="position">Where to resume: more than 60 seconds, below the played threshold; Plex silently ignores others.</param>
    /// <param name="duration">The length of the item, without which Plex ignores the position.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <remarks>
    /// On a watched item this makes it "being watched again". Sent as a playing session of its own, since a server counts a view where one
    /// session crosses the played threshold (plex-facts §14.1).
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The position is not within the item.</exception>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public Task SetPositionAsync(RatingKey key, TimeSpan position, TimeSpan duration, CancellationToken cancellationToken = default) =>
        SetPositionAsync(key, position, duration, null, cancellationToken);

    /// <param name="key">The item.</param>
    /// <param name="position">Where to resume.</param>
    /// <param name="duration">The length of the item.</param>
    /// <param name="sending">Called right before each attempt, with the failure of the one before it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    internal Task SetPositionAsync(
        RatingKey key, TimeSpan position, TimeSpan duration, Func<PlexException?, Task>? sending, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(position.Ticks, nameof(position));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, duration);
        var id = UserConnection.Segment(key);
        return _connection.Server.Transport.SendAsync(
            _connection.Write(HttpMethod.Post, "/:/timeline", string.Create(
                CultureInfo.InvariantCulture,
                $"ratingKey={id}&key=%2Flibrary%2Fmetadata%2F{id}&state=stopped"
                + $"&time={(long)position.TotalMilliseconds}&duration={(long)duration.TotalMilliseconds}")) with
            {
                Session = Guid.NewGuid().ToString("N"),
                Sending = sending,
            },
            WriteAnswer.ReadEmptyOrPlexAsync,
            cancellationToken);
    }

    /// <summary>
    /// Sets or takes away the user's rating of an item (<c>/:/rate</c>, plex-facts §6.5). The same again changes nothing.
    /// </summary>
    /// <param name="key">The item.</param>
    /// <param name="rating">0 to 10; null takes the rating away.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <remarks>Some servers were seen to answer every user with the owner's rating: read it back.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rating is not within 0 to 10.</exception>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public Task SetRatingAsync(RatingKey key, double? rating, CancellationToken cancellationToken = default) =>
        SetRatingAsync(key, rating, null, cancellationToken);

    /// <inheritdoc cref="SetRatingAsync(RatingKey, double?, CancellationToken)"/>
    internal Task SetRatingAsync(
        RatingKey key, double? rating, Func<PlexException?, Task>? sending, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rating ?? 0, nameof(rating));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rating ?? 0, 10, nameof(rating));
        return _connection.Server.Transport.SendAsync(
            _connection.Write(HttpMethod.Put, "/:/rate", string.Create(
                CultureInfo.InvariantCulture, $"identifier={Identifier}&key={UserConnection.Segment(key)}&rating={rating ?? -1}")) with
            {
                Sending = sending,
            },
            WriteAnswer.ReadEmptyAsync,
            cancellationToken);
    }

    /// <summary>
    /// The user is the one whose token reads what everybody plays: number 1 on the server, whatever plex.tv says (plex-facts §7).
    /// </summary>
    internal bool IsOwner => _connection.Server.OwnerToken == _connection.Token;

    /// <summary>The same server as another user; to be proved before it is handed out.</summary>
    internal PlexServer As(PlexUser user, string token, IdentityProof identity) =>
        new(_connection with { User = user, Token = token }, identity);

    /// <inheritdoc cref="OwnerPreferences.ProveWithheldAsync"/>
    internal Task ProveNotOwnerAsync(CancellationToken cancellationToken) =>
        OwnerPreferences.ProveWithheldAsync(_connection, cancellationToken);

    // GET is what every client in the field sends; PUT is the documented verb (plex-facts §6.1). This is the only place that knows.
    internal Task<bool> MarkAsync(Mark mark, RatingKey key, Func<PlexException?, Task>? sending, CancellationToken cancellationToken) =>
        _connection.Server.Transport.SendAsync(
            _connection.Write(
                HttpMethod.Get,
                mark is Mark.Watched ? "/:/scrobble" : "/:/unscrobble",
                $"identifier={Identifier}&key={UserConnection.Segment(key)}") with
            {
                IsRepeatable = false,
                Sending = sending,
            },
            WriteAnswer.ReadEmptyAsync,
            cancellationToken);
}
