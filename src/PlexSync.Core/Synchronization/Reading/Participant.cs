namespace PlexSync;

/// <summary>One user in a run: what they have seen, by their listings, and what their items are to become.</summary>
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

    /// <summary>Null for a snapshot or a recorded run.</summary>
    public PlexServer? Server { get; }

    public Catalogue Catalogue { get; }

    public int Number { get; }

    /// <summary>The libraries that the user sees, read or not.</summary>
    public IReadOnlyList<Library> Shared { get; init; } = [];

    /// <summary>Tells what must not be written now; null if nothing is written to the user.</summary>
    public TargetFacts? Facts { get; init; }

    /// <summary>Whether the user may be written to, and is not only read.</summary>
    public bool IsWritten => Facts is not null;

    /// <summary>What earlier runs did to the user; null for a snapshot or a recorded run.</summary>
    public TargetHistory? History { get; init; }

    /// <summary>A run on the user is open, or began or ended while they were read: nothing is taken away because of them.</summary>
    public bool IsUnsettled { get; set; }

    /// <summary>Whether the library was read whole.</summary>
    public bool HasRead(LibraryKey library) => Find(library) is { Error: null };

    /// <summary>The user has a state on a copy that was not asked for, as an episode of a show with another title.</summary>
    public bool HasPassedOver(CatalogueItem item) => Array.Exists(item.Ids, _passedOver.Contains);

    /// <summary>Takes note of an item that was not asked for and that the user has a state on.</summary>
    public void PassOver(WorkId[] ids)
    {
        lock (_passedOver)
        {
            _passedOver.UnionWith(ids);
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

    public ListedLibrary? Find(LibraryKey library)
    {
        foreach (var listed in _libraries)
        {
            if (listed.Library.Key == library)
            {
                return listed;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the user does not see the item: its library was read whole without it, or is not shared with them. If the library was not
    /// read, nothing is known (false).
    /// </summary>
    public bool IsHidden(CatalogueItem item) =>
        !item.IsListedBy(Number)
            && (Find(item.Library) is { } listed ? listed.Error is null : !Shares(item.Library));

    /// <summary>Whether the server sent an impossible state of the user on the item, so that nothing is known of it.</summary>
    public bool IsDamaged(CatalogueItem item) => Catalogue.IsDamaged(item, Number);

    /// <summary>Leaves an item as it is, and says why.</summary>
    public void Leave(CatalogueItem item, SkipReason reason) =>
        Decide(item, new PendingChange { After = OriginalOf(item), Skipped = reason });

    /// <summary>The user's state on the item once the pending changes are made.</summary>
    public WatchState StateOf(CatalogueItem item) => _pending.TryGetValue(item, out var change) ? change.After : OriginalOf(item);

    /// <summary>The user's state on the item now; a state that an earlier run copied has the date of its source.</summary>
    public WatchState OriginalOf(CatalogueItem item)
    {
        var state = item.StateOf(Number);
        return History is { } history && state != default ? history.Date(item.Key, state) : state;
    }

    /// <summary>Whether it is watched, and stays so all the way to what is planned for it.</summary>
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

    /// <summary>Whether a removal was left out because its proof is missing.</summary>
    public bool IsSpared(CatalogueItem item) =>
        _pending.TryGetValue(item, out var change) && change.Skipped is
            SkipReason.CopyNotRead or SkipReason.SourceUnsettled or SkipReason.WaitsForWholeReading;

    private bool Shares(LibraryKey key) => Shared.Any(library => library.Key == key);
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
    /// <summary>The state to reach, with the dates of the state that it is copied from, as the next run will see them.</summary>
    public required WatchState After { get; init; }

    public ChangeReason Reason { get; init; }

    /// <summary>Why what is desired cannot be reached, or not wholly.</summary>
    public SkipReason? Skipped { get; init; }

    /// <summary>What it rests on, if it takes something away.</summary>
    public RemovalBasis? Basis { get; init; }
}
