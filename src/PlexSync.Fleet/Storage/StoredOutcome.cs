namespace PlexSync.Fleet.Storage;

/// <summary>What became of a change, by its place in the plan.</summary>
internal sealed record StoredOutcome
{
    public required int Change { get; init; }

    public IReadOnlyList<DateTimeOffset>? AnnouncedAt { get; init; }

    public ChangeOutcome? Outcome { get; init; }

    public SkipReason? SkipReason { get; init; }

    public PlexException? Error { get; init; }

    public WatchState? StateAfterRun { get; init; }

    public static StoredOutcome Of(int change, ChangeResult result) => new()
    {
        Change = change,
        Outcome = result.Outcome,
        SkipReason = result.SkipReason,
        Error = result.Error,
        StateAfterRun = result.StateAfterRun,
    };

    public ChangeResult? ToResult(PlannedChange change) => Outcome is not { } outcome ? null : new()
    {
        Change = change,
        Outcome = outcome,
        SkipReason = SkipReason,
        Error = Error,
        StateAfterRun = StateAfterRun,
    };
}

/// <summary>How a run ended.</summary>
internal sealed record StoredResults
{
    public required IReadOnlyList<StoredOutcome> Outcomes { get; init; }

    public int Verified { get; init; }

    public PlexException? Error { get; init; }

    public DateTimeOffset EndedAt { get; init; }
}
