namespace PlexSync;

/// <summary>A <see cref="LastReading"/>, as its file says it: times in unix seconds.</summary>
internal sealed class WireReading
{
    public required string Format { get; set; }

    public required int Version { get; set; }

    public required string? Question { get; set; }

    public required long WholeAt { get; set; }

    /// <summary>In seconds.</summary>
    public required int Lead { get; set; }

    public DateTime? Since { get; set; }

    public required IEnumerable<WireReadUser?>? Users { get; set; }

    /// <summary>Library and item, with a space between them: no key contains one.</summary>
    public required IEnumerable<string?>? Open { get; set; }
}

internal sealed class WireReadUser
{
    public required string? Server { get; set; }

    public required long User { get; set; }

    public required string? Runs { get; set; }

    public required IEnumerable<WireReadLibrary?>? Libraries { get; set; }
}

internal sealed class WireReadLibrary
{
    public required string? Key { get; set; }

    public required long SeenUntil { get; set; }

    /// <summary>Item, when it was viewed, how often, and the position in milliseconds, with spaces between them.</summary>
    public required IEnumerable<string?>? Newest { get; set; }
}
