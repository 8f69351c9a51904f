namespace PlexSync;

/// <summary>A planned change on its way: what the target is known to have, and what became of the change.</summary>
internal sealed class Entry(PlannedChange change, DateTimeOffset readAt)
{
    private SkipReason? _skipped;

    public PlannedChange Change => change;

    public RatingKey Key => change.Item.RatingKey;

    /// <summary>The state that the target has, as far as reads and answered writes tell.</summary>
    public WatchState Known { get; private set; } = change.Before;

    /// <summary>When the target's state was read last.</summary>
    public DateTimeOffset ReadAt { get; set; } = readAt;

    /// <summary>The marks still to be sent.</summary>
    public Mark[] Marks => WriteRules.MarksFrom(Known, change.After);

    public ChangeOutcome Outcome { get; private set; } = ChangeOutcome.Planned;

    public PlexException? Error { get; private set; }

    /// <summary>A mark was sent whose answer is lost; only reading tells what it did.</summary>
    public bool IsLost { get; set; }

    /// <summary>Nothing speaks against going on with it.</summary>
    public bool IsPending => Outcome is ChangeOutcome.Planned;

    /// <summary>Its marks are done, and its position is still to be written.</summary>
    public bool AwaitsPosition => IsPending && Marks.Length == 0 && change.After.IsInProgress;

    public void Marked(Mark mark)
    {
        Known = mark is Mark.Watched ? new WatchState { ViewCount = Known.ViewCount + 1 } : default;
        IsLost = false;
    }

    /// <summary>The marks are where they should be; a position may follow.</summary>
    public void Reached()
    {
        Error = null;
        IsLost = false;
        Outcome = change.After.IsInProgress ? ChangeOutcome.Planned : ChangeOutcome.Applied;
    }

    public void Positioned()
    {
        Known = Known with { Position = change.After.Position };
        Error = null;
        Outcome = ChangeOutcome.Applied;
    }

    /// <summary>A read has shown this state; the change starts again from there.</summary>
    public void Observed(WatchState state)
    {
        Known = state;
        Error = null;
        IsLost = false;
        Outcome = ChangeOutcome.Planned;
    }

    public void Fail(PlexException? error, ChangeOutcome outcome)
    {
        Error = error;
        Outcome = outcome;
    }

    public void Skip(SkipReason reason)
    {
        _skipped = reason;
        Error = null;
        IsLost = false;
        Outcome = ChangeOutcome.Skipped;
    }

    public ChangeResult ToResult() => new() { Change = change, Outcome = Outcome, SkipReason = _skipped, Error = Error };
}
