using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>An item as people and programs know it; the types that derive from it write more about it after this.</summary>
internal class WireSubject
{
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? RatingKey { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Library { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Type { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Title { get; set; }

    [JsonPropertyOrder(-1)]
    public string? Show { get; set; }

    [JsonPropertyOrder(-1)]
    public int? Season { get; set; }

    [JsonPropertyOrder(-1)]
    public int? Episode { get; set; }

    [JsonPropertyOrder(-1)]
    public int? Year { get; set; }

    /// <summary>Only in plans, where the title needs it: an episode without a number goes by its date.</summary>
    [JsonPropertyOrder(-1)]
    public string? OriginallyAvailableAt { get; set; }

    [JsonPropertyOrder(-1)]
    public long? DurationMs { get; set; }
}

/// <summary>A state of an item. The orders leave room for the date, which the two that have one write in different places.</summary>
internal class WireState
{
    public required int ViewCount { get; set; }

    public required long PositionMs { get; set; }

    /// <summary>After a change only of ratings; absent where one is taken away.</summary>
    [JsonPropertyOrder(2)]
    public double? UserRating { get; set; }
}

/// <summary>The state that the target had before a change.</summary>
internal sealed class WireBefore : WireState
{
    [JsonPropertyOrder(1)]
    public DateTime? LastViewedAt { get; set; }
}

/// <summary>The state that a run left.</summary>
internal sealed class WireLeft : WireState
{
    /// <summary>The date that was read back; absent where nothing was read back, and in files of older versions.</summary>
    [JsonPropertyOrder(-1)]
    public DateTime? LastViewedAt { get; set; }
}
