namespace PlexSync;

/// <summary>Which items were asked for by the names or keys of their shows, decided as they stream by.</summary>
internal sealed class ItemFilter(IReadOnlyList<string> shows)
{
    private readonly Dictionary<Catalogue, Dictionary<(RatingKey Key, string? Title), Show>> _known = [];
    private readonly Dictionary<RatingKey, string> _titles = [];
    private readonly TextPool _texts = new();
#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif

    /// <summary>It lets everything through.</summary>
    public bool IsOpen => shows.Count == 0;

    /// <summary>The source's server: keys are those of its shows, and a name must mean one show there.</summary>
    public Catalogue? Home { get; set; }

    /// <summary>Tells what the shows are called that were given by their keys: on another server, they have other keys.</summary>
    public async Task ResolveKeysAsync(PlexServer source, CancellationToken cancellationToken)
    {
        var keys = shows.Select(static show => RatingKey.TryParse(NameLookup.KeyIn(show) ?? show, out var key) ? key : default)
            .Where(static key => key != default);
        foreach (var (key, show) in await source.GetItemsAsync(keys, cancellationToken).ConfigureAwait(false))
        {
            _titles[key] = show.Title;
        }
    }

    /// <param name="item">The item.</param>
    /// <param name="catalogue">The catalogue of the server that lists it.</param>
    public bool Accepts(in ItemRow item, Catalogue catalogue) => IsOpen || (item.IsPart && IsOfWantedShow(item, catalogue));

    private bool IsOfWantedShow(in ItemRow item, Catalogue catalogue)
    {
        lock (_gate)
        {
            var title = _texts.Get(item.Show);
            var showKey = item.ShowKey.IsEmpty ? default : RatingKey.Parse(_texts.Get(item.ShowKey));
            if (!_known.TryGetValue(catalogue, out var known))
            {
                _known.Add(catalogue, known = []);
            }

            // If the server does not tell the key, shows are told apart by their titles.
            var id = (showKey, showKey == default ? title : null);
            if (!known.TryGetValue(id, out var show))
            {
                known.Add(
                    id, show = new Show(showKey, title, shows.Any(name => IsMeant(name, showKey, title, catalogue == Home))));
            }

            return show.IsWanted;
        }
    }

    /// <summary>
    /// Call it once everything was read: a name must mean one show, of which there may be several copies. Shows that were only let in
    /// because capitals were ignored are dropped.
    /// </summary>
    /// <param name="users">Everybody on the source's server, the source first.</param>
    /// <param name="cancellationToken">Cancels the requests, which are made only where a name means several.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.ShowNotFound"/>, <see cref="PlexErrorKind.ShowAmbiguous"/>.</exception>
    public async Task RequireShowsAsync(IReadOnlyList<PlexServer> users, CancellationToken cancellationToken)
    {
        var home = Home is not null && _known.TryGetValue(Home, out var known) ? known.Values.ToList() : [];
        var meant = new HashSet<Show>();
        foreach (var name in shows)
        {
            var found = home.FindAll(show => IsMeant(name, show.Key, show.Title, isHome: true));
            if (found.Count > 1 && NameLookup.KeyIn(name) is null)
            {
                found = NameLookup.Find(found, name, static show => [show.Title, show.Key.ToString()], static _ => []);
                // An episode without the key of its show may belong to any of them.
                found = found.Exists(IsKeyed) ? found.FindAll(IsKeyed) : found;
            }

            if (found.Count > 1)
            {
                await RequireOneWorkAsync(name, found, users, cancellationToken).ConfigureAwait(false);
            }

            if (found.Count == 0 && (NameLookup.KeyIn(name) is not null || !IsTitleElsewhere(name)))
            {
                throw NameFailure.Unknown(
                    PlexErrorKind.ShowNotFound,
                    name,
                    $"No show or artist '{name}' in these libraries.",
                    NearestNames.To(
                        name,
                        _known.Values.SelectMany(static server => server.Values).Select(static show => show.Title).Distinct()
                            .Order(StringComparer.Ordinal)));
            }

            meant.UnionWith(found);
        }

        var dropped = home.Where(show => show.IsWanted && !meant.Contains(show)).Select(static show => show.Key).ToHashSet();
        if (dropped.Count > 0)
        {
            Home!.DropShows(dropped);
        }
    }

    /// <summary>In two directions, a show may be on the target's server only.</summary>
    private bool IsTitleElsewhere(string name) => _known.Where(server => server.Key != Home)
        .Any(server => server.Value.Values.Any(show => IsMeant(name, show.Key, show.Title, isHome: false)));

    private bool IsMeant(string name, RatingKey key, string title, bool isHome)
    {
        var isKey = RatingKey.TryParse(NameLookup.KeyIn(name) ?? name, out var asked)
            && (isHome ? key == asked : _titles.TryGetValue(asked, out var known) && NameComparison.EqualIgnoringCase(known, title));
        return isKey || (NameLookup.KeyIn(name) is null && NameComparison.EqualIgnoringCase(name, title));
    }

    private static bool IsKeyed(Show show) => show.Key != default;

    /// <summary>Copies of a show in several libraries are one show, where what identifies them says so; a remake is another one.</summary>
    private static async Task RequireOneWorkAsync(
        string name, List<Show> found, IReadOnlyList<PlexServer> users, CancellationToken cancellationToken)
    {
        var items = new Dictionary<RatingKey, MediaItem>();
        foreach (var user in users)
        {
            var missing = found.Where(show => IsKeyed(show) && !items.ContainsKey(show.Key)).Select(static show => show.Key).ToList();
            foreach (var (key, item) in await user.GetItemsAsync(missing, withIds: true, cancellationToken).ConfigureAwait(false))
            {
                items.Add(key, item);
            }
        }

        var ids = found.ConvertAll(show => items.TryGetValue(show.Key, out var item) ? WorkId.Of(item) : []);
        if (!ids.TrueForAll(one => ids.TrueForAll(other => one.Intersect(other).Any() && !WorkId.Contradict(one, other))))
        {
            throw NameFailure.Ambiguous(
                PlexErrorKind.ShowAmbiguous,
                name,
                $"'{name}' means {found.Count} shows; use key:N.",
                found.ConvertAll(show =>
                    $"{(items.TryGetValue(show.Key, out var item) ? item.DisplayTitle : show.Title)} (key:{show.Key})"));
        }
    }

    private sealed record Show(RatingKey Key, string Title, bool IsWanted);
}
