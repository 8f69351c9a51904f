using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace PlexSync;

// What users of a server want to know besides the state of its libraries. No plan rests on any of it.
public sealed partial class PlexServer
{
    /// <summary>How many rows of Continue Watching are read at most: people see the first dozen.</summary>
    private const int MostOnDeck = 1000;

    /// <summary>Finds movies, shows, episodes and tracks by a part of their title, in all libraries that the user sees.</summary>
    /// <param name="title">A part of a title; capitals and the Unicode form of accents do not matter.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What was found, with the user's state: titles that equal the text first, then those that begin with it.</returns>
    /// <remarks>
    /// One request for each library, two for one of shows. The server decides whether an accent may be missing (<c>title=</c>, plex-facts
    /// §4.3). Playlists and collections are not looked for.
    /// </remarks>
    /// <exception cref="PlexException">The server refused or failed, or a library could not be read whole.</exception>
    /// <example>
    /// <code>
    /// SearchResult found = await server.SearchAsync("lighthouse");
    /// foreach (MediaItem item in found.Items)
    /// {
    ///     Console.WriteLine($"{item.DisplayTitle} ({item.RatingKey}): {(item.State.IsWatched ? "watched" : "not watched")}");
    /// }
    /// </code>
    /// </example>
    public async Task<SearchResult> SearchAsync(string title, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var libraries = await GetLibrariesAsync(cancellationToken).ConfigureAwait(false);
        var filter = $"&title={Uri.EscapeDataString(LongestPart(title))}";
        var found = await Task.WhenAll(libraries.Select(async library =>
        {
            var (items, shows) = (new List<MediaItem>(), new List<Show>());
            await foreach (var item in ItemsOf(
                ListAsync(library, library.ItemType, withIds: true, cancellationToken, filter), cancellationToken).ConfigureAwait(false))
            {
                items.Add(item);
            }

            await foreach (var show in GetShowsAsync(library, filter, cancellationToken).ConfigureAwait(false))
            {
                shows.Add(show);
            }

            return (items, shows);
        })).ConfigureAwait(false);
        return new SearchResult
        {
            Items = Closest(title, found.SelectMany(static one => one.items), static item => item.Title),
            Shows = Closest(title, found.SelectMany(static one => one.shows), static show => show.Title),
        };
    }

    /// <summary>The shows of a library, with how much of each the user has watched.</summary>
    /// <param name="library">A library of shows; others have none.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>Each page is one request. The counts are those of the episodes that the user sees (plex-facts §4.2).</remarks>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public IAsyncEnumerable<Show> GetShowsAsync(Library library, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(library);
        return GetShowsAsync(library, filter: "", cancellationToken);
    }

    /// <summary>The seasons of a show in their order, with how much of each the user has watched.</summary>
    /// <param name="show">The rating key of the show.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The seasons that have an episode the user sees; none if the key is that of a season.</returns>
    /// <remarks>Counted from the episodes themselves, since not every list of seasons has counts (plex-facts §14.1).</remarks>
    /// <exception cref="PlexException">
    /// The user sees no such show (<see cref="PlexErrorKind.NotFound"/>), or the server refused or failed.
    /// </exception>
    public async Task<IReadOnlyList<Season>> GetSeasonsAsync(RatingKey show, CancellationToken cancellationToken = default)
    {
        var request = _connection.Read($"/library/metadata/{UserConnection.Segment(show)}/allLeaves", Listing.Fields(withIds: false));
        var seasons = new Dictionary<RatingKey, Season>();
        await foreach (var row in MetadataPages.ReadAsync(_connection, request, static row => row.RatingKey, cancellationToken)
            .ConfigureAwait(false))
        {
            if (RatingKey.TryParse(row.ParentRatingKey, out var key))
            {
                var season = seasons.GetValueOrDefault(key) ?? new Season
                {
                    RatingKey = key,
                    Show = show,
                    ShowTitle = row.GrandparentTitle ?? "",
                    Number = WireMetadata.ToNumber(row.ParentIndex),
                    Episodes = 0,
                    WatchedEpisodes = 0,
                };
                var viewed = WireMetadata.ToDate(row.LastViewedAt);
                seasons[key] = season with
                {
                    Episodes = season.Episodes + 1,
                    WatchedEpisodes = season.WatchedEpisodes + (row.ViewCount > 0 ? 1 : 0),
                    LastViewedAt = Nullable.Compare(viewed, season.LastViewedAt) > 0 ? viewed : season.LastViewedAt,
                };
            }
        }

        return [.. seasons.Values.OrderBy(static season => season.Number ?? int.MaxValue)];
    }

    /// <summary>The episodes of a show or of a season, in the server's order, with the user's state.</summary>
    /// <param name="showOrSeason">The rating key of either.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">
    /// The user sees no such show or season (<see cref="PlexErrorKind.NotFound"/>), the list could not be read whole, or the server refused
    /// or failed.
    /// </exception>
    public async Task<IReadOnlyList<MediaItem>> GetEpisodesAsync(RatingKey showOrSeason, CancellationToken cancellationToken = default)
    {
        // The leaves of a season are its children only (plex-facts §5).
        var episodes = await ReadBelowAsync(showOrSeason, "allLeaves", MediaType.Episode, cancellationToken).ConfigureAwait(false);
        return episodes.Count > 0 ? episodes
            : await ReadBelowAsync(showOrSeason, "children", MediaType.Episode, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What the user would go on with, as the server ranks it: what is in progress, and the next episodes of shows (<c>/library/onDeck</c>,
    /// plex-facts §5).
    /// </summary>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>
    /// Not all that is in progress is on it, and much that is on it was never begun. Since Plex 1.40, marking an episode watched by hand,
    /// which is how PlexSync copies states, does not bring up the next one.
    /// </remarks>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public async Task<IReadOnlyList<MediaItem>> GetOnDeckAsync(CancellationToken cancellationToken = default)
    {
        var request = _connection.Read("/library/onDeck", Listing.Fields(withIds: true)) with
        {
            Page = (0, Math.Min(MostOnDeck, ListingSize)),
            MaxLength = Listing.MaxLength,
        };
        using var page = await Listing.GetPageAsync(
            _connection.Server.Transport, request, new ListingContent(default, WithIds: true), cancellationToken).ConfigureAwait(false);
        var (items, texts) = (new List<MediaItem>(), new TextPool());
        for (var at = 0; at < page.Count; at++)
        {
            var row = page[at];
            if (OpaqueKey.IsValid(row.Key) && row.Type.IsLeaf)
            {
                items.Add(row.ToItem(texts));
            }
        }

        return items;
    }

    /// <summary>
    /// Who is playing what on the server now, on any device (<c>/status/sessions</c>, plex-facts §8.1). Only the owner may see it.
    /// </summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <remarks>
    /// Live television and what comes from elsewhere than a library are left out. An app that disappears without a stop stays listed for up
    /// to half an hour (plex-facts §14.2).
    /// </remarks>
    /// <exception cref="PlexException">
    /// The user is not the owner (<see cref="PlexErrorKind.Forbidden"/>), or the server refused or failed.
    /// </exception>
    public async Task<IReadOnlyList<PlaybackSession>> GetSessionsAsync(CancellationToken cancellationToken = default)
    {
        var rows = await ReadSessionsAsync(_connection.Token, cancellationToken).ConfigureAwait(false);
        return [.. rows.Where(static row => row.Key is not null && !string.IsNullOrWhiteSpace(row.Type)).Select(row => new PlaybackSession
        {
            Session = SessionKey.TryParse(row.SessionKey, out var key) ? key : null,
            User = ToUser(row.User?.Id),
            UserTitle = row.User?.Title,
            Item = row.ToItem()!,
            State = WirePlayback.ToState(row.Player?.State),
            Position = WireMetadata.ToTime(row.ViewOffset),
            Player = row.Player?.Title ?? row.Player?.Product,
        })];
    }

    /// <summary>
    /// The completed playbacks that the server remembers, the latest first, page by page (<c>/status/sessions/history/all</c>, plex-facts
    /// §7). The owner sees everybody’s, other users their own.
    /// </summary>
    /// <param name="query">Which part of it; all of it if null.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>
    /// Only what was really played is in it, not what was marked by hand or by PlexSync: it does not tell what is watched, but it is the
    /// only place that keeps the date of each view. Entries without a date are left out. What is played while it is read is not in it.
    /// </remarks>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    /// <example>
    /// <code>
    /// var lastWeek = new HistoryQuery { User = kid.User.Id, Since = DateTimeOffset.UtcNow.AddDays(-7) };
    /// await foreach (HistoryEntry entry in server.GetHistoryAsync(lastWeek, stopping))
    /// {
    ///     Console.WriteLine($"{entry.ViewedAt:d}: {entry.Title}");
    /// }
    /// </code>
    /// </example>
    public async IAsyncEnumerable<HistoryEntry> GetHistoryAsync(
        HistoryQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new HistoryQuery();
        var request = _connection.Read(
            "/status/sessions/history/all",
            "sort=viewedAt:desc"
            + (query.User is { } user ? $"&accountID={ToAccount(user)}" : "")
            + (query.Since is { } since
                ? string.Create(CultureInfo.InvariantCulture, $"&viewedAt%3E={since.ToUnixTimeSeconds()}") : "")
            + (query.Library is { } library ? $"&librarySectionID={Uri.EscapeDataString(library.ToString())}" : "")
            + (query.Item is { } item ? $"&metadataItemID={UserConnection.Segment(item)}" : "")
            + $"&{Listing.Fields(withIds: false)}");
        var rows = MetadataPages.ReadAsync(_connection, request, static row => row.HistoryKey, cancellationToken, grows: true);
        await foreach (var row in rows.ConfigureAwait(false))
        {
            // A server that does not know a filter ignores it.
            if (ToEntry(row) is { } entry
                && (query.User is null || entry.User == query.User)
                && (query.Since is null || entry.ViewedAt >= query.Since)
                && (query.Library is null || entry.Library is null || entry.Library == query.Library)
                && (query.Item is null || entry.Item == query.Item))
            {
                yield return entry;
            }
        }
    }

    /// <summary>What everybody is playing, asked with the owner's token; null where the owner is not connected.</summary>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    internal async Task<PlayingNow?> GetPlayingAsync(CancellationToken cancellationToken)
    {
        if (_connection.Server.OwnerToken is not { } token)
        {
            return null;
        }

        var playing = new PlayingNow();
        foreach (var row in await ReadSessionsAsync(token, cancellationToken).ConfigureAwait(false))
        {
            // Live television and the cloud have keys of other kinds.
            if (row.Key is { } key)
            {
                playing.Add(new PlayingSession(
                    SessionKey.TryParse(row.SessionKey, out var known) ? known : null,
                    row.User?.Id,
                    key,
                    IsPaused: row.Player?.State == "paused"));
            }
        }

        return playing;
    }

    /// <summary>What some items are, and in which libraries; what the user does not see is left out.</summary>
    internal async Task<IReadOnlyDictionary<RatingKey, WireMetadata>> GetKindsAsync(
        IEnumerable<RatingKey> keys, CancellationToken cancellationToken)
    {
        var kinds = new Dictionary<RatingKey, WireMetadata>();
        foreach (var batch in keys.Distinct().Chunk(BulkRead.MaxItems / 2))
        {
            // A server may send fewer at once than it was asked for: the others are asked for again while more of them come.
            for (var (left, before) = (batch, -1); left.Length > 0 && kinds.Count > before;)
            {
                before = kinds.Count;
                foreach (var (key, row) in await ReadKindsAsync(left, cancellationToken).ConfigureAwait(false))
                {
                    kinds.TryAdd(key, row);
                }

                left = Array.FindAll(left, key => !kinds.ContainsKey(key));
            }
        }

        return kinds;
    }

    private async Task<IEnumerable<(RatingKey Key, WireMetadata Row)>> ReadKindsAsync(
        RatingKey[] keys, CancellationToken cancellationToken)
    {
        var request = _connection.Read(
            $"/library/metadata/{string.Join(',', keys.Select(UserConnection.Segment))}", Listing.Fields(withIds: false)) with
        {
            Page = (0, keys.Length),
            MaxLength = Listing.MaxLength,
        };
        try
        {
            var answer = await _connection.GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
            IEnumerable<WireMetadata> rows = answer.Metadata ?? [];
            return rows.Where(static row => row.Key is not null).Select(row =>
            {
                row.LibrarySectionId ??= answer.LibrarySectionId;
                return (row.Key!.Value, row);
            });
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // None of them resolves (plex-facts §5).
            return [];
        }
    }

    /// <summary>What lies below a show, a season, an artist or an album.</summary>
    /// <param name="key">Its rating key.</param>
    /// <param name="kin"><c>children</c> or <c>allLeaves</c>.</param>
    /// <param name="type">What is wanted of it.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    internal async Task<IReadOnlyList<MediaItem>> ReadBelowAsync(
        RatingKey key, string kin, MediaType type, CancellationToken cancellationToken)
    {
        var items = new List<MediaItem>();
        var pages = PagesOfAsync(
            $"/library/metadata/{UserConnection.Segment(key)}/{kin}", $"excludeAllLeaves=1&{Listing.Fields(withIds: true)}",
            new ListingContent(type, WithIds: true), cancellationToken);
        await foreach (var item in ItemsOf(pages, cancellationToken).ConfigureAwait(false))
        {
            items.Add(item);
        }

        return items;
    }

    private async IAsyncEnumerable<Show> GetShowsAsync(
        Library library, string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (library.ItemType != MediaType.Episode)
        {
            yield break;
        }

        var request = _connection.Read(
            PathOf(library),
            string.Create(
                CultureInfo.InvariantCulture,
                $"type={MediaType.Show.ListingNumber}&sort=id{filter}&{Listing.Fields(withIds: true)}"));
        await foreach (var row in MetadataPages.ReadAsync(_connection, request, static row => row.RatingKey, cancellationToken)
            .ConfigureAwait(false))
        {
            if (row.Key is { } key)
            {
                yield return new Show
                {
                    RatingKey = key,
                    Title = row.Title ?? "",
                    Year = WireMetadata.ToNumber(row.Year),
                    Seasons = WireMetadata.ToNumber(row.ChildCount),
                    Episodes = WireMetadata.ToNumber(row.LeafCount),
                    WatchedEpisodes = WireMetadata.ToNumber(row.ViewedLeafCount),
                    LastViewedAt = WireMetadata.ToDate(row.LastViewedAt),
                    PlexGuid = row.PlexGuid,
                    ExternalIds = [.. (row.ExternalIds ?? []).Select(static one => one.Id).OfType<string>()],
                };
            }
        }
    }

    private async Task<IReadOnlyList<WireMetadata>> ReadSessionsAsync(string token, CancellationToken cancellationToken)
    {
        var request = _connection.Read("/status/sessions") with { Token = token };
        var container = await _connection.GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
        var rows = container.Metadata ?? [];
        return container.Size is { } size && size != rows.Count
            ? throw WireError.Incomplete(request.Redacted, $"{size} sessions announced, {rows.Count} readable") : rows;
    }

    private HistoryEntry? ToEntry(WireMetadata row) => row.HistoryKey is not { } key || WireMetadata.ToDate(row.ViewedAt) is not { } viewed
        ? null
        : new HistoryEntry
        {
            HistoryKey = key,
            ViewedAt = viewed,
            User = ToUser(row.AccountId),
            Item = row.Key,
            Type = string.IsNullOrWhiteSpace(row.Type) ? null : MediaType.Parse(row.Type),
            Library = row.Library,
            Title = row.Title ?? "",
            ShowTitle = row.GrandparentTitle,
            SeasonNumber = row.GrandparentTitle is null ? null : WireMetadata.ToNumber(row.ParentIndex),
            EpisodeNumber = row.GrandparentTitle is null ? null : WireMetadata.ToNumber(row.Index),
        };

    /// <summary>The owner is number 1 on the server, whatever plex.tv says; nobody with an account is number 0 (plex-facts §7).</summary>
    private UserId? ToUser(string? account) =>
        account == PlayingSession.OwnersId ? (_connection.Server.OwnerToken is null ? null : _connection.Server.Account)
        : long.TryParse(account, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? new UserId(id) : null;

    private string ToAccount(UserId user) =>
        user == _connection.Server.Account && _connection.Server.OwnerToken is not null ? PlayingSession.OwnersId : $"{user}";

    /// <summary>
    /// The longest part without a comma, which means "or" to the server (plex-facts §4.3), and without a letter whose accent is a character
    /// of its own, which the server may keep as one.
    /// </summary>
    private static string LongestPart(string title)
    {
        var (longest, part) = ("", new StringBuilder());
        foreach (var letter in $"{title},")
        {
            var isMark = CharUnicodeInfo.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark;
            if (!isMark && letter != ',')
            {
                part.Append(letter);
                continue;
            }

            part.Length -= isMark && part.Length > 0 ? 1 : 0;
            longest = part.Length > longest.Length ? $"{part}" : longest;
            part.Clear();
        }

        return longest.Trim() is { Length: > 0 } text ? text : title;
    }

    /// <summary>
    /// What really has the text in its title, the closest first: a server that does not know the filter sends everything.
    /// </summary>
    private static IReadOnlyList<T> Closest<T>(string text, IEnumerable<T> found, Func<T, string> titleOf) =>
        [.. found.Where(one => NameComparison.ContainsIgnoringCase(titleOf(one), text))
            .OrderBy(one => NameComparison.EqualIgnoringCase(titleOf(one), text) ? 0
                : NameComparison.StartsWithIgnoringCase(titleOf(one), text) ? 1 : 2)
            .ThenBy(titleOf, StringComparer.OrdinalIgnoreCase)];
}
