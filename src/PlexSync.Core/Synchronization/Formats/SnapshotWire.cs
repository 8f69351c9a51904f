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

    public required IEnumerable<WireLibraryName> Libraries { get; set; }
}

/// <summary>The last line: without it, a snapshot was cut.</summary>
internal sealed class SnapshotFooter
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int Count { get; set; }
}

/// <summary>One item, with its state or without: an exact restore may unwatch it only if it was listed without one.</summary>
internal sealed class SnapshotRecord : WireSubject
{
    public string? Guid { get; set; }

    public IReadOnlyList<string>? Ids { get; set; }

    public int ViewCount { get; set; }

    public long PositionMs { get; set; }

    [JsonConverter(typeof(UtcConverter))]
    public DateTimeOffset? LastViewedAt { get; set; }

    public double? UserRating { get; set; }
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

/// <summary>The shapes of a snapshot's lines; read strictly, since what a restore overwrites is gone.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SnapshotHeader))]
[JsonSerializable(typeof(SnapshotRecord))]
[JsonSerializable(typeof(SnapshotFooter))]
internal sealed partial class SnapshotJsonContext : JsonSerializerContext;
