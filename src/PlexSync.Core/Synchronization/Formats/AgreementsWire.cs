namespace PlexSync;

/// <summary>What two users have agreed on, as their file says it.</summary>
internal sealed class WireBaseline
{
    public required string Format { get; set; }

    public required int Version { get; set; }

    public required WireBaselineSide One { get; set; }

    public required WireBaselineSide Other { get; set; }

    public required bool Armed { get; set; }

    /// <summary>For each item both have watched: its rating key, the other user's if it differs, and the number of the work.</summary>
    public required IEnumerable<string?> Items { get; set; }
}

internal sealed class WireBaselineSide
{
    public required string Server { get; set; }

    public required long User { get; set; }
}
