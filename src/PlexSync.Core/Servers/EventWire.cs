using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The data of one event: one bare object, or a list, or either of them in a container (plex-facts §8.1, §14.2).</summary>
internal sealed class WireEvent
{
    [JsonPropertyName("NotificationContainer")]
    [JsonConverter(typeof(TolerantObjectConverter<WireEvent>))]
    public WireEvent? Container { get; set; }

    [JsonPropertyName("PlaySessionStateNotification")]
    [JsonConverter(typeof(OneOrManyConverter<WirePlayback>))]
    public WireList<WirePlayback>? Playbacks { get; set; }

    [JsonPropertyName("TimelineEntry")]
    [JsonConverter(typeof(OneOrManyConverter<WireTimelineEntry>))]
    public WireList<WireTimelineEntry>? Entries { get; set; }
}

internal sealed class WirePlayback
{
    public string? SessionKey { get; set; }

    public string? RatingKey { get; set; }

    public string? State { get; set; }

    public long? ViewOffset { get; set; }

    /// <summary>What the word means; null for one that is not known.</summary>
    public static PlaybackState? ToState(string? word) => word switch
    {
        "playing" => PlaybackState.Playing,
        "paused" => PlaybackState.Paused,
        "buffering" => PlaybackState.Buffering,
        "stopped" => PlaybackState.Stopped,
        _ => null,
    };
}

internal sealed class WireTimelineEntry
{
    [JsonPropertyName("itemID")]
    public string? Item { get; set; }

    [JsonPropertyName("sectionID")]
    public string? Library { get; set; }

    public long? State { get; set; }
}

/// <summary>A list, or the only element that it would have; absent where something else stands in its place.</summary>
internal sealed class OneOrManyConverter<T> : JsonConverter<WireList<T>>
    where T : class
{
    private static readonly TolerantListConverter<T> Many = new();

    public override WireList<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.StartObject
            ? WireText.ReadObject<T>(ref reader, options) is { } one ? [one] : null
            : Many.Read(ref reader, typeToConvert, options);

    public override void Write(Utf8JsonWriter writer, WireList<T> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
