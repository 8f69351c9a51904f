using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What a history outside of Plex says that somebody has seen of one item.</summary>
/// <remarks>
/// It takes a rating key with a title or an identifier beside it, or an identifier alone (<see cref="PlexGuid"/>,
/// <see cref="ExternalIds"/>): a rating key can belong to another item since the library was rebuilt.
/// </remarks>
public sealed record ImportedState
{
    /// <summary>The item's key on the server, if it is known.</summary>
    public RatingKey? RatingKey { get; init; }

    /// <summary>What it is: a movie or an episode.</summary>
    public required MediaType Type { get; init; }

    /// <summary>The title; of an episode, its own.</summary>
    public string? Title { get; init; }

    /// <summary>The title of the show; null for movies.</summary>
    public string? ShowTitle { get; init; }

    /// <summary>The number of the season; null for movies, and where it is not known.</summary>
    public int? SeasonNumber { get; init; }

    /// <summary>The number of the episode in its season; null for movies, and where it is not known.</summary>
    public int? EpisodeNumber { get; init; }

    /// <summary>The year of release, if known.</summary>
    public int? Year { get; init; }

    /// <summary>The item's <c>guid</c> as the server has it: <c>plex://…</c>, or that of an older agent.</summary>
    public string? PlexGuid { get; init; }

    /// <summary>
    /// The item's own identifiers in other catalogues (<c>imdb://tt…</c>, <c>tmdb://…</c>, <c>tvdb://…</c>); an episode's, not its show's.
    /// </summary>
    public IReadOnlyList<string> ExternalIds { get; init; } = [];

    /// <summary>How often it was watched to the end; 0 if never.</summary>
    public int ViewCount { get; init; }

    /// <summary>Where the user stopped; null where that is not known, or only as <see cref="Percent"/>.</summary>
    public TimeSpan? Position { get; init; }

    /// <summary>
    /// How far the user came, of 100; null where that is not known. From the server's played threshold on, the item counts as watched.
    /// </summary>
    public double? Percent { get; init; }

    /// <summary>When it was last viewed, if known: what was viewed first is written first.</summary>
    public DateTimeOffset? LastViewedAt { get; init; }

    /// <summary>The item as people name it, as in <see cref="MediaItem.DisplayTitle"/>.</summary>
    public override string ToString() => ToItem().DisplayTitle;

    internal MediaItem ToItem() => new()
    {
        // A plan can only name an item by a key.
        RatingKey = RatingKey ?? PlexSync.RatingKey.Parse("none"),
        Type = Type,
        Title = FindName() ?? $"{Type}",
        ShowTitle = ShowTitle,
        SeasonNumber = SeasonNumber,
        EpisodeNumber = EpisodeNumber,
        Year = Year,
        PlexGuid = PlexGuid,
        ExternalIds = ExternalIds,
    };

    private string? FindName() =>
        ExternalIds.Prepend(PlexGuid).Prepend(Title).FirstOrDefault(static name => !string.IsNullOrWhiteSpace(name));

    /// <summary>Why nothing can be made of it; null if it can be used.</summary>
    internal UnusableReason? FindFault() =>
        Type != MediaType.Movie && Type != MediaType.Episode ? UnusableReason.OtherKind
        : ViewCount < 0 || Position < TimeSpan.Zero || Percent is < 0 or > 100 || (Percent is { } part && double.IsNaN(part))
            ? UnusableReason.StateDamaged
        : WorkId.Of(ToItem()).Length == 0 && (RatingKey is null || string.IsNullOrWhiteSpace(Title)) ? UnusableReason.NotIdentified
        : null;
}

/// <summary>An entry of a history that nothing can be made of.</summary>
/// <param name="Position">Where it is in what was read, counted from 1.</param>
/// <param name="Title">What it is called, as far as it says so; else null.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record UnusableEntry(long Position, string? Title, UnusableReason Reason);

/// <summary>Why nothing can be made of an entry of a history.</summary>
[JsonConverter(typeof(WordConverter<UnusableReason>))]
public enum UnusableReason
{
    /// <summary>It is not what an entry has to be, or a field that it needs is damaged.</summary>
    Damaged,

    /// <summary>Its count, position or percentage cannot be.</summary>
    StateDamaged,

    /// <summary>Nothing says which item it is about: it has no identifier, and no rating key with a title beside it.</summary>
    NotIdentified,

    /// <summary>It does not say whose it is.</summary>
    NobodyNamed,

    /// <summary>It is neither about a movie nor about an episode.</summary>
    OtherKind,
}
