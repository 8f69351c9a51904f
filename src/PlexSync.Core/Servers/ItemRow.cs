namespace PlexSync;

/// <summary>One item as a listing shows it, read where it lies: nothing is allocated for what nobody keeps.</summary>
internal readonly ref struct ItemRow
{
    /// <summary>The number of the season, the episode or the year, or the day, where it is not known.</summary>
    public const int None = -1;

    public required ReadOnlySpan<char> Key { get; init; }

    public required MediaType Type { get; init; }

    public required ReadOnlySpan<char> Title { get; init; }

    /// <summary>An episode or a track: it has a show or an artist, though its title may be empty.</summary>
    public bool IsPart { get; init; }

    public ReadOnlySpan<char> Show { get; init; }

    /// <summary>Empty where it is not known.</summary>
    public ReadOnlySpan<char> ShowKey { get; init; }

    public int Season { get; init; }

    public int Episode { get; init; }

    public int Year { get; init; }

    /// <summary>The number of the day of release.</summary>
    public int Day { get; init; }

    /// <summary>Zero where it is not known.</summary>
    public TimeSpan Duration { get; init; }

    public WatchState State { get; init; }

    public bool IsStateDamaged { get; init; }

    /// <summary>Plex's own identifier; empty unless it was asked for.</summary>
    public ReadOnlySpan<char> PlexGuid { get; init; }

    /// <summary>Identifiers in other catalogues, a line each; empty unless they were asked for.</summary>
    public ReadOnlySpan<char> ExternalIds { get; init; }

    /// <summary>An item that was read elsewhere, without its identifiers.</summary>
    public static ItemRow Of(MediaItem item) => new()
    {
        Key = item.RatingKey.ToString(),
        Type = item.Type,
        Title = item.Title,
        IsPart = item.ShowTitle is not null,
        Show = item.ShowTitle,
        ShowKey = item.ShowKey.ToString(),
        Season = item.SeasonNumber ?? None,
        Episode = item.EpisodeNumber ?? None,
        Year = item.Year ?? None,
        Day = item.OriginallyAvailableAt?.DayNumber ?? None,
        Duration = item.Duration ?? default,
        State = item.State,
        IsStateDamaged = item.IsStateDamaged,
    };

    /// <param name="texts">What comes again in other items.</param>
    public MediaItem ToItem(TextPool texts) => new()
    {
        RatingKey = RatingKey.Parse(texts.Get(Key)),
        Type = Type,
        Title = texts.Get(Title),
        ShowTitle = IsPart ? texts.Get(Show) : null,
        ShowKey = ShowKey.IsEmpty ? default : RatingKey.Parse(texts.Get(ShowKey)),
        SeasonNumber = Season == None ? null : Season,
        EpisodeNumber = Episode == None ? null : Episode,
        Year = Year == None ? null : Year,
        OriginallyAvailableAt = Day == None ? null : DateOnly.FromDayNumber(Day),
        Duration = Duration == default ? null : Duration,
        PlexGuid = PlexGuid.IsEmpty ? null : PlexGuid.ToString(),
        ExternalIds = ExternalIds.IsEmpty ? [] : ExternalIds.ToString().Split('\n'),
        State = State,
        IsStateDamaged = IsStateDamaged,
    };
}
