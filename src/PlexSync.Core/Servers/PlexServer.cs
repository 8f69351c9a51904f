using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>One Plex Media Server as one user: every read and write concerns that user, whose token it holds.</summary>
/// <remarks>
/// Made by <see cref="PlexClient.ConnectAsync(Uri, PlexAccount, CancellationToken)"/> and <see cref="HomeUserSwitcher"/>. Thread-safe.
/// </remarks>
public sealed partial class PlexServer
{
    /// <summary>The part of the length above which Plex ignores a position, unless the server says otherwise: 90 %.</summary>
    internal const double DefaultPlayedThreshold = 0.9;

    /// <summary>The lowest threshold that a server can be set to, for where it is not known.</summary>
    private const double UnknownPlayedThreshold = 0.5;

    /// <summary>How many items one bulk read names at most; 240 worked on the servers met (plex-facts §5).</summary>
    private const int MaxBulkItems = 200;

    /// <summary>Several times a page of 1,000 items with every detail that listings have.</summary>
    private const long MaxListingLength = 64L * 1024 * 1024;

    /// <summary>How long the list of ids may be, for the sake of reverse proxies (plex-facts §5).</summary>
    private const int MaxBulkLength = 4000;

    // Trimming is an optimisation that a server may ignore (plex-facts §1.5). Never Guid, never a state field.
    private const string Trimmed =
        "excludeElements=Media,Genre,Country,Rating,Collection,Director,Writer,Role,Producer,Similar,"
        + "Style,Mood,Format,Image,UltraBlurColors"
        + "&excludeFields=summary,tagline,thumb,art,file,studio,contentRating,chapterSource,slug,audienceRating,"
        + "audienceRatingImage,rating,ratingImage,"
        + "parentThumb,grandparentThumb,grandparentArt,grandparentTheme,primaryExtraKey";

    private const string Identifier = "com.plexapp.plugins.library";

    private readonly Connection _connection;
    private readonly string _token;

    private PlexServer(Connection connection, PlexUser user, string token, IdentityProof identity)
    {
        _connection = connection;
        _token = token;
        User = user;
        Identity = identity;
    }

    /// <summary>Which installation it is.</summary>
    public MachineIdentifier MachineIdentifier => _connection.MachineIdentifier;

    /// <summary>The name its owner gave it.</summary>
    public string Name => _connection.Name;

    /// <summary>The version of Plex Media Server.</summary>
    public string Version => _connection.Version;

    /// <summary>Where it answers.</summary>
    public Uri Address => _connection.Address;

    /// <summary>Who reads and writes here.</summary>
    public PlexUser User { get; }

    /// <summary>How it is known that the server sees <see cref="User"/>.</summary>
    public IdentityProof Identity { get; }

    /// <summary>The part of an item's length above which the server ignores a position.</summary>
    internal double PlayedThreshold => _connection.PlayedThreshold;

    /// <summary>
    /// The server told from which part of an item's length on it ignores positions; where it did not, those from half of it on are left
    /// out.
    /// </summary>
    public bool IsPlayedThresholdKnown => _connection.IsPlayedThresholdKnown;

    internal ServerUser ServerUser => new(MachineIdentifier, User.Id);

    /// <summary>
    /// To a server, two users with one token are one user. The tokens of the account that connected to the other one count too, whoever
    /// acts there.
    /// </summary>
    internal bool SharesTokenWith(PlexServer other) => (User.Id != other.User.Id && _token == other._token)
        || (User.Id != other._connection.Account && other._connection.AccountTokens.Contains(_token));

    internal PlexClientOptions Options => _connection.Options;

    internal TimeProvider Time => _connection.Time;

    /// <summary>What the server's own clock says, by which it stamps dates.</summary>
    internal ServerClock Clock => _connection.Clock;

    /// <summary>The libraries shared with the user, in the server's order.</summary>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public async Task<IReadOnlyList<Library>> GetLibrariesAsync(CancellationToken cancellationToken = default)
    {
        var request = Read("/library/sections");
        var container = await GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
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
            : throw Incomplete(request, $"{container.TotalSize ?? size} libraries announced, {libraries.Count} sent, or one of them twice");
    }

    /// <summary>Streams the movies, episodes or tracks of a library with the user's state, page by page.</summary>
    /// <param name="library">A library from <see cref="GetLibrariesAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>
    /// What was received is only to be used once the stream has ended without an exception: whether a listing is whole shows at its end.
    /// A library of another type than movies, shows and music yields nothing.
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

    /// <summary>As the public listing, a page at a time.</summary>
    /// <param name="library">The library.</param>
    /// <param name="withIds">
    /// Asks for what identifies a work beyond this server, too, which costs a third more bytes. Some servers withhold the external ids of
    /// episodes in listings (plex-facts §4.2): they stay empty then.
    /// </param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    internal IAsyncEnumerable<ItemPage> GetPagesAsync(Library library, bool withIds, CancellationToken cancellationToken = default) =>
        ListAsync(library, library.ItemType, withIds, cancellationToken);

    /// <summary>The shows of a library with what identifies them beyond this server.</summary>
    internal IAsyncEnumerable<MediaItem> GetShowsAsync(Library library, CancellationToken cancellationToken) =>
        ItemsOf(ListAsync(library, MediaType.Show, withIds: true, cancellationToken), cancellationToken);

    private static async IAsyncEnumerable<MediaItem> ItemsOf(
        IAsyncEnumerable<ItemPage> pages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in pages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in page.Items)
            {
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<ItemPage> ListAsync(
        Library library, MediaType? listed, bool withIds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (listed is not { } type)
        {
            yield break;
        }

        var request = Read(
            $"/library/sections/{Uri.EscapeDataString(library.Key.ToString())}/all",
            string.Create(
                CultureInfo.InvariantCulture, $"type={type.ListingNumber}&sort=id&{(withIds ? "includeGuids=1&" : "")}{Trimmed}")) with
        {
            MaxLength = MaxListingLength,
        };
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var page in
            Listing.ReadAsync(_connection.Transport, request, _connection.Sizes, cancellationToken).ConfigureAwait(false))
        {
            var items = page.Items.Select(wire => wire.ToItem(request.Redacted, names, withIds, type, page.Latest));
            yield return new ItemPage([.. items.Where(item => item.Type == type)], page.Total is >= 0 and var total ? (int)total : null);
        }
    }

    /// <summary>Reads many items at once; those that do not exist or that the user may not see are left out.</summary>
    /// <param name="keys">The items; asked for in as few requests as the server takes.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">The server refused, failed, or sent what was not asked for.</exception>
    public Task<IReadOnlyDictionary<RatingKey, MediaItem>> GetItemsAsync(
        IEnumerable<RatingKey> keys, CancellationToken cancellationToken = default) =>
        GetItemsAsync(keys, withIds: false, cancellationToken);

    /// <summary>As the public one, with what identifies a work beyond this server.</summary>
    internal async Task<IReadOnlyDictionary<RatingKey, MediaItem>> GetItemsAsync(
        IEnumerable<RatingKey> keys, bool withIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new Dictionary<RatingKey, MediaItem>();
        var batches = new Stack<Batch>(Batches(keys).Reverse().Select(static batch => new Batch(batch, IsDoubted: false)));
        while (batches.TryPop(out var batch))
        {
            if (batch.Keys.Length > _connection.Sizes.OfBatches)
            {
                Push(batch.Keys, _connection.Sizes.OfBatches, batch.IsDoubted);
                continue;
            }

            IReadOnlyList<MediaItem> items;
            BatchAnswer answer;
            try
            {
                (items, answer) = await GetBatchAsync(batch.Keys, withIds, cancellationToken).ConfigureAwait(false);
            }
            catch (PlexException e) when (batch.Keys.Length > PageSizes.SmallestBatch && Listing.IsChoking(e))
            {
                _connection.Sizes.HalveBatches(batch.Keys.Length);
                batches.Push(batch);
                continue;
            }

            foreach (var item in items)
            {
                found[item.RatingKey] = item;
            }

            // Large batches came back empty on some servers, and a page clamp cuts one short: what is missing is asked for in smaller
            // numbers. "None of them exists" is worth one more question too, before anybody believes it of so many.
            if (batch.Keys.Length > 1 && (answer is BatchAnswer.Partial || (answer is BatchAnswer.None && !batch.IsDoubted)))
            {
                var missing = batch.Keys.Where(key => !found.ContainsKey(key)).ToArray();
                var size = items.Count > 0 ? missing.Length : (missing.Length + 1) / 2;
                Push(missing, Math.Max(size, 1), isDoubted: answer is BatchAnswer.None);
            }
        }

        return found;

        void Push(RatingKey[] keys, int size, bool isDoubted)
        {
            foreach (var part in keys.Chunk(size).Reverse())
            {
                batches.Push(new Batch(part, isDoubted));
            }
        }
    }

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
    /// <param name="repeating">Called with the failure of an attempt before the next one is sent.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    internal Task SetPositionAsync(
        RatingKey key, TimeSpan position, TimeSpan duration, Func<PlexException, Task>? repeating, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(position.Ticks, nameof(position));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, duration);
        var id = Segment(key);
        return _connection.Transport.SendAsync(
            Write(HttpMethod.Post, "/:/timeline", string.Create(
                CultureInfo.InvariantCulture,
                $"ratingKey={id}&key=%2Flibrary%2Fmetadata%2F{id}&state=stopped"
                + $"&time={(long)position.TotalMilliseconds}&duration={(long)duration.TotalMilliseconds}")) with
            {
                Session = Guid.NewGuid().ToString("N"),
                Repeating = repeating,
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
    /// <remarks>Some servers were seen to answer with the owner's rating whoever asks: read it back.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rating is not within 0 to 10.</exception>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public Task SetRatingAsync(RatingKey key, double? rating, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rating ?? 0, nameof(rating));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rating ?? 0, 10, nameof(rating));
        return _connection.Transport.SendAsync(
            Write(HttpMethod.Put, "/:/rate", string.Create(
                CultureInfo.InvariantCulture, $"identifier={Identifier}&key={Segment(key)}&rating={rating ?? -1}")),
            WriteAnswer.ReadEmptyAsync,
            cancellationToken);
    }

    /// <summary>
    /// What everybody is playing on any device (<c>/status/sessions</c>, plex-facts §8.1), asked with the owner's token, since nobody else
    /// may see it; null where the owner is not connected.
    /// </summary>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    internal async Task<PlayingNow?> GetPlayingAsync(CancellationToken cancellationToken)
    {
        if (_connection.OwnerToken is not { } token)
        {
            return null;
        }

        var container = await GetContainerAsync(Read("/status/sessions") with { Token = token }, cancellationToken).ConfigureAwait(false);
        var playing = new PlayingNow();
        foreach (var session in container.Metadata ?? [])
        {
            // Live television and the cloud have keys of other kinds.
            if (RatingKey.TryParse(session.RatingKey, out var key))
            {
                playing.Add(session.User?.Id, key);
            }
        }

        return playing;
    }

    /// <summary>
    /// The user is the one whose token reads what everybody plays: number 1 on the server, whatever plex.tv says (plex-facts §7).
    /// </summary>
    internal bool IsOwner => _connection.OwnerToken == _token;

    /// <summary>Which server answers at an address: the one request that needs no token and proves nothing about one.</summary>
    internal static async Task<MachineIdentifier> IdentifyAsync(
        PlexTransport transport, Uri address, bool retry, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, address, "/identity") { IsRetried = retry };
        WireServerEnvelope answer;
        try
        {
            answer = await transport.SendAsync(request, ServerJsonContext.Default.WireServerEnvelope, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound or PlexErrorKind.Rejected)
        {
            // Every Plex server knows this address, and answers anybody there.
            throw new PlexException(PlexErrorKind.NotPlex, $"{request.Redacted} answered, but not as Plex does.", e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = e.Subject,
            };
        }

        return MachineIdentifier.TryParse(answer.MediaContainer?.MachineIdentifier, out var machine)
            ? machine
            : throw new PlexException(PlexErrorKind.NotPlex, $"{request.Redacted} answered, but not as Plex does.")
            {
                Path = request.Redacted,
                Subject = address.Authority,
            };
    }

    /// <summary>The server says that it is signed in to no account; false where it does not say so, or cannot be asked.</summary>
    internal static async Task<bool> IsUnclaimedAsync(PlexTransport transport, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            var request = new PlexRequest(HttpMethod.Get, address, "/identity");
            var type = ServerJsonContext.Default.WireServerEnvelope;
            var answer = await transport.SendAsync(request, type, cancellationToken).ConfigureAwait(false);
            return answer.MediaContainer?.Claimed is false;
        }
        catch (PlexException)
        {
            return false;
        }
    }

    /// <summary>Connects with a token that plex.tv says is the user's for this server, and checks that the server treats it so.</summary>
    internal static async Task<PlexServer> ConnectAsync(
        PlexTransport transport,
        PlexClientOptions options,
        TimeProvider time,
        Uri address,
        ServerResource resource,
        PlexAccount account,
        string token,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var user = account.User;
        var connection = new Connection
        {
            Transport = transport,
            Options = options,
            Time = time,
            Clock = new ServerClock(time),
            Address = address,
            MachineIdentifier = resource.MachineIdentifier,
            Name = resource.Name,
            Version = resource.Version ?? "",
            Reads = new SemaphoreSlim(options.MaxConcurrency),
            Writes = new SemaphoreSlim(options.MaxConcurrency),
            Sizes = new PageSizes(options.PageSize),
            Account = user.Id,
            AccountTokens = resource.AccessToken is { } listed ? [account.Token, listed] : [account.Token],
        };
        var request = new PlexServer(connection, user, token, IdentityProof.Proved).Read("/");
        var answer = await transport.SendAsync(request, ServerJsonContext.Default.WireServerEnvelope, cancellationToken)
            .ConfigureAwait(false);
        var about = answer.MediaContainer;
        if (about?.MachineIdentifier is { } machine && machine != resource.MachineIdentifier.ToString())
        {
            throw new PlexException(PlexErrorKind.WrongServer, $"{address.Authority} changed from one server to another while connecting.")
            {
                Path = request.Redacted,
                Subject = address.Authority,
            };
        }

        var server = new PlexServer(
            connection with { Name = about?.FriendlyName ?? resource.Name, Version = about?.Version ?? resource.Version ?? "" },
            user,
            token,
            IdentityProof.Proved);
        if (!resource.IsOwned)
        {
            await server.ProveNotOwnerAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }

        var threshold = await server.ReadPlayedThresholdAsync(logger, cancellationToken).ConfigureAwait(false);
        return new PlexServer(
            server._connection with
            {
                OwnerToken = token,
                PlayedThreshold = threshold ?? UnknownPlayedThreshold,
                IsPlayedThresholdKnown = threshold is not null,
            },
            user,
            token,
            IdentityProof.Proved);
    }

    /// <summary>The same server as another user; to be proved before it is handed out.</summary>
    internal PlexServer As(PlexUser user, string token, IdentityProof identity) => new(_connection, user, token, identity);

    /// <summary>
    /// A server can let whole networks in without authentication, as the owner (plex-facts §2.3). There every token reads and writes the
    /// owner's state; so the server must refuse this one what only the owner may see.
    /// </summary>
    internal async Task ProveNotOwnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GetContainerAsync(Read("/:/prefs"), cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden)
        {
            return;
        }
        catch (PlexException e)
        {
            // Only the server's own refusal proves anything.
            throw new PlexException(
                PlexErrorKind.IdentityNotProved,
                $"Whether '{Name}' tells '{User.Title}' from its owner could not be found out: {e.Message}",
                e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = User.Title,
                UserId = User.Id,
            };
        }

        throw new PlexException(
            PlexErrorKind.IdentityNotProved,
            $"'{Name}' gives '{User.Title}' the owner's rights: it does not tell users apart, "
            + "perhaps because it lets this network in without authentication.")
        {
            Subject = User.Title,
            UserId = User.Id,
        };
    }

    /// <summary>Null where the server does not tell, which keeps nothing but positions from being written.</summary>
    private async Task<double?> ReadPlayedThresholdAsync(ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            var container = await GetContainerAsync(Read("/:/prefs"), cancellationToken).ConfigureAwait(false);
            var value = container.Setting?.FirstOrDefault(static setting => setting.Id == "LibraryVideoPlayedThreshold")?.Value;
            return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 50 and <= 100
                ? percent / 100
                : DefaultPlayedThreshold;
        }
        catch (PlexException e) when (e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden))
        {
            Log.ThresholdUnknown(logger, Name, e.Message);
            return null;
        }
        catch (PlexException e)
        {
            throw new PlexException(
                PlexErrorKind.IdentityNotProved,
                $"plex.tv says that '{User.Title}' owns '{Name}', but the server refuses them the owner's rights.", e)
            {
                Status = e.Status,
                Path = e.Path,
                Subject = User.Title,
                UserId = User.Id,
            };
        }
    }

    // GET is what every client in the field sends; PUT is the documented verb (plex-facts §6.1). This is the only place that knows.
    internal Task<bool> MarkAsync(Mark mark, RatingKey key, Func<PlexException, Task>? repeating, CancellationToken cancellationToken) =>
        _connection.Transport.SendAsync(
            Write(
                HttpMethod.Get,
                mark is Mark.Watched ? "/:/scrobble" : "/:/unscrobble",
                $"identifier={Identifier}&key={Segment(key)}") with
            {
                IsRepeatable = false,
                Repeating = repeating,
            },
            WriteAnswer.ReadEmptyAsync,
            cancellationToken);

    private async Task<(IReadOnlyList<MediaItem> Items, BatchAnswer Answer)> GetBatchAsync(
        RatingKey[] batch, bool withIds, CancellationToken cancellationToken)
    {
        var request = Read(
            $"/library/metadata/{string.Join(',', batch.Select(Segment))}", withIds ? $"includeGuids=1&{Trimmed}" : Trimmed) with
        {
            Page = (0, batch.Length),
            MaxLength = MaxListingLength,
            IsDivisible = batch.Length > PageSizes.SmallestBatch,
        };
        ListingPage page;
        try
        {
            page = await Listing.GetPageAsync(_connection.Transport, request, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // None of them resolves (plex-facts §5).
            return ([], BatchAnswer.None);
        }

        var (container, total) = (page.Container, page.Total);
        var items = (container.Metadata ?? []).Select(wire => wire.ToItem(request.Redacted, null, withIds, latest: page.Latest)).ToList();
        var asked = batch.ToHashSet();
        if (container.Size is { } size && size != items.Count)
        {
            throw Incomplete(request, $"{size} items announced, {items.Count} sent");
        }

        if (!items.TrueForAll(item => asked.Remove(item.RatingKey)))
        {
            throw new PlexException(PlexErrorKind.InvalidResponse, $"{request.Redacted} answered with an item that was not asked for.")
            {
                Path = request.Redacted,
            };
        }

        return (items, items.Count == batch.Length || (items.Count > 0 && total == items.Count) ? BatchAnswer.Whole : BatchAnswer.Partial);
    }

    private static PlexException Incomplete(PlexRequest request, string why) =>
        new(PlexErrorKind.IncompleteListing, $"{request.Redacted}: {why}.") { Path = request.Redacted };

    private static string Segment(RatingKey key) =>
        key == default ? throw new ArgumentException("A rating key is needed.", nameof(key)) : Uri.EscapeDataString(key.ToString());

    private static IEnumerable<RatingKey[]> Batches(IEnumerable<RatingKey> keys)
    {
        var batch = new List<RatingKey>();
        var length = 0;
        foreach (var key in keys.Distinct())
        {
            var added = Segment(key).Length + 1;
            if (batch.Count == MaxBulkItems || length + added > MaxBulkLength)
            {
                yield return batch.ToArray();
                batch.Clear();
                length = 0;
            }

            batch.Add(key);
            length += added;
        }

        if (batch.Count > 0)
        {
            yield return batch.ToArray();
        }
    }

    private async Task<WireContainer> GetContainerAsync(PlexRequest request, CancellationToken cancellationToken)
    {
        var answer = await _connection.Transport.SendAsync(request, ServerJsonContext.Default.WireEnvelope, cancellationToken)
            .ConfigureAwait(false);
        return answer.MediaContainer ?? throw WireError.Missing(request.Redacted, "MediaContainer");
    }

    private PlexRequest Read(string path, string? query = null) =>
        new(HttpMethod.Get, Address, path)
        {
            Query = query,
            Token = _token,
            UserName = User.Title,
            Gate = _connection.Reads,
            Clock = _connection.Clock,
        };

    private PlexRequest Write(HttpMethod method, string path, string query) =>
        new(method, Address, path)
        {
            Query = query,
            Token = _token,
            UserName = User.Title,
            Gate = _connection.Writes,
            Clock = _connection.Clock,
            IsWrite = true,
        };

    /// <summary>Items to be asked for in one request; doubted where the server has said of them that none exists.</summary>
    private sealed record Batch(RatingKey[] Keys, bool IsDoubted);

    /// <summary>
    /// How a bulk read was answered: with all it has, with a part or nothing, or by saying that none of the items exists.
    /// </summary>
    private enum BatchAnswer
    {
        Whole,
        Partial,
        None,
    }

    /// <summary>What all users of one server have in common.</summary>
    private sealed record Connection
    {
        public required PlexTransport Transport { get; init; }

        public required PlexClientOptions Options { get; init; }

        public required TimeProvider Time { get; init; }

        public required ServerClock Clock { get; init; }

        public required Uri Address { get; init; }

        public required MachineIdentifier MachineIdentifier { get; init; }

        public required string Name { get; init; }

        public required string Version { get; init; }

        public required SemaphoreSlim Reads { get; init; }

        public required SemaphoreSlim Writes { get; init; }

        public required PageSizes Sizes { get; init; }

        /// <summary>Whose account connected.</summary>
        public required UserId Account { get; init; }

        /// <summary>What that account can act with here: its own token, and the one that plex.tv lists for this server.</summary>
        public required IReadOnlyList<string> AccountTokens { get; init; }

        /// <summary>The token of the server's owner, where they are the one who connected.</summary>
        public string? OwnerToken { get; init; }

        public double PlayedThreshold { get; init; } = UnknownPlayedThreshold;

        public bool IsPlayedThresholdKnown { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(
            1104,
            LogLevel.Warning,
            "'{Server}' does not tell from where on it ignores positions; those from half of an item on are left out: {Reason}")]
        public static partial void ThresholdUnknown(ILogger logger, string server, string reason);
    }
}
