using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>One item of the neutral document, read as tolerantly as anything that comes from elsewhere.</summary>
internal sealed class WireImport
{
    public string? RatingKey { get; set; }

    public string? Guid { get; set; }

    public WireImportIds? Ids { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Show { get; set; }

    public long? Season { get; set; }

    public long? Episode { get; set; }

    public long? Year { get; set; }

    /// <summary>How often, as <c>watched</c> says it: 1, 0, or -1 for what is neither true nor false.</summary>
    [JsonConverter(typeof(WatchedConverter))]
    public long? Watched { get; set; }

    [JsonConverter(typeof(CountConverter))]
    public long? ViewCount { get; set; }

    public long? PositionMs { get; set; }

    public double? Percent { get; set; }

    public string? LastViewedAt { get; set; }

    public ImportedState ToState() => new()
    {
        RatingKey = PlexSync.RatingKey.TryParse(RatingKey, out var key) ? key : null,
        Type = MediaType.Parse(Type!),
        Title = Title,
        ShowTitle = Show,
        SeasonNumber = ImportNumbers.ToNumber(Season),
        EpisodeNumber = ImportNumbers.ToNumber(Episode),
        Year = ImportNumbers.ToNumber(Year),
        PlexGuid = string.IsNullOrWhiteSpace(Guid) ? null : Guid,
        ExternalIds = Ids?.ToList() ?? [],
        ViewCount = (int)Math.Clamp(ViewCount ?? Watched ?? 0, -1, int.MaxValue),
        Position = PositionMs is { } position
            ? TimeSpan.FromMilliseconds(Math.Clamp(position, -1, ImportNumbers.LongestMilliseconds)) : null,
        Percent = Percent,
        LastViewedAt = ImportNumbers.ToDate(LastViewedAt),
    };
}

internal sealed class WireImportIds
{
    public string? Imdb { get; set; }

    public string? Tmdb { get; set; }

    public string? Tvdb { get; set; }

    public List<string> ToList()
    {
        var ids = new List<string>();
        foreach (var (scheme, value) in (ReadOnlySpan<(string, string?)>)[("imdb://", Imdb), ("tmdb://", Tmdb), ("tvdb://", Tvdb)])
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                ids.Add(scheme + value.Trim());
            }
        }

        return ids;
    }
}

/// <summary>Reads <c>watched</c>. It is what an entry is about: damaged, it must not pass for "not watched".</summary>
internal sealed class WatchedConverter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // Null for what is damaged, and for what is absent, which null and "" are.
        var isAbsent = reader.TokenType is JsonTokenType.Null || (reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(""));
        return TolerantBooleanConverter.Read(ref reader, damaged: null) switch
        {
            true => 1,
            false => 0,
            null => isAbsent ? null : -1,
        };
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Reads <c>viewCount</c>; -1 for what is no whole number.</summary>
internal sealed class CountConverter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TolerantInt64Converter.Read(ref reader, damaged: -1);

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => throw new NotSupportedException();
}
