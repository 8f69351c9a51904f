using System.Text.Json.Serialization;

namespace PlexSync;

// What plans and journals look like on disk. Unlike the answers of servers these are our own: read strictly.

/// <summary>The beginning of every file of ours; read on its own first, since the rest may look different in a newer version.</summary>
internal sealed class WireFormat
{
    public string? Format { get; set; }

    public long? Version { get; set; }
}

/// <summary>
/// What plan files and journals say of a plan besides its changes. The orders leave room for what each adds: between the format and the
/// server (-2), before the libraries (0), and after them (2).
/// </summary>
internal class WireHeader
{
    [JsonPropertyOrder(-3)]
    public required string Format { get; set; }

    [JsonPropertyOrder(-3)]
    public required int Version { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public WireServerReference? Server { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public WireUserReference? Source { get; set; }

    [JsonPropertyOrder(-1)]
    public IEnumerable<WireUserReference>? MoreSources { get; set; }

    [JsonPropertyOrder(-1)]
    public WireServerReference? SourceServer { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public WireUserReference? Target { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Identity { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Policy { get; set; }

    [JsonPropertyOrder(-1)]
    public string? Undoes { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(1)]
    public IEnumerable<WireLibrary>? Libraries { get; set; }
}

internal sealed class WirePlan : WireHeader
{
    [JsonPropertyOrder(-2)]
    public required DateTime CreatedAt { get; set; }

    public bool? PlayingUnknown { get; set; }

    /// <summary>Only what had changed was read.</summary>
    public bool? OnlyChanged { get; set; }

    [JsonPropertyOrder(2)]
    public required IEnumerable<WireChange> Changes { get; set; }

    [JsonPropertyOrder(2)]
    public required IEnumerable<WireSkip> Skipped { get; set; }
}

/// <summary>Plans that are applied together, as one run.</summary>
internal sealed class WirePlans
{
    public required string Format { get; set; }

    public required int Version { get; set; }

    public required IEnumerable<WirePlan> Plans { get; set; }
}

internal sealed class WireServerReference
{
    public required string MachineIdentifier { get; set; }

    public required string Name { get; set; }

    public required string Version { get; set; }
}

internal sealed class WireUserReference
{
    public required long Id { get; set; }

    public required string Title { get; set; }
}

internal class WireLibraryName
{
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Key { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Title { get; set; }

    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public string? Type { get; set; }
}

internal sealed class WireLibrary : WireLibraryName
{
    public int SourceItems { get; set; }

    public int TargetItems { get; set; }

    public WireFailure? Error { get; set; }
}

internal sealed class WireFailure
{
    public required string Kind { get; set; }

    public required string Message { get; set; }
}

internal sealed class WireChange : WireSubject
{
    public required string Action { get; set; }

    public required WireBefore Before { get; set; }

    public required WireState After { get; set; }

    public required string Reason { get; set; }

    public DateTime? SourceViewedAt { get; set; }

    /// <summary>For people who read a plan; worked out anew when PlexSync reads it.</summary>
    public bool? Removal { get; set; }

    public IReadOnlyList<string>? Lost { get; set; }

    /// <summary>What a removal rests on; absent in files of older versions, whose removals cannot be proved.</summary>
    public WireBasis? RestsOn { get; set; }

    /// <summary>When it was noticed that the server did not keep it; only in the file of changes that were not kept.</summary>
    public DateTime? RefusedAt { get; set; }
}

/// <summary>What another user had on their copies of the work.</summary>
internal sealed class WireBasis
{
    public required string Server { get; set; }

    public required long User { get; set; }

    public required IReadOnlyList<string> Items { get; set; }

    public required WireState State { get; set; }
}

internal sealed class WireSkip : WireSubject
{
    public required string Reason { get; set; }
}
