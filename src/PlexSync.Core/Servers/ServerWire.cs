using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>Every JSON answer of a server: one container whose lists are left out when empty.</summary>
internal sealed class WireEnvelope
{
    [JsonPropertyName("MediaContainer")]
    public WireContainer? MediaContainer { get; set; }
}

/// <summary>What a server says of itself; everything else that it sends is skipped.</summary>
internal sealed class WireServerEnvelope
{
    [JsonPropertyName("MediaContainer")]
    public WireServer? MediaContainer { get; set; }
}

internal sealed class WireServer
{
    public string? MachineIdentifier { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? FriendlyName { get; set; }

    public string? Version { get; set; }

    public bool? Claimed { get; set; }
}

internal sealed class WireContainer
{
    public long? Size { get; set; }

    public long? TotalSize { get; set; }

    public long? Offset { get; set; }

    [JsonPropertyName("Directory")]
    public WireList<WireDirectory>? Directory { get; set; }

    [JsonPropertyName("Metadata")]
    public WireList<WireItem>? Metadata { get; set; }

    [JsonPropertyName("Setting")]
    public WireList<WireSetting>? Setting { get; set; }
}

internal sealed class WireDirectory
{
    public string? Key { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    public string? Type { get; set; }
}

internal sealed class WireSetting
{
    public string? Id { get; set; }

    public string? Value { get; set; }
}

/// <summary>Somebody or something that has an id: a player's user, an entry of a foreign catalogue.</summary>
internal sealed class WireReference
{
    public string? Id { get; set; }
}

/// <summary>
/// The ids of a list of <c>{"id":"imdb://…"}</c>, without an object for each: there are three for every item of a library.
/// </summary>
internal sealed class GuidsConverter : JsonConverter<string[]>
{
    private const int MaxCount = 50;
    private const int MaxLength = 128;

    public override string[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            WireText.Skip(ref reader);
            return [];
        }

        var ids = new List<string>(4);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                WireText.Skip(ref reader);
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("id"u8);
                reader.Read();
                if (isId && reader.TokenType is JsonTokenType.String && ids.Count < MaxCount
                    && WireText.Read(ref reader) is { Length: > 0 and <= MaxLength } id)
                {
                    ids.Add(id);
                }
                else
                {
                    WireText.Skip(ref reader);
                }
            }
        }

        return ids.ToArray();
    }

    public override void Write(Utf8JsonWriter writer, string[] value, JsonSerializerOptions options) => throw new NotSupportedException();
}

internal sealed class WireItem
{
    /// <summary>A length beyond this is damage, not data.</summary>
    private const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    private const int LongestGuid = 512;

    private static readonly System.Buffers.SearchValues<char> WordCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private static readonly long LastUnixSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public string? RatingKey { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? GrandparentTitle { get; set; }

    public string? GrandparentRatingKey { get; set; }

    public long? ParentIndex { get; set; }

    public long? Index { get; set; }

    public long? Year { get; set; }

    [JsonConverter(typeof(DayConverter))]
    public DateOnly? OriginallyAvailableAt { get; set; }

    public long? Duration { get; set; }

    [JsonConverter(typeof(StateNumberConverter))]
    public long? ViewCount { get; set; }

    [JsonConverter(typeof(StateNumberConverter))]
    public long? ViewOffset { get; set; }

    public long? LastViewedAt { get; set; }

    public double? UserRating { get; set; }

    public long? LastRatedAt { get; set; }

    /// <summary>Who is playing it; only among the sessions.</summary>
    [JsonPropertyName("User")]
    [JsonConverter(typeof(TolerantObjectConverter<WireReference>))]
    public WireReference? User { get; set; }

    public string? Guid { get; set; }

    [JsonPropertyName("Guid")]
    [JsonConverter(typeof(GuidsConverter))]
    public string[]? Guids { get; set; }

    /// <summary>The server says what kind of item it is, in a word.</summary>
    public bool IsTyped =>
        Type is { Length: > 0 } type && char.IsAsciiLetter(type[0]) && type.AsSpan().IndexOfAnyExcept(WordCharacters) < 0;

    /// <param name="path">The request, for messages.</param>
    /// <param name="names">Show titles and keys seen so far: episodes share one string.</param>
    /// <param name="withIds">Keeps what identifies the work beyond this server; a server may send it unasked.</param>
    /// <param name="listed">What a listing of one type was asked for; the item's own word counts where it has one.</param>
    /// <param name="latest">
    /// The last second that can be in the past, by the server's clock: a later view or rating counts as undated.
    /// </param>
    public MediaItem ToItem(
        string path,
        Dictionary<string, string>? names = null,
        bool withIds = false,
        MediaType listed = default,
        long latest = long.MaxValue)
    {
        if (!PlexSync.RatingKey.TryParse(RatingKey, out var key))
        {
            throw WireError.Missing(path, "ratingKey");
        }

        // Any other damaged field counts as absent. These fields decide what is written, and absent would mean "never watched".
        var isDamaged = ViewCount is < 0 or > int.MaxValue || ViewOffset is < 0 or > LongestMilliseconds || !IsTyped;
        var type = IsTyped ? MediaType.Parse(Type!) : listed;
        var isPart = type == MediaType.Episode || type == MediaType.Track;
        return new MediaItem
        {
            RatingKey = key,
            Type = type,
            Title = Title ?? "",
            ShowTitle = isPart ? Shared(GrandparentTitle ?? "", names) : null,
            SeasonNumber = isPart ? Small(ParentIndex) : null,
            EpisodeNumber = isPart ? Small(Index) : null,
            Year = Small(Year),
            OriginallyAvailableAt = OriginallyAvailableAt,
            Duration = Duration is > 0 and <= LongestMilliseconds and var duration ? TimeSpan.FromMilliseconds(duration) : null,
            PlexGuid = withIds && Guid is { Length: > 0 and <= LongestGuid } ? Guid : null,
            ExternalIds = withIds && Guids is not null ? Guids : [],
            ShowKey = isPart && GrandparentRatingKey is { } text && PlexSync.RatingKey.TryParse(Shared(text, names), out var show) ? show
                : default,
            IsStateDamaged = isDamaged,
            State = isDamaged ? default : new WatchState
            {
                ViewCount = (int)(ViewCount ?? 0),
                Position = TimeSpan.FromMilliseconds(ViewOffset ?? 0),
                LastViewedAt = ToDate(LastViewedAt, latest),
                // Zero is how some clients take a rating away (plex-facts §6.5).
                UserRating = UserRating is > 0 and <= 10 ? UserRating : null,
                LastRatedAt = ToDate(LastRatedAt, latest),
            },
        };
    }

    private static DateTimeOffset? ToDate(long? seconds, long latest) =>
        seconds is > 0 and var some && some <= LastUnixSecond && some <= latest ? DateTimeOffset.FromUnixTimeSeconds(some) : null;

    private static int? Small(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    private static string Shared(string name, Dictionary<string, string>? names)
    {
        if (names is null)
        {
            return name;
        }

        if (!names.TryGetValue(name, out var shared))
        {
            names.Add(name, shared = name);
        }

        return shared;
    }
}
