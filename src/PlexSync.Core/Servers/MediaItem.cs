using System.Globalization;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>The type of an item, in the server's words; a vocabulary that can grow.</summary>
[JsonConverter(typeof(TextConverter<MediaType>))]
public readonly record struct MediaType : IParsable<MediaType>
{
    private readonly string? _value;

    private MediaType(string value) => _value = value;

    /// <summary>A film or a home video.</summary>
    public static MediaType Movie { get; } = new("movie");

    /// <summary>An episode of a show.</summary>
    public static MediaType Episode { get; } = new("episode");

    /// <summary>A track of an album.</summary>
    public static MediaType Track { get; } = new("track");

    /// <summary>A show: it has no state of its own, but identifiers that tell its episodes apart.</summary>
    internal static MediaType Show { get; } = new("show");

    /// <summary>Reads a type; any word is one.</summary>
    public static MediaType Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        // One string for all items of a type.
        return text switch
        {
            "movie" => Movie,
            "episode" => Episode,
            "track" => Track,
            _ => new(text),
        };
    }

    /// <summary>The number that a listing asks for (plex-facts §4.2); null for types that PlexSync does not list.</summary>
    internal int? ListingNumber => _value switch
    {
        "movie" => 1,
        "show" => 2,
        "episode" => 4,
        "track" => 10,
        _ => null,
    };

    /// <summary>
    /// Whether items of this type have a state of their own that can be written: a mark on a show would mark all its episodes.
    /// </summary>
    internal bool IsLeaf => _value is "movie" or "episode" or "track";

    /// <summary>The type as the server writes it.</summary>
    public override string ToString() => _value ?? "";

    static MediaType IParsable<MediaType>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<MediaType>.TryParse(string? s, IFormatProvider? provider, out MediaType result)
    {
        result = string.IsNullOrWhiteSpace(s) ? default : Parse(s);
        return result != default;
    }
}

/// <summary>A movie, an episode or a track with the state that one user has on it.</summary>
public sealed record MediaItem
{
    private const int None = -1;
    private const uint Damaged = 1u << 31;

    // Plain numbers: with a flag beside each, an item would be a third larger, and a plan can hold a hundred thousand.
    private readonly int _season = None;
    private readonly int _episode = None;
    private readonly int _year = None;

    /// <summary>The number of the day, shifted by one so that zero is "not known"; the last bit: the state is damaged.</summary>
    private readonly uint _day;
    private readonly long _duration;

    /// <summary>Identifies the item on its server.</summary>
    public required RatingKey RatingKey { get; init; }

    /// <summary>What it is.</summary>
    public required MediaType Type { get; init; }

    /// <summary>The title; of an episode, its own.</summary>
    public required string Title { get; init; }

    /// <summary>The title of the show, or the name of a track's artist; null for movies.</summary>
    public string? ShowTitle { get; init; }

    /// <summary>The number of the season, or of a track's disc; null for movies.</summary>
    public int? SeasonNumber
    {
        get => ToNumber(_season);
        init => _season = value ?? None;
    }

    /// <summary>The number of the episode in its season, or of a track; null for movies.</summary>
    public int? EpisodeNumber
    {
        get => ToNumber(_episode);
        init => _episode = value ?? None;
    }

    /// <summary>The year of release, if known.</summary>
    public int? Year
    {
        get => ToNumber(_year);
        init => _year = value ?? None;
    }

    /// <summary>The day of release or of the first broadcast (Plex: <c>originallyAvailableAt</c>); null if not known.</summary>
    public DateOnly? OriginallyAvailableAt
    {
        get => (_day & ~Damaged) is > 0 and var day ? DateOnly.FromDayNumber((int)day - 1) : null;
        init => _day = (_day & Damaged) | (value is { } day ? (uint)day.DayNumber + 1 : 0);
    }

    /// <summary>The length; null for items that the server has not analysed.</summary>
    public TimeSpan? Duration
    {
        get => _duration == 0 ? null : TimeSpan.FromTicks(_duration);
        init => _duration = value?.Ticks ?? 0;
    }

    /// <summary>
    /// Plex's own identifier of the work (<c>plex://movie/…</c>), mostly the same on every server; null unless it was asked for.
    /// </summary>
    public string? PlexGuid { get; init; }

    /// <summary>
    /// Identifiers in other catalogues (<c>imdb://tt…</c>, <c>tmdb://…</c>, <c>tvdb://…</c>); empty unless they were asked for and sent.
    /// </summary>
    public IReadOnlyList<string> ExternalIds { get; init => field = value ?? []; } = [];

    /// <summary>The rating key of the show or artist; none for movies, and where it was not asked for.</summary>
    internal RatingKey ShowKey { get; init; }

    /// <summary>What the user has seen of it.</summary>
    public WatchState State { get; init; }

    /// <summary>
    /// Whether the server sent an impossible state: <see cref="State"/> is empty then and says nothing about what the user has seen.
    /// </summary>
    internal bool IsStateDamaged
    {
        get => (_day & Damaged) != 0;
        init => _day = value ? _day | Damaged : _day & ~Damaged;
    }

    /// <summary>
    /// The item as people name it: <c>Movie (1999)</c>, <c>Show – S01E02 – Title</c>, <c>Artist – Title</c>. An episode without a number
    /// goes by its date (<c>Show – 2024-03-05 – Title</c>), its year or its rating key (<c>key:42</c>).
    /// </summary>
    public string DisplayTitle => ShowTitle is null
        ? Year is { } year ? string.Create(CultureInfo.InvariantCulture, $"{Title} ({year})") : Title
        : Type == MediaType.Track ? $"{ShowTitle} – {Title}"
        : $"{ShowTitle} – {PartLabel} – {Title}";

    /// <summary>The item as people name it, its rating key and the state.</summary>
    public override string ToString() => $"{Label}: {State}";

    /// <summary>As people name it, and its rating key.</summary>
    internal string Label => $"{DisplayTitle} [{RatingKey}]";

    /// <summary>What tells an episode from the others of its show.</summary>
    internal string PartLabel => (SeasonNumber, EpisodeNumber) switch
    {
        ({ } season, { } episode) => string.Create(CultureInfo.InvariantCulture, $"S{season:D2}E{episode:D2}"),
        (null, { } episode) => string.Create(CultureInfo.InvariantCulture, $"E{episode:D2}"),
        _ => DateLabel,
    };

    /// <summary>What tells the item from others of the same name: its date, else its year, else its rating key.</summary>
    internal string DateLabel => OriginallyAvailableAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        ?? Year?.ToString(CultureInfo.InvariantCulture) ?? $"key:{RatingKey}";

    private static int? ToNumber(int number) => number == None ? null : number;

    /// <summary>
    /// Whether they have the same names. A server whose database is rebuilt gives its rating keys to other items, under the same machine
    /// identifier: then the same key is another film.
    /// </summary>
    internal bool IsSameWork(MediaItem other) =>
        (Type, Title, ShowTitle, SeasonNumber, EpisodeNumber) == (
            other.Type, other.Title, other.ShowTitle, other.SeasonNumber, other.EpisodeNumber);
}
