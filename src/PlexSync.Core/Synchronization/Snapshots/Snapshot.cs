namespace PlexSync;

/// <summary>What one user had seen when a snapshot was taken.</summary>
internal sealed class Snapshot(ServerReference server, UserReference user, IEnumerable<Library> libraries)
{
    public ServerReference Server => server;

    public UserReference User => user;

    /// <summary>The libraries it covers, in the server's order.</summary>
    public IReadOnlyList<SnapshotLibrary> Libraries { get; } = [.. libraries.Select(static library => new SnapshotLibrary(library))];
}

/// <summary>One library of a snapshot.</summary>
internal sealed class SnapshotLibrary(Library library)
{
    private readonly Dictionary<RatingKey, MediaItem> _items = [];

    public Library Library => library;

    /// <summary>The library as a source to copy from.</summary>
    public SourceLibrary Listing { get; } = new();

    public void Add(MediaItem item)
    {
        _items.Add(item.RatingKey, item);
        Listing.Add(item.WithoutIds());
    }

    /// <summary>
    /// False where the snapshot has another item under the rating key of this one: a server whose database was rebuilt gives them out anew,
    /// under the same machine identifier.
    /// </summary>
    public bool IsSame(MediaItem item) => !_items.TryGetValue(item.RatingKey, out var saved) || IsSame(saved, item);

    private static bool IsSame(MediaItem one, MediaItem other) => IsIdentified(one) && IsIdentified(other)
        ? (GuidOf(one) is { } guid && guid == GuidOf(other)) || one.ExternalIds.Intersect(other.ExternalIds, StringComparer.Ordinal).Any()
        : one.IsSameWork(other);

    private static bool IsIdentified(MediaItem item) => GuidOf(item) is not null || item.ExternalIds.Count > 0;

    // local:// numbers what no agent knows by this database's own count: no more a proof than the rating key is.
    private static string? GuidOf(MediaItem item) =>
        item.PlexGuid is { } guid && !guid.StartsWith("local://", StringComparison.Ordinal) ? guid : null;
}
