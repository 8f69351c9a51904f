namespace PlexSync.FleetScale;

/// <summary>What a node has to say at the end, as one line of JSON.</summary>
internal sealed record NodeReport
{
    /// <summary>How late regular runs began.</summary>
    public required Dictionary<int, long> Delays { get; init; }

    /// <summary>How long runs took.</summary>
    public required Dictionary<int, long> Durations { get; init; }

    public long Runs { get; init; }

    public long Failed { get; init; }

    /// <summary>Runs that were tried again, or that recovered what another node left.</summary>
    public long Repeated { get; init; }

    /// <summary>The most runs that were under way at once.</summary>
    public int MostAtOnce { get; init; }

    /// <summary>The largest working set, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The largest managed heap, in bytes, as it was after a collection.</summary>
    public long Heap { get; init; }

    public double ProcessorSeconds { get; init; }

    public required Dictionary<string, long> Requests { get; init; }

    /// <summary>The most requests to plex.tv in one second.</summary>
    public int MostToAccountInASecond { get; init; }
}
