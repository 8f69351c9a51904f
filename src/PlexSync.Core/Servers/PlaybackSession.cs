namespace PlexSync;

/// <summary>One playback that a server lists as going on (<see cref="PlexServer.GetSessionsAsync"/>).</summary>
public sealed record PlaybackSession
{
    /// <summary>By which key the event stream names it (<see cref="PlaybackEvent.Session"/>); null if the server did not say.</summary>
    public SessionKey? Session { get; init; }

    /// <summary>Who is playing; null if the server did not say.</summary>
    public UserId? User { get; init; }

    /// <summary>What the server calls them; null if it did not say.</summary>
    public string? UserTitle { get; init; }

    /// <summary>What is played; its state is not told here, and empty.</summary>
    public required MediaItem Item { get; init; }

    /// <summary>Whether it plays, is paused or loads; null if the server did not say.</summary>
    public PlaybackState? State { get; init; }

    /// <summary>Where it is, as the player reported last; null if the server did not say.</summary>
    public TimeSpan? Position { get; init; }

    /// <summary>The name of the player, or of its app; null if the server did not say.</summary>
    public string? Player { get; init; }

    /// <summary>Who plays what, and where.</summary>
    public override string ToString() => $"{UserTitle ?? "somebody"}: {Item.Label}, at {Position ?? TimeSpan.Zero:h\\:mm\\:ss}";
}
