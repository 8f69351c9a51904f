namespace PlexSync;

/// <summary>What the source has in one library: which items it lists, and those it has a state on.</summary>
internal sealed class SourceLibrary
{
    private readonly HashSet<RatingKey> _listed = [];
    private readonly Dictionary<RatingKey, MediaItem> _withState = [];

    /// <summary>How many items the source lists.</summary>
    public int Count => _listed.Count;

    /// <summary>The items that the source has watched or begun, in the order of the listing.</summary>
    public IReadOnlyDictionary<RatingKey, MediaItem> WithState => _withState;

    public void Add(MediaItem item)
    {
        _listed.Add(item.RatingKey);
        if (!item.State.IsEmpty)
        {
            _withState.Add(item.RatingKey, item);
        }
    }

    /// <summary>
    /// The source's state on an item of the target, matched by rating key: the same on one server for every user. Null where the source does
    /// not list the item: what is not listed is unknown, which is not the same as unwatched.
    /// </summary>
    public WatchState? Match(RatingKey key) =>
        _withState.TryGetValue(key, out var item) ? item.State : _listed.Contains(key) ? default(WatchState) : null;
}
