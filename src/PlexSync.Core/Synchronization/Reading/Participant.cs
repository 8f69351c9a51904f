namespace PlexSync;

/// <summary>One user in a run: what they have seen, as their listings say it, and what is to become of it.</summary>
internal sealed class Participant
{
    private readonly Dictionary<CatalogueItem, PendingChange> _pending = [];
    private readonly List<ListedLibrary> _libraries = [];
    private readonly HashSet<WorkId> _passedOver = [];

    /// <param name="user">Who it is.</param>
    /// <param name="catalogue">Their server's.</param>
    /// <param name="number">
    /// Tells the users of the run apart, whatever server they are on; below <see cref="CatalogueItem.MostSides"/>.
    /// </param>
    public Participant(UserReference user, Catalogue catalogue, int number)
    {
        User = user;
        Catalogue = catalogue;
        Number = number;
    }

    public Participant(PlexServer server, Catalogue catalogue, int number)
        : this(UserReference.To(server.User), catalogue, number) => Server = server;

    public UserReference User { get; }

    /// <summary>Null for what comes from a file.</summary>
    public PlexServer? Server { get; }

    public Catalogue Catalogue { get; }

    public int Number { get; }

    /// <summary>The libraries that the user sees, read or not.</summary>
    public IReadOnlyList<Library> Shared { get; init; } = [];

    /// <summary>What may not be written now; null where nothing is written to the user.</summary>
    public TargetFacts? Facts { get; init; }

    /// <summary>The user may be written to, and is not only read.</summary>
    public bool IsWritten => Facts is not null;

    /// <summary>What earlier runs did to the user; null for what comes from a file.</summary>
    public TargetHistory? History { get; init; }

    /// <summary>A run on the user is open, or began or ended while they were read: nothing is taken away because of them.</summary>
    public bool IsUnsettled { get; set; }

    /// <summary>The library was read whole.</summary>
    public bool HasRead(LibraryKey library) => Find(library) is { Error: null };

    /// <summary>The user has a state on a copy that was not asked for, as an episode of a show with another title.</summary>
    public bool HasPassedOver(CatalogueItem item) => Array.Exists(item.Ids, _passedOver.Contains);

    /// <summary>Takes note of an item that was not asked for and that the user has a state on.</summary>
    public void PassOver(MediaItem item)
    {
        lock (_passedOver)
        {
            _passedOver.UnionWith(WorkId.Of(item));
        }
    }

    /// <summary>The libraries that were read, or could not be, in the order of the server.</summary>
    public IReadOnlyList<ListedLibrary> Libraries => _libraries;

    public IReadOnlyDictionary<CatalogueItem, PendingChange> Pending => _pending;

    /// <summary>The library is to be read; null where it was chosen before.</summary>
    public ListedLibrary? Choose(Library library)
    {
        if (Find(library.Key) is not null)
        {
            return null;
        }

        var listed = new ListedLibrary(library);
        _libraries.Add(listed);
        return listed;
    }

    public ListedLibrary? Find(LibraryKey library) => _libraries.Find(listed => listed.Library.Key == library);

    /// <summary>
    /// The user does not see the item: its library was read whole, or is not theirs. Of one that was not read, nothing is known.
    /// </summary>
    public bool IsHidden(CatalogueItem item) =>
        !item.IsListedBy(Number)
            && (Find(item.Library) is { } listed ? listed.Error is null : !Shared.Any(library => library.Key == item.Library));

    /// <summary>What the server says of the user's state on the item cannot be: nothing is known of it.</summary>
    public bool IsDamaged(CatalogueItem item) => Catalogue.IsDamaged(item, Number);

    /// <summary>Leaves an item as it is, and says why.</summary>
    public void Leave(CatalogueItem item, SkipReason reason) =>
        Decide(item, new PendingChange { After = OriginalOf(item), Skipped = reason });

    /// <summary>What the user has on the item, by the time what is pending is done.</summary>
    public WatchState StateOf(CatalogueItem item) => _pending.TryGetValue(item, out var change) ? change.After : OriginalOf(item);

    /// <summary>What the user has on the item now; what an earlier run wrote counts with the date it came from.</summary>
    public WatchState OriginalOf(CatalogueItem item)
    {
        var state = item.StateOf(Number);
        return History is { } history && state != default ? history.Date(item.Key, state) : state;
    }

    /// <summary>It is watched, and is not unwatched on the way to what is planned for it.</summary>
    public bool IsLeftWatched(CatalogueItem item) => item.StateOf(Number) is { IsWatched: true } state
        && (!_pending.TryGetValue(item, out var change) || StateWrites.MarksFrom(state, change.After).Length == 0);

    /// <summary>What an item is to become; null where it stays as it is.</summary>
    public void Decide(CatalogueItem item, PendingChange? change)
    {
        if (change is null)
        {
            _pending.Remove(item);
        }
        else
        {
            _pending[item] = change;
        }
    }

    /// <summary>Something would have been taken from the item, and the proof for that is missing.</summary>
    public bool IsSpared(CatalogueItem item) =>
        _pending.TryGetValue(item, out var change) && change.Skipped is SkipReason.CopyNotRead or SkipReason.SourceUnsettled;
}

/// <summary>A library as one user's listing shows it.</summary>
internal sealed class ListedLibrary(Library library)
{
    public Library Library => library;

    /// <summary>How many items it lists.</summary>
    public int Count { get; set; }

    /// <summary>Why it could not be read whole; null if it was.</summary>
    public PlexException? Error { get; set; }
}

/// <summary>What an item is to become, and why; or why it cannot.</summary>
internal sealed class PendingChange
{
    /// <summary>The state to reach, with the dates that it comes from and the next run will see.</summary>
    public required WatchState After { get; init; }

    public ChangeReason Reason { get; init; }

    /// <summary>Why what is desired cannot be reached, or not wholly.</summary>
    public SkipReason? Skipped { get; init; }

    /// <summary>What it rests on, where it takes something away.</summary>
    public RemovalBasis? Basis { get; init; }
}
