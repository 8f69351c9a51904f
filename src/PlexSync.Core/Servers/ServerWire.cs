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

    [JsonPropertyName("librarySectionID")]
    public string? LibrarySectionId { get; set; }

    [JsonPropertyName("Directory")]
    public WireList<WireDirectory>? Directory { get; set; }

    [JsonPropertyName("Metadata")]
    public WireList<WireMetadata>? Metadata { get; set; }

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

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }
}
