using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>Reads the neutral document of states (docs/import.md).</summary>
internal sealed class StatesReader : JsonRows
{
    public const string Format = "plexsync-states";
    public const int Version = 1;

    private readonly string _name;
    private readonly EntryList _entries = new();
    private readonly WireFormat _format = new();

    private StatesReader(Stream input)
        : base("items") => _name = (input as FileStream)?.Name ?? "the document";

    public static async Task<ImportedStates> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var reader = new StatesReader(input);
        try
        {
            await reader.ReadRowsAsync(input, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw PlanFile.Unusable(reader._name, e);
        }

        return reader.HasRows ? reader._entries.ToStates() : throw PlanFile.Unusable(reader._name);
    }

    /// <summary>What a newer version means by an entry is not known: the format has to come before the list.</summary>
    protected override void OnList() => PlanFile.Require(_format, Format, Version, _name);

    protected override void OnField(string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "format":
                _format.Format ??= TolerantStringConverter.ReadText(ref reader);
                break;
            case "version":
                _format.Version ??= TolerantInt64Converter.Read(ref reader, damaged: null);
                break;
        }
    }

    protected override void OnRow(ReadOnlySpan<byte> row)
    {
        WireImport? wire = null;
        try
        {
            wire = JsonSerializer.Deserialize(row, ImportJsonContext.Default.WireImport);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // One entry that is no object costs no other.
        }

        if (wire is null)
        {
            _entries.Reject(null, UnusableReason.Damaged);
        }
        else if (wire.Type is not ("movie" or "episode"))
        {
            _entries.Leave(wire.Title, wire.Type);
        }
        else
        {
            _entries.Add(wire.ToState());
        }
    }
}

/// <summary>Gathers the entries of a history, and names those of no use.</summary>
internal sealed class EntryList
{
    /// <summary>Several times what the largest library holds; whoever sends more means no good.</summary>
    private const int MostItems = 2_000_000;

    private readonly List<ImportedState> _items = [];
    private readonly List<UnusableEntry> _unusable = [];
    private readonly Dictionary<string, long> _otherKinds = new(StringComparer.Ordinal);
    private long _unusableCount;

    /// <summary>How many entries were counted.</summary>
    public long Count { get; private set; }

    public void Add(ImportedState state)
    {
        if (state.FindFault() is { } fault)
        {
            Reject(state.Title, fault);
            return;
        }

        Count++;
        _items.Add(_items.Count < MostItems ? state : throw new JsonException("There are too many items."));
    }

    /// <summary>Counts an entry about something else than movies and episodes.</summary>
    public void Leave(string? title, string? type)
    {
        if (KindOf(type) is { } kind)
        {
            Count++;
            CollectionsMarshal.GetValueRefOrAddDefault(_otherKinds, kind, out _)++;
        }
        else
        {
            Reject(title, UnusableReason.Damaged);
        }
    }

    /// <summary>What kind of item it is, in a word; null where that is damaged.</summary>
    public static string? KindOf(string? type) =>
        string.IsNullOrWhiteSpace(type) ? null : type.Length <= 20 && type.All(char.IsAsciiLetter) ? type : "other";

    public void Reject(string? title, UnusableReason reason, long? position = null)
    {
        Count++;
        _unusableCount++;
        if (_unusable.Count < ImportedStates.MostNamed)
        {
            _unusable.Add(new UnusableEntry(position ?? Count, title, reason));
        }
    }

    public ImportedStates ToStates() => new()
    {
        Items = _items,
        Entries = Count,
        Unusable = _unusable,
        UnusableCount = _unusableCount,
        OtherKinds = _otherKinds,
    };
}

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

    public bool? Watched { get; set; }

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
        ViewCount = ViewCount is { } count ? (int)Math.Clamp(count, -1, int.MaxValue) : Watched is true ? 1 : 0,
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

/// <summary>The shapes of histories; damaged fields count as absent, since one bad value must not cost an entry.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter),
        typeof(TolerantBooleanConverter)])]
[JsonSerializable(typeof(WireImport))]
[JsonSerializable(typeof(WireTautulliRow))]
internal sealed partial class ImportJsonContext : JsonSerializerContext;
