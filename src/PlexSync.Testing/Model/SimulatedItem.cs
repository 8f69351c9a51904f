namespace PlexSync.Testing;

/// <summary>A movie, an episode or a track. Change it within <see cref="SimulatedServer.Edit"/> once the simulator runs.</summary>
public sealed class SimulatedItem
{
    internal SimulatedItem(SimulatedLibrary library, string ratingKey, string type, string title) =>
        (Library, RatingKey, Type, Title) = (library, ratingKey, type, title);

    /// <summary>The library it is in.</summary>
    public SimulatedLibrary Library { get; }

    /// <summary>Its key on its server.</summary>
    public string RatingKey { get; }

    /// <summary>"movie", "episode" or "track".</summary>
    public string Type { get; }

    /// <summary>Its own title.</summary>
    public string Title { get; set; }

    /// <summary>The year it came out.</summary>
    public int Year { get; internal init; }

    /// <summary>The show's title; for a track the artist's.</summary>
    public string? ShowTitle { get; set; }

    /// <summary>The show's rating key; for a track the artist's.</summary>
    public string? ShowKey { get; internal init; }

    /// <summary>The season's own title; "Season N" when absent. For a track the album's.</summary>
    public string? SeasonTitle { get; internal init; }

    /// <summary>The season's rating key; for a track the album's.</summary>
    public string? SeasonKey { get; internal init; }

    /// <summary>The season's number, 0 for specials; for a track the disc's.</summary>
    public int Season { get; internal init; }

    /// <summary>The number within the season or on the disc.</summary>
    public int Episode { get; internal init; }

    /// <summary>How long it is; null for an item that was not analysed (plex-facts §4.2).</summary>
    public TimeSpan? Duration
    {
        get => DurationMs is { } duration ? TimeSpan.FromMilliseconds(duration) : null;
        set => DurationMs = (long?)value?.TotalMilliseconds;
    }

    /// <summary>The primary guid, as in <c>plex://movie/5d776…</c>; <c>local://…</c> where there is no agent.</summary>
    public string PrimaryGuid { get; set; } = "";

    /// <summary>Ids elsewhere, as in <c>imdb://tt2543164</c>, <c>tmdb://329865</c>, <c>tvdb://</c>; for music, <c>mbid://</c>.</summary>
    public IReadOnlyList<string> Guids { get; set; } = [];

    /// <summary>The ids of users whose restrictions hide the item, though its library is shared with them.</summary>
    public ISet<long> HiddenFrom { get; } = new HashSet<long>();

    internal long? DurationMs { get; set; }

    /// <summary>The primary guid of the show or the artist, the same on all its leaves; when absent one is made up from its key.</summary>
    internal string? ShowGuid { get; init; }

    /// <summary>External ids of the show or the artist, the same on all its leaves.</summary>
    internal IReadOnlyList<string> ShowGuids { get; init; } = [];

    /// <summary>The rating key from which its release day and people are made up; a copy has the original's.</summary>
    internal string? MadeUpFrom { get; init; }

    /// <summary>Unix seconds.</summary>
    internal long AddedAt { get; init; }

    /// <summary>What a user did with it.</summary>
    public ItemState StateOf(SimulatedUser user) => Library.Server.State(user, RatingKey);

    /// <summary>Lets the user have watched it, or listened to it, as if long ago: without an event or a recorded write.</summary>
    /// <param name="user">Who has.</param>
    /// <param name="times">How often.</param>
    /// <param name="at">When last; when absent, on 2026-06-01.</param>
    /// <returns>The item.</returns>
    public SimulatedItem WatchedBy(SimulatedUser user, int times = 1, DateTimeOffset? at = null)
    {
        Library.Server.SetState(user, RatingKey, StateOf(user) with { ViewCount = times, ViewOffset = 0, LastViewedAt = Seconds(at) });
        return this;
    }

    /// <summary>
    /// Lets the user have paused it at a position, as if long ago: without an event or a recorded write. Earlier views stay.
    /// </summary>
    /// <param name="user">Who has.</param>
    /// <param name="position">Where; on real servers more than a minute and less than 90 % of the duration (plex-facts §6.3).</param>
    /// <param name="at">When; when absent, on 2026-06-01.</param>
    /// <returns>The item.</returns>
    public SimulatedItem InProgressBy(SimulatedUser user, TimeSpan position, DateTimeOffset? at = null)
    {
        Library.Server.SetState(
            user, RatingKey, StateOf(user) with { ViewOffset = (long)position.TotalMilliseconds, LastViewedAt = Seconds(at) });
        return this;
    }

    /// <summary>As a person would name it.</summary>
    public override string ToString() => ShowTitle is null ? $"{Title} ({Year})" : $"{ShowTitle} – S{Season:00}E{Episode:00} – {Title}";

    private static long Seconds(DateTimeOffset? at) => at?.ToUnixTimeSeconds() ?? WorldBuilder.Latest;
}
