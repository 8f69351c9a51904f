namespace PlexSync;

/// <summary>One completed playback in the history of a server (<see cref="PlexServer.GetHistoryAsync"/>).</summary>
public sealed record HistoryEntry
{
    /// <summary>Identifies the entry on its server (<c>/status/sessions/history/1</c>).</summary>
    public required string HistoryKey { get; init; }

    /// <summary>When it was played.</summary>
    public required DateTimeOffset ViewedAt { get; init; }

    /// <summary>Who played it; null for somebody without an account, and where the server did not say.</summary>
    public UserId? User { get; init; }

    /// <summary>What was played; null once the item is deleted.</summary>
    public RatingKey? Item { get; init; }

    /// <summary>What it is; null if the server did not say.</summary>
    public MediaType? Type { get; init; }

    /// <summary>Its library; null if the server did not say.</summary>
    public LibraryKey? Library { get; init; }

    /// <summary>The title; of an episode, its own.</summary>
    public required string Title { get; init; }

    /// <summary>The title of the show, or the name of a track's artist; null for movies.</summary>
    public string? ShowTitle { get; init; }

    /// <summary>The number of the season; null for movies.</summary>
    public int? SeasonNumber { get; init; }

    /// <summary>The number of the episode in its season; null for movies.</summary>
    public int? EpisodeNumber { get; init; }
}

/// <summary>Which part of the history to read; all of it where nothing is set.</summary>
public sealed record HistoryQuery
{
    /// <summary>Playbacks of this user only. Other users than one's own take the owner's token.</summary>
    public UserId? User { get; init; }

    /// <summary>Playbacks from this moment on only.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Playbacks from this library only.</summary>
    public LibraryKey? Library { get; init; }

    /// <summary>Playbacks of this item only.</summary>
    public RatingKey? Item { get; init; }
}
