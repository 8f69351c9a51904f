using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The first line of a snapshot: what it is, and of whom.</summary>
internal sealed class SnapshotHeader
{
    public const string SnapshotFormat = "plexsync-snapshot";
    public const int CurrentVersion = 1;

    public required string Format { get; set; }

    public required int Version { get; set; }

    [JsonConverter(typeof(UtcConverter))]
    public required DateTimeOffset CreatedAt { get; set; }

    public required WireServerReference Server { get; set; }

    public required WireUserReference User { get; set; }

    public required SnapshotLibraryName[] Libraries { get; set; }
}

/// <summary>What the first line must say before the rest of it is read: a later version may say more than this one knows.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed class SnapshotMark
{
    public string? Format { get; set; }

    public long Version { get; set; }
}

internal sealed class SnapshotLibraryName
{
    public required string Key { get; set; }

    public required string Title { get; set; }

    public required string Type { get; set; }
}

/// <summary>The last line: without it, a snapshot was cut.</summary>
internal sealed class SnapshotFooter
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int Count { get; set; }
}

/// <summary>One item, with its state or without: that it was listed without one is what un-watching it needs as a proof.</summary>
internal sealed class SnapshotRecord
{
    /// <summary>A length beyond this is damage, not data.</summary>
    private const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    public required string RatingKey { get; set; }

    public required string Library { get; set; }

    public required string Type { get; set; }

    public required string Title { get; set; }

    public string? Show { get; set; }

    public int? Season { get; set; }

    public int? Episode { get; set; }

    public int? Year { get; set; }

    public long DurationMs { get; set; }

    public string? Guid { get; set; }

    public string[]? Ids { get; set; }

    public int ViewCount { get; set; }

    public long PositionMs { get; set; }

    [JsonConverter(typeof(UtcConverter))]
    public DateTimeOffset? LastViewedAt { get; set; }

    public double? UserRating { get; set; }

    public static SnapshotRecord Of(MediaItem item, LibraryKey library) => new()
    {
        RatingKey = item.RatingKey.ToString(),
        Library = library.ToString(),
        Type = item.Type.ToString(),
        Title = item.Title,
        Show = item.ShowTitle,
        Season = item.SeasonNumber,
        Episode = item.EpisodeNumber,
        Year = item.Year,
        DurationMs = (long)(item.Duration ?? default).TotalMilliseconds,
        Guid = item.PlexGuid,
        Ids = item.ExternalIds.Count > 0 ? [.. item.ExternalIds] : null,
        ViewCount = item.State.ViewCount,
        PositionMs = (long)item.State.Position.TotalMilliseconds,
        LastViewedAt = item.State.LastViewedAt,
        UserRating = item.State.UserRating,
    };

    /// <exception cref="JsonException">The record contradicts itself.</exception>
    public MediaItem ToItem() => new()
    {
        RatingKey = PlexSync.RatingKey.TryParse(RatingKey, out var key) ? key : throw Impossible("ratingKey"),
        Type = string.IsNullOrWhiteSpace(Type) ? throw Impossible("type") : MediaType.Parse(Type),
        Title = Title ?? throw Impossible("title"),
        ShowTitle = Show,
        SeasonNumber = Season is < 0 ? throw Impossible("season") : Season,
        EpisodeNumber = Episode is < 0 ? throw Impossible("episode") : Episode,
        Year = Year is < 0 ? throw Impossible("year") : Year,
        Duration = DurationMs is < 0 or > LongestMilliseconds ? throw Impossible("durationMs")
            : DurationMs > 0 ? TimeSpan.FromMilliseconds(DurationMs) : null,
        PlexGuid = Guid is "" ? throw Impossible("guid") : Guid,
        ExternalIds = Ids is null ? [] : Array.TrueForAll(Ids, static id => !string.IsNullOrEmpty(id)) ? Ids : throw Impossible("ids"),
        State = new WatchState
        {
            ViewCount = ViewCount < 0 ? throw Impossible("viewCount") : ViewCount,
            Position = PositionMs is < 0 or > LongestMilliseconds ? throw Impossible("positionMs") : TimeSpan.FromMilliseconds(PositionMs),
            LastViewedAt = LastViewedAt,
            UserRating = UserRating is < 0 or > 10 ? throw Impossible("userRating") : UserRating,
        },
    };

    private static JsonException Impossible(string field) => new($"The {field} makes no sense.");
}

/// <summary>Times in UTC and in no other form, so that a file says the same wherever it is read.</summary>
internal sealed class UtcConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String
        && DateTimeOffset.TryParseExact(
            reader.GetString(), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new JsonException("A time in UTC was expected.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}

/// <summary>The shapes of a snapshot's lines, as strict as what is written from them is final.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SnapshotMark))]
[JsonSerializable(typeof(SnapshotHeader))]
[JsonSerializable(typeof(SnapshotRecord))]
[JsonSerializable(typeof(SnapshotFooter))]
internal sealed partial class SnapshotJsonContext : JsonSerializerContext;
