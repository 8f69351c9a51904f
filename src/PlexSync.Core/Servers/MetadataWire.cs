using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>A row about an item: of a list of shows or episodes, of the history, or of what is played now.</summary>
internal sealed class WireMetadata
{
    public string? RatingKey { get; set; }

    public string? ParentRatingKey { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? GrandparentTitle { get; set; }

    public long? ParentIndex { get; set; }

    public long? Index { get; set; }

    public long? Year { get; set; }

    public long? Duration { get; set; }

    public long? ViewCount { get; set; }

    public long? ViewOffset { get; set; }

    public long? LastViewedAt { get; set; }

    public long? ChildCount { get; set; }

    public long? LeafCount { get; set; }

    public long? ViewedLeafCount { get; set; }

    [JsonPropertyName("librarySectionID")]
    public string? LibrarySectionId { get; set; }

    [JsonPropertyName("guid")]
    public string? PlexGuid { get; set; }

    [JsonPropertyName("Guid")]
    [JsonConverter(typeof(TolerantListConverter<WireReference>))]
    public WireList<WireReference>? ExternalIds { get; set; }

    public string? HistoryKey { get; set; }

    public long? ViewedAt { get; set; }

    [JsonPropertyName("accountID")]
    public string? AccountId { get; set; }

    public string? SessionKey { get; set; }

    /// <summary>Who is playing it.</summary>
    [JsonPropertyName("User")]
    [JsonConverter(typeof(TolerantObjectConverter<WireReference>))]
    public WireReference? User { get; set; }

    [JsonPropertyName("Player")]
    [JsonConverter(typeof(TolerantObjectConverter<WirePlayer>))]
    public WirePlayer? Player { get; set; }

    /// <summary>The item, without its state; null where the row does not say which one it is, or what kind.</summary>
    public MediaItem? ToItem() => Key is not { } key || string.IsNullOrWhiteSpace(Type) ? null : new MediaItem
    {
        RatingKey = key,
        Type = MediaType.Parse(Type),
        Title = Title ?? "",
        ShowTitle = GrandparentTitle,
        SeasonNumber = GrandparentTitle is null ? null : ToNumber(ParentIndex),
        EpisodeNumber = GrandparentTitle is null ? null : ToNumber(Index),
        Year = ToNumber(Year),
        Duration = ToTime(Duration),
    };

    [JsonIgnore]
    public RatingKey? Key => PlexSync.RatingKey.TryParse(RatingKey, out var key) ? key : null;

    [JsonIgnore]
    public LibraryKey? Library => LibraryKey.TryParse(LibrarySectionId, out var key) ? key : null;

    public static int? ToNumber(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    public static TimeSpan? ToTime(long? milliseconds) =>
        milliseconds is > 0 and <= ListingParser.LongestMilliseconds and var length ? TimeSpan.FromMilliseconds(length) : null;

    public static DateTimeOffset? ToDate(long? seconds) =>
        seconds is > 0 and var date && date <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(date) : null;
}

/// <summary>The device that plays.</summary>
internal sealed class WirePlayer
{
    public string? State { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Product { get; set; }
}
