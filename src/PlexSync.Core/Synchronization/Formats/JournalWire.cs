using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>One line of a journal: exactly one of its parts is there.</summary>
internal sealed class WireJournalLine
{
    /// <summary>The first line.</summary>
    public WireRun? Run { get; set; }

    /// <summary>One for each planned change, in the order of writing.</summary>
    public WireChange? Change { get; set; }

    /// <summary>The number of changes: all of them have reached the disk, and writing may begin.</summary>
    public int? Ready { get; set; }

    /// <summary>The rating key of a change that is about to be sent.</summary>
    public string? Sending { get; set; }

    /// <summary>
    /// When it is about to be sent, by the server's clock; absent where the server does not tell, and in files of older versions.
    /// </summary>
    public DateTime? At { get; set; }

    /// <summary>What is being sent is a rating.</summary>
    public bool? Rating { get; set; }

    /// <summary>What became of a change; the last one of an item counts.</summary>
    public WireOutcome? Outcome { get; set; }

    /// <summary>The last line of a finished run.</summary>
    public WireEnd? End { get; set; }
}

internal sealed class WireRun : WireHeader
{
    [JsonPropertyOrder(-2)]
    public required string Run { get; set; }

    /// <summary>The number of the run, in the order in which runs began; absent in files of 0.1.0 and earlier.</summary>
    [JsonPropertyOrder(-2)]
    public long? Order { get; set; }

    [JsonPropertyOrder(-2)]
    public required DateTime StartedAt { get; set; }

    [JsonPropertyOrder(-2)]
    public required DateTime PlannedAt { get; set; }

    public required int Changes { get; set; }
}

internal sealed class WireOutcome
{
    public required string RatingKey { get; set; }

    /// <summary>The change is one of the rating; an item can have two.</summary>
    public bool? Rating { get; set; }

    public required string Outcome { get; set; }

    public string? Reason { get; set; }

    public WireFailure? Error { get; set; }

    /// <summary>What the run left; absent where it wrote nothing.</summary>
    public WireLeft? Left { get; set; }
}

internal sealed class WireEnd
{
    public required Dictionary<string, int> Outcomes { get; set; }

    public required int Written { get; set; }

    /// <summary>When the run ended, or was killed, by the local clock; absent in files of older versions.</summary>
    public DateTime? EndedAt { get; set; }

    public int Verified { get; set; }

    public WireFailure? Error { get; set; }
}
