namespace PlexSync;

/// <summary>What one user had seen when a snapshot was taken.</summary>
internal sealed class Snapshot(ServerReference server, UserReference user, IEnumerable<Library> libraries)
{
    public ServerReference Server => server;

    public UserReference User => user;

    /// <summary>The libraries it covers, in the server's order.</summary>
    public IReadOnlyList<SnapshotLibrary> Libraries { get; } = [.. libraries.Select(static library => new SnapshotLibrary(library))];
}

/// <summary>One library of a snapshot, with every item it listed.</summary>
internal sealed class SnapshotLibrary(Library library)
{
    public Library Library => library;

    public List<MediaItem> Items { get; } = [];
}
