using System.Globalization;

namespace PlexSync;

/// <summary>The items of one server, each once, with what every user of the run has seen of it. Several listings fill it at once.</summary>
/// <param name="sides">How many users there are in the run, on this server and others.</param>
internal sealed class Catalogue(int sides)
{
    private readonly KeyedItems _items = new();
    private readonly TextPool _texts = new();

    /// <summary>Whose state on which item is damaged: rare, and so not kept with each item.</summary>
    private readonly HashSet<(CatalogueItem Item, int Side)> _damaged = [];
#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif
    /// <summary>The items, in the order in which they were first listed.</summary>
    public IEnumerable<CatalogueItem> Items => _items.Values;

    public CatalogueItem? Find(RatingKey key) => _items.Find(key.ToString());

    /// <summary>Adds an item as a user sees it.</summary>
    /// <exception cref="PlexException">
    /// It was listed in another library: one of the two listings is wrong, and it would be written twice.
    /// </exception>
    public void Add(int side, Library library, in ItemRow item, WorkId[] ids)
    {
        lock (_gate)
        {
            if (_items.Find(item.Key) is not { } known)
            {
                _items.Add(known = new CatalogueItem(item, library, ids, _texts));
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

            known.Identify(item, ids, _texts);
            known.Set(side, item.State);
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
        var record = new CatalogueItem(ItemRow.Of(item), library, WorkId.Of(item), _texts) { IsRecordOnly = true };
        record.Set(side, item.State);
        _items.Add(record);
    }

    /// <summary>Drops the items that nobody has a state on, and of the others their identifiers.</summary>
    /// <param name="keepIds">Their identifiers are still needed.</param>
    public void DropWithoutState(bool keepIds = false)
    {
        foreach (var item in _items.Values)
        {
            if (!item.HasState && !IsDamaged(item))
            {
                _items.Remove(item);
            }
            else if (!keepIds)
            {
                item.DropIds();
            }
        }

        _items.TrimExcess();
    }

    /// <summary>Drops the episodes of shows that turned out not to be meant.</summary>
    public void DropShows(IReadOnlySet<RatingKey> shows)
    {
        foreach (var item in _items.Values.Where(item => shows.Contains(item.ShowKey)).ToList())
        {
            _items.Remove(item);
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
    private readonly TimeSpan _duration;
    private readonly Library _library;
    private ulong _listed;
    private WatchState[]? _states;

    public CatalogueItem(in ItemRow item, Library library, WorkId[] ids, TextPool texts)
    {
        Key = RatingKey.Parse(item.Key.ToString());
        _library = library;
        ShowKey = item.ShowKey.IsEmpty ? default : RatingKey.Parse(texts.Get(item.ShowKey));
        Ids = ids;
        Title = texts.Get(item.Title);
        Show = item.IsPart ? texts.Get(item.Show) : null;
        (_season, _episode, _year, _day, _duration) = (item.Season, item.Episode, item.Year, item.Day, item.Duration);
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

    public TimeSpan? Duration => _duration == default ? null : _duration;

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
    public bool IsSame(in ItemRow item, WorkId[] ids) => Ids.Length > 0 && ids.Length > 0
        ? Array.Exists(ids, id => Array.IndexOf(Ids, id) >= 0)
        : IsEqual(item) || !(IsRecordOnly || Contradicts(item));

    private bool IsEqual(in ItemRow item) => Type == item.Type && item.Title.SequenceEqual(Title) && item.IsPart == Show is not null
        && item.Show.SequenceEqual(Show) && (_season, _episode) == (item.Season, item.Episode);

    /// <summary>
    /// Whether the two listings contradict each other. A field that is missing or damaged in one of them is not compared; a snapshot, which
    /// may be out of date, has to agree in everything instead.
    /// </summary>
    private bool Contradicts(in ItemRow item) => Type != item.Type || Differ(Title, item.Title) || Differ(Show, item.Show)
        || Differ(_season, item.Season) || Differ(_episode, item.Episode);

    private static bool Differ(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        !one.SequenceEqual(other) && IsTold(one) && IsTold(other);

    private static bool Differ(int one, int other) => one >= 0 && other >= 0 && one != other;

    private static bool IsTold(ReadOnlySpan<char> text) => !text.IsEmpty && !text.Contains('\uFFFD');

    /// <summary>Adds what this listing tells and an earlier one was not asked for.</summary>
    public void Identify(in ItemRow item, WorkId[] ids, TextPool texts)
    {
        if (Ids.Length == 0)
        {
            Ids = ids;
            ShowKey = item.ShowKey.IsEmpty ? ShowKey : RatingKey.Parse(texts.Get(item.ShowKey));
        }
    }

    public void Set(int side, WatchState state)
    {
        _listed |= 1UL << side;
        if (state != default)
        {
            if (_states is null || _states.Length <= side)
            {
                Array.Resize(ref _states, side + 1);
            }

            _states[side] = state;
        }
    }

    public void Forget(int side)
    {
        _listed &= ~(1UL << side);
        if (_states is { } states && side < states.Length)
        {
            states[side] = default;
        }
    }
}
