using System.Globalization;

namespace PlexSync;

/// <summary>A show of a library, with how much of it one user has watched.</summary>
public sealed record Show
{
    /// <summary>Identifies the show on its server.</summary>
    public required RatingKey RatingKey { get; init; }

    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>The year it began, if known.</summary>
    public int? Year { get; init; }

    /// <summary>How many seasons it has; null if the server did not say.</summary>
    public int? Seasons { get; init; }

    /// <summary>How many episodes the user may see; null if the server did not say.</summary>
    public int? Episodes { get; init; }

    /// <summary>How many of them the user has watched, each counted once; null if the server did not say.</summary>
    public int? WatchedEpisodes { get; init; }

    /// <summary>When the user viewed one of its episodes last; null if never.</summary>
    public DateTimeOffset? LastViewedAt { get; init; }

    /// <summary>Plex's own identifier of the show (<c>plex://show/…</c>).</summary>
    public string? PlexGuid { get; init; }

    /// <summary>Identifiers in other catalogues (<c>tvdb://…</c>, <c>tmdb://…</c>).</summary>
    public IReadOnlyList<string> ExternalIds { get; init => field = value ?? []; } = [];

    /// <summary>The user has watched every episode there is.</summary>
    public bool IsWatched => Episodes > 0 && WatchedEpisodes >= Episodes;

    /// <summary>The title, the rating key and how much is watched.</summary>
    public override string ToString() => $"{Title} [{RatingKey}]: {WatchedEpisodes?.ToString(CultureInfo.InvariantCulture) ?? "?"} of "
        + $"{Episodes?.ToString(CultureInfo.InvariantCulture) ?? "?"} watched";
}

/// <summary>A season of a show, with how much of it one user has watched.</summary>
public sealed record Season
{
    /// <summary>Identifies the season on its server.</summary>
    public required RatingKey RatingKey { get; init; }

    /// <summary>The rating key of the show.</summary>
    public required RatingKey Show { get; init; }

    /// <summary>The title of the show.</summary>
    public required string ShowTitle { get; init; }

    /// <summary>The number; 0 holds specials, null is not known.</summary>
    public int? Number { get; init; }

    /// <summary>How many episodes the user may see.</summary>
    public required int Episodes { get; init; }

    /// <summary>How many of them the user has watched, each counted once.</summary>
    public required int WatchedEpisodes { get; init; }

    /// <summary>When the user viewed one of its episodes last; null if never.</summary>
    public DateTimeOffset? LastViewedAt { get; init; }

    /// <summary>The user has watched every episode there is.</summary>
    public bool IsWatched => Episodes > 0 && WatchedEpisodes >= Episodes;
}
