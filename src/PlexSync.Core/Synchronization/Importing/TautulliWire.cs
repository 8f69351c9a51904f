using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>
/// A row of Tautulli's <c>get_history</c>, of which the fields are read that matter. Numbers come as numbers, or as text; what is absent is
/// <c>""</c>, which counts as null.
/// </summary>
internal sealed class WireTautulliRow
{
    [JsonPropertyName("row_id")]
    public long? RowId { get; set; }

    [JsonPropertyName("date")]
    public long? Date { get; set; }

    [JsonPropertyName("stopped")]
    public long? Stopped { get; set; }

    /// <summary>That of plex.tv; 0 is "Local", which is tied to no account.</summary>
    [JsonPropertyName("user_id")]
    public long? UserId { get; set; }

    [JsonPropertyName("user")]
    [JsonConverter(typeof(TitleConverter))]
    public string? User { get; set; }

    [JsonPropertyName("friendly_name")]
    [JsonConverter(typeof(TitleConverter))]
    public string? FriendlyName { get; set; }

    [JsonPropertyName("live")]
    public bool? Live { get; set; }

    [JsonPropertyName("media_type")]
    public string? MediaType { get; set; }

    [JsonPropertyName("rating_key")]
    public string? RatingKey { get; set; }

    [JsonPropertyName("title")]
    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonPropertyName("grandparent_title")]
    [JsonConverter(typeof(TitleConverter))]
    public string? ShowTitle { get; set; }

    [JsonPropertyName("parent_media_index")]
    public long? Season { get; set; }

    [JsonPropertyName("media_index")]
    public long? Episode { get; set; }

    [JsonPropertyName("year")]
    public long? Year { get; set; }

    [JsonPropertyName("guid")]
    public string? Guid { get; set; }

    [JsonPropertyName("percent_complete")]
    public double? Percent { get; set; }

    /// <summary>1 where Tautulli counted it as watched; else 0, 0.25, 0.5 or 0.75.</summary>
    [JsonPropertyName("watched_status")]
    public double? WatchedStatus { get; set; }

    /// <summary>Of what is being played right now: <c>playing</c>, <c>paused</c>…</summary>
    [JsonPropertyName("state")]
    public string? State { get; set; }
}
