namespace PlexSync;

/// <summary>A planned change on its way: what the target is known to have, and what became of the change.</summary>
internal sealed class Entry(PlannedChange change, DateTimeOffset readAt)
{
    private SkipReason? _skipped;

    /// <summary>A write took effect, or may have.</summary>
    private bool _isTouched;

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
    public bool IsLost { get; private set; }

    /// <summary>Somebody is at work on it: its state is not to be compared.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Nothing speaks against going on with it.</summary>
    public bool IsPending => Outcome is ChangeOutcome.Planned;

    /// <summary>Its marks are done, and its position is still to be written.</summary>
    public bool AwaitsPosition => IsPending && Marks.Length == 0 && change.After.IsInProgress;

    /// <summary>A mark is about to be sent: from here on it may take effect.</summary>
    public void Sending()
    {
        IsLost = true;
        _isTouched = true;
    }

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
        _isTouched = true;
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

    /// <summary>The server refused: what was sent last took no effect.</summary>
    public void Refused(PlexException error)
    {
        IsLost = false;
        _isTouched = !Known.Matches(change.Before);
        Error = error;
        Outcome = ChangeOutcome.Failed;
    }

    /// <summary>Nobody can tell whether what was sent last took effect.</summary>
    public void Doubt(PlexException? error)
    {
        _isTouched = true;
        Error = error;
        Outcome = ChangeOutcome.Unknown;
    }

    /// <summary>No more is done to find out.</summary>
    public void GiveUp() => IsLost = false;

    public void Skip(SkipReason reason)
    {
        IsLost = false;
        if (_isTouched)
        {
            // What was begun is no longer a skip.
            Outcome = Outcome is ChangeOutcome.Unknown ? ChangeOutcome.Unknown : ChangeOutcome.Failed;
            return;
        }

        _skipped = reason;
        Error = null;
        Outcome = ChangeOutcome.Skipped;
    }

    public ChangeResult ToResult() => new()
    {
        Change = change,
        Outcome = Outcome is ChangeOutcome.Planned && _isTouched ? ChangeOutcome.Failed : Outcome,
        SkipReason = _skipped,
        Error = Error,
        Left = _isTouched ? Known : null,
    };
}
