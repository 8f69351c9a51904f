namespace PlexSync;

/// <summary>What <see cref="PlexServer.SearchAsync"/> found: the closest titles first.</summary>
public sealed record SearchResult
{
    /// <summary>Movies, episodes and tracks, with the user's state.</summary>
    public IReadOnlyList<MediaItem> Items { get; init => field = value ?? []; } = [];

    /// <summary>Shows, with how much of them the user has watched.</summary>
    public IReadOnlyList<Show> Shows { get; init => field = value ?? []; } = [];

    /// <summary>How much was found.</summary>
    public override string ToString() => $"{Items.Count} items, {Shows.Count} shows";
}
