namespace PlexSync.Testing;

/// <summary>A library section. Change it under <see cref="SimulatedServer.Edit"/> once the simulator runs.</summary>
public sealed class SimulatedLibrary
{
    /// <summary>The section key, a string on the wire (plex-facts §4.1).</summary>
    public required string Key { get; init; }
    public required string Title { get; set; }

    /// <summary>"movie", "show" or "artist".</summary>
    public required string Type { get; init; }
    public string Agent { get; init; } = "tv.plex.agents.movie";

    /// <summary>The leaves. Shows and seasons, artists and albums exist by being named in them.</summary>
    public List<SimulatedItem> Items { get; } = [];

    /// <summary>Who sees the library besides the owner.</summary>
    public HashSet<long> SharedWith { get; } = [];

    /// <summary>
    /// Labels by name, each with the rating keys of the movies, shows, seasons and episodes that have it. Only the owner sees them.
    /// </summary>
    public Dictionary<string, HashSet<string>> Labels { get; } = new(StringComparer.Ordinal);

    public List<SimulatedCollection> Collections { get; } = [];
}

/// <summary>A collection of a library.</summary>
public sealed class SimulatedCollection
{
    public required string RatingKey { get; init; }
    public required string Title { get; set; }

    /// <summary>The rating keys of the movies, shows, seasons and episodes in it.</summary>
    public List<string> Items { get; } = [];

    public override string ToString() => Title;
}

/// <summary>A movie, an episode or a track.</summary>
public sealed class SimulatedItem
{
    public required string RatingKey { get; init; }

    /// <summary>"movie", "episode" or "track".</summary>
    public required string Type { get; init; }
    public required string Title { get; set; }
    public int Year { get; init; }

    /// <summary>The show's title; for a track the artist's.</summary>
    public string? ShowTitle { get; set; }
    public string? ShowKey { get; init; }

    /// <summary>The season's own title; "Season N" when absent. For a track the album's.</summary>
    public string? SeasonTitle { get; init; }
    public string? SeasonKey { get; init; }
    public int Season { get; init; }
    public int Episode { get; init; }

    /// <summary>Absent for an item that was not analysed (plex-facts §4.2).</summary>
    public long? DurationMs { get; set; }

    /// <summary>The primary guid; "local://…" where there is no agent.</summary>
    public string PrimaryGuid { get; set; } = "";

    /// <summary>imdb://, tmdb:// and tvdb:// ids; mbid:// for music.</summary>
    public IReadOnlyList<string> Guids { get; set; } = [];

    /// <summary>The primary guid of the show or the artist, the same on all its leaves; when absent one is made up from its key.</summary>
    public string? ShowGuid { get; init; }

    /// <summary>External ids of the show or the artist, the same on all its leaves.</summary>
    public IReadOnlyList<string> ShowGuids { get; init; } = [];

    /// <summary>The rating key from which its release day and people are made up; a copy has the original's.</summary>
    public string? MadeUpFrom { get; init; }

    /// <summary>Unix seconds.</summary>
    public long AddedAt { get; init; } = 1_579_514_088;

    /// <summary>Users whose restrictions hide this item, though its library is shared with them.</summary>
    public HashSet<long> HiddenFrom { get; } = [];

    public override string ToString() => ShowTitle is null ? $"{Title} ({Year})" : $"{ShowTitle} – S{Season:00}E{Episode:00} – {Title}";
}
