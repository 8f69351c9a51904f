using System.Globalization;

namespace PlexSync;

/// <summary>The items of one server, each once, with what every user of the run has seen of it. Several listings fill it at once.</summary>
/// <param name="sides">How many users there are in the run, on this server and others.</param>
internal sealed class Catalogue(int sides)
{
    private readonly Dictionary<RatingKey, CatalogueItem> _items = [];

    /// <summary>Whose state on which item is damaged: rare, and so not kept with each item.</summary>
    private readonly HashSet<(CatalogueItem Item, int Side)> _damaged = [];
#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif
    /// <summary>The items, in the order in which they were first listed.</summary>
    public IEnumerable<CatalogueItem> Items => _items.Values;

    public CatalogueItem? Find(RatingKey key) => _items.GetValueOrDefault(key);

    /// <summary>Adds an item as a user sees it.</summary>
    /// <exception cref="PlexException">
    /// It was listed in another library: one of the two listings is wrong, and it would be written twice.
    /// </exception>
    public void Add(int side, Library library, MediaItem item, WorkId[] ids)
    {
        lock (_gate)
        {
            if (!_items.TryGetValue(item.RatingKey, out var known))
            {
                _items.Add(item.RatingKey, known = new CatalogueItem(item, library, ids));
            }
            else if (known.Library != library.Key && known.IsRecordOnly)
            {
                known.IsContested = true;
                return;
            }
            else if (known.Library != library.Key)
            {
                throw new PlexException(PlexErrorKind.IncompleteListing, $"'{library.Title}' lists items of another library.")
                {
                    Subject = library.Title,
                };
            }
            else if (!known.IsSame(item, ids))
            {
                known.IsContested = true;
            }

            known.Identify(item, ids);
            known.Set(side, item.State, sides);
            if (item.IsStateDamaged)
            {
                _damaged.Add((known, side));
            }
        }
    }

    /// <summary>Whether the state of any item is damaged for any user.</summary>
    public bool HasDamage => _damaged.Count > 0;

    /// <summary>Whether the server sent an impossible state for that user.</summary>
    public bool IsDamaged(CatalogueItem item, int side) => HasDamage && _damaged.Contains((item, side));

    /// <summary>Whether the server sent an impossible state for any user of the run.</summary>
    public bool IsDamaged(CatalogueItem item) => HasDamage && IsDamagedForSomebody(item);

    private bool IsDamagedForSomebody(CatalogueItem item) => Enumerable.Range(0, sides).Any(side => _damaged.Contains((item, side)));

    /// <summary>Adds an item as a file remembers it.</summary>
    public void AddRecord(int side, Library library, MediaItem item)
    {
        var record = new CatalogueItem(item, library, WorkId.Of(item)) { IsRecordOnly = true };
        record.Set(side, item.State, sides);
        _items.Add(item.RatingKey, record);
    }

    /// <summary>Drops the items that nobody has a state on, and of the others their identifiers.</summary>
    /// <param name="keepIds">Their identifiers are still needed.</param>
    public void DropWithoutState(bool keepIds = false)
    {
        var dropped = new List<CatalogueItem>();
        foreach (var item in _items.Values)
        {
            if (!item.HasState && !IsDamaged(item))
            {
                dropped.Add(item);
            }
            else if (!keepIds)
            {
                item.DropIds();
            }
        }

        dropped.ForEach(item => _items.Remove(item.Key));
    }

    /// <summary>Drops the episodes of shows that turned out not to be meant.</summary>
    public void DropShows(IReadOnlySet<RatingKey> shows)
    {
        foreach (var item in _items.Values.Where(item => shows.Contains(item.ShowKey)).ToList())
        {
            _items.Remove(item.Key);
        }
    }

    /// <summary>Drops what a listing has added: it turned out not to be whole.</summary>
    public void Forget(int side, LibraryKey library)
    {
        lock (_gate)
        {
            foreach (var item in _items.Values)
            {
                if (item.Library == library)
                {
                    item.Forget(side);
                    _damaged.Remove((item, side));
                }
            }
        }
    }
}

/// <summary>One item of a server: what it is, who sees it, and what each of them has seen of it.</summary>
internal sealed class CatalogueItem
{
    /// <summary>How many users fit into the bits that say who sees an item.</summary>
    public const int MostSides = 64;

    private readonly int _season;
    private readonly int _episode;
    private readonly int _year;
    private readonly int _day;
    private readonly long _duration;
    private readonly Library _library;
    private ulong _listed;
    private WatchState[]? _states;

    public CatalogueItem(MediaItem item, Library library, WorkId[] ids)
    {
        Key = item.RatingKey;
        _library = library;
        ShowKey = item.ShowKey;
        Ids = ids;
        Title = item.Title;
        Show = item.ShowTitle;
        _season = item.SeasonNumber ?? -1;
        _episode = item.EpisodeNumber ?? -1;
        _year = item.Year ?? -1;
        _day = item.OriginallyAvailableAt?.DayNumber ?? -1;
        _duration = item.Duration?.Ticks ?? 0;
    }

    public RatingKey Key { get; }

    public MediaType Type => _library.ItemType ?? default;

    public LibraryKey Library => _library.Key;

    /// <summary>What identifies it beyond this server; empty where that was not asked for.</summary>
    public WorkId[] Ids { get; private set; }

    /// <summary>The show it is an episode of; none for movies, and where that was not asked for.</summary>
    public RatingKey ShowKey { get; private set; }

    public string Title { get; }

    public string? Show { get; }

    /// <summary>Season and episode, as in <c>S1E2</c>; empty where one of them is not known.</summary>
    public string Number => _season >= 0 && _episode >= 0 ? string.Create(CultureInfo.InvariantCulture, $"S{_season}E{_episode}") : "";

    /// <summary>-1 where it is not known.</summary>
    public int Season => _season;

    /// <summary>-1 where it is not known.</summary>
    public int Episode => _episode;

    /// <summary>-1 where it is not known.</summary>
    public int Year => _year;

    /// <summary>The day of release or of the first broadcast.</summary>
    public DateOnly? OriginallyAvailableAt => _day < 0 ? null : DateOnly.FromDayNumber(_day);

    public TimeSpan? Duration => _duration == 0 ? null : TimeSpan.FromTicks(_duration);

    /// <summary>Different works were listed under this rating key: it cannot be told which state belongs to which.</summary>
    public bool IsContested { get; set; }

    /// <summary>It comes from a snapshot, which may be out of date.</summary>
    public bool IsRecordOnly { get; init; }

    public bool HasState => _states is not null;

    public void DropIds() => Ids = [];

    public bool IsListedBy(int side) => (_listed & (1UL << side)) != 0;

    /// <summary>What the user has seen of it; empty where they do not see it.</summary>
    public WatchState StateOf(int side) => _states is { } states && side < states.Length ? states[side] : default;

    public MediaItem ToItem(WatchState state) => new()
    {
        RatingKey = Key,
        Type = Type,
        Title = Title,
        ShowTitle = Show,
        SeasonNumber = _season < 0 ? null : _season,
        EpisodeNumber = _episode < 0 ? null : _episode,
        Year = _year < 0 ? null : _year,
        OriginallyAvailableAt = OriginallyAvailableAt,
        Duration = Duration,
        State = state,
    };

    /// <summary>
    /// Whether it is the same work, as far as can be told: a server whose database is rebuilt gives its rating keys to other items, under
    /// the same machine identifier.
    /// </summary>
    public bool IsSame(MediaItem item, WorkId[] ids) => Ids.Length > 0 && ids.Length > 0
        ? Array.Exists(ids, id => Array.IndexOf(Ids, id) >= 0)
        : (Type, Title, Show, _season, _episode) == (
            item.Type, item.Title, item.ShowTitle, item.SeasonNumber ?? -1, item.EpisodeNumber ?? -1)
            || !(IsRecordOnly || Contradicts(item));

    /// <summary>
    /// Whether the two listings contradict each other. A field that is missing or damaged in one of them is not compared; a snapshot, which
    /// may be out of date, has to agree in everything instead.
    /// </summary>
    private bool Contradicts(MediaItem item) => Type != item.Type || Differ(Title, item.Title) || Differ(Show, item.ShowTitle)
        || Differ(_season, item.SeasonNumber) || Differ(_episode, item.EpisodeNumber);

    private static bool Differ(string? one, string? other) => one != other && IsTold(one) && IsTold(other);

    private static bool Differ(int one, int? other) => one >= 0 && other is { } number && one != number;

    private static bool IsTold(string? text) => !string.IsNullOrEmpty(text) && !text.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>Adds what this listing tells and an earlier one was not asked for.</summary>
    public void Identify(MediaItem item, WorkId[] ids)
    {
        if (Ids.Length == 0)
        {
            Ids = ids;
            ShowKey = item.ShowKey != default ? item.ShowKey : ShowKey;
        }
    }

    public void Set(int side, WatchState state, int sides)
    {
        _listed |= 1UL << side;
        if (state != default)
        {
            (_states ??= new WatchState[sides])[side] = state;
        }
    }

    public void Forget(int side)
    {
        _listed &= ~(1UL << side);
        if (_states is { } states)
        {
            states[side] = default;
        }
    }
}
