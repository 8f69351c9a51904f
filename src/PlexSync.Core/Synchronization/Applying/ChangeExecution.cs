namespace PlexSync;

/// <summary>A planned change on its way: what the target is known to have, and what became of the change.</summary>
internal sealed class ChangeExecution
{
    private readonly PlannedChange _change;
    private SkipReason? _skipped;

    /// <summary>A write took effect, or may have.</summary>
    private bool _isTouched;

    /// <summary>Left to whoever plans next.</summary>
    private bool _isLeft;

    /// <summary>A position was sent.</summary>
    private bool _isPositioned;

    /// <summary>When the run goes on, for where the server does not tell the time.</summary>
    private readonly RunSpan? _run;

    public ChangeExecution(PlannedChange change, DateTimeOffset readAt, RunSpan? run)
    {
        _change = change;
        _run = run;
        Known = change.Before;
        ReadAt = readAt;
        Duration = change.Item.Duration;
    }

    /// <summary>
    /// A change of a run that was killed: its outcome was recorded, or it was not begun, or only reading tells what became of it.
    /// </summary>
    public ChangeExecution(ChangeResult recorded, bool finish, RunSpan? run)
        : this(recorded.Change, DateTimeOffset.MinValue, run)
    {
        Recorded = recorded.Outcome is ChangeOutcome.Planned or ChangeOutcome.Unknown ? null : recorded;
        IsOld = Recorded is not null;
        IsLost = recorded.Outcome is ChangeOutcome.Unknown;
        Outcome = recorded.Outcome;
        _isLeft = !finish && Outcome is ChangeOutcome.Planned;
        Error = recorded.Error;
        _skipped = recorded.SkipReason;
        // What was announced may have taken effect until a read shows that it has not.
        _isTouched = recorded.StateAfterRun is not null || IsLost;
        IsAnnounced = IsLost;
        Announced = recorded.Announced;
        Known = recorded.StateAfterRun ?? recorded.Change.Before;
    }

    public PlannedChange Change => _change;

    /// <summary>An earlier execution of the run has decided, and told, what became of it.</summary>
    public bool IsOld { get; }

    public RatingKey Key => _change.Item.RatingKey;

    /// <summary>The state that the target has, as far as reads and answered writes tell.</summary>
    public WatchState Known { get; private set; }

    /// <summary>When the target's state was read last.</summary>
    public DateTimeOffset ReadAt { get; private set; }

    /// <summary>The length of the item, as the server said last.</summary>
    public TimeSpan? Duration { get; private set; }

    public bool IsRating => _change.IsRating;

    /// <summary>The marks still to be sent.</summary>
    public Mark[] Marks => IsRating ? [] : PlexWriteRules.MarksFrom(Known, _change.After);

    public ChangeOutcome Outcome { get; private set; } = ChangeOutcome.Planned;

    public PlexException? Error { get; private set; }

    /// <summary>A mark was sent whose answer is lost; only reading tells what it did.</summary>
    public bool IsLost { get; private set; }

    /// <summary>A write was sent, and nobody has looked yet whether the server has kept it.</summary>
    public bool IsToVerify { get; private set; }

    /// <summary>A read has shown it as planned since.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>The journal knows that it is being sent, and not what came of it.</summary>
    public bool IsAnnounced { get; private set; }

    /// <summary>When its writes were about to be sent, by the server's clock.</summary>
    public DateTimeOffset[] Announced { get; private set; } = [];

    /// <summary>The user has changed it since: it is theirs.</summary>
    public bool IsUsers { get; private set; }

    /// <summary>The last attempt that was not answered as it should be, whatever became of the next.</summary>
    public PlexException? Doubted { get; private set; }

    /// <summary>What the journal has of it.</summary>
    public ChangeResult? Recorded { get; private set; }

    /// <summary>When what a removal rests on was read again last.</summary>
    public DateTimeOffset? ProvedAt { get; private set; }

    /// <summary>A write took effect, or may have: what was begun is completed.</summary>
    public bool IsTouched => _isTouched;

    /// <summary>Nothing speaks against going on with it.</summary>
    public bool IsPending => Outcome is ChangeOutcome.Planned && !_isLeft;

    /// <summary>It is known what became of it, or that nobody can tell.</summary>
    public bool IsDecided => Outcome is not ChangeOutcome.Planned && !IsLost;

    /// <summary>Its marks are done, and its position is still to be written.</summary>
    public bool AwaitsPosition => IsPending && !IsRating && Marks.Length == 0 && _change.After.IsInProgress;

    /// <summary>The journal knows that it is about to be sent.</summary>
    /// <param name="now">What the server's clock says; null where it does not tell.</param>
    public void Announce(DateTimeOffset? now)
    {
        (IsAnnounced, Recorded) = (true, null);
        Announced = now is { } at ? [.. Announced, at] : Announced;
    }

    /// <summary>The journal has this of it.</summary>
    public void Record(ChangeResult result) => (IsAnnounced, Recorded) = (false, result);

    /// <summary>What a removal rests on was read again.</summary>
    public void Proved(DateTimeOffset now) => ProvedAt = now;

    /// <summary>An attempt was not answered as it should be; it is made again.</summary>
    public void FailedOnce(PlexException failure) => Doubted = failure;

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
        IsToVerify = true;
    }

    /// <summary>The marks are where they should be; a position may follow.</summary>
    public void Reached()
    {
        Error = null;
        IsLost = false;
        Outcome = _change.After.IsInProgress && !Known.Matches(_change.After) ? ChangeOutcome.Planned : ChangeOutcome.Applied;
    }

    /// <summary>A position is about to be sent.</summary>
    public void Positioning() => _isPositioned = true;

    public void Positioned()
    {
        _isTouched = true;
        Known = Known with { Position = _change.After.Position, LastViewedAt = null };
        Error = null;
        Outcome = ChangeOutcome.Applied;
        IsToVerify = true;
    }

    public void Rated()
    {
        _isTouched = true;
        Known = Known.WithRatingOf(_change.After);
        Error = null;
        Outcome = ChangeOutcome.Applied;
        IsToVerify = true;
    }

    /// <summary>A read has shown this state; the change starts again from there, if there is anything left to do.</summary>
    public void Observed(WatchState state)
    {
        IsVerified = _change.IsReachedBy(state);
        Known = IsVerified ? Own(state) : state;
        Error = null;
        IsLost = false;
        Outcome = IsVerified ? ChangeOutcome.Applied : ChangeOutcome.Planned;
    }

    /// <summary>
    /// It is known what the server did with a change that a killed run had announced: made it is, or half, or not at all. What is half-way
    /// is completed in any case, since nobody asked for it; what was not begun, only if the run is to be finished. Where the item is out of
    /// sight, its state damaged, or the user's doing by now, it stays unknown: only the journal still has what the run may have destroyed.
    /// </summary>
    public void Adopt(MediaItem? item, bool finish)
    {
        if (item is null or { IsStateDamaged: true } || !item.IsSameWork(_change.Item))
        {
            // A damaged state looks like none, which would pass for "nothing was done".
            Leave(item is { IsStateDamaged: false } ? item.State : null);
        }
        else if (IsRating ? _change.IsStill(item.State, _change.Before) : PlexWriteRules.IsUntouched(item.State, _change.Before))
        {
            _isTouched = false;
            Observed(item.State);
            _isLeft = !finish;
        }
        else if (IsOfRun(item.State)
            && (_change.IsReachedBy(item.State) || (!IsRating && PlexWriteRules.IsHalfway(item.State, _change.Before, _change.After))))
        {
            Observed(item.State);
        }
        else
        {
            Leave(item.State);
        }
    }

    /// <summary>Everything about the state, its date included, can be the run's own doing.</summary>
    public bool IsOfRun(WatchState state) => PlexWriteRules.IsOfRun(state, _change, new WriteTimes(Announced, _run));

    /// <summary>
    /// What was sent may have taken effect, and what a read has shown since, if anything, does not tell: nothing more is done to it.
    /// </summary>
    public void Leave(WatchState? seen)
    {
        IsLost = false;
        IsUsers = true;
        Known = seen ?? Known;
        Outcome = ChangeOutcome.Unknown;
    }

    /// <summary>The state was read again, before a write that relies on it.</summary>
    public void Refresh(MediaItem? item, DateTimeOffset now)
    {
        ReadAt = now;
        if (item is { IsStateDamaged: true })
        {
            Skip(SkipReason.StateDamaged);
            return;
        }

        if (item is null || !item.IsSameWork(_change.Item))
        {
            Skip(item is null ? SkipReason.NotVisibleToTarget : SkipReason.NotSameItem);
            return;
        }

        Duration = item.Duration;
        // Before anything was sent, another date alone tells that the user has been at it.
        if (_isTouched || IsRating ? _change.IsStill(item.State, Known) : PlexWriteRules.IsUntouched(item.State, Known))
        {
            return;
        }

        if (!_change.IsReachedBy(item.State))
        {
            Skip(SkipReason.ChangedSincePlanned);
        }
        else if (_isTouched)
        {
            Observed(item.State);
        }
        else
        {
            Skip(SkipReason.AlreadyDone);
        }
    }

    /// <summary>
    /// What was written was read back. True if the server has not kept it; a state that is neither what was written nor what was there
    /// before, or that has a date of its own, is the user's doing, and theirs to keep.
    /// </summary>
    public bool IsMissingIn(WatchState state)
    {
        IsToVerify = false;
        if (IsViewAdded(state))
        {
            Known = state;
            Error = new PlexException(
                PlexErrorKind.PositionCounted,
                $"The server took the position of '{_change.Item.DisplayTitle}' ({Key}) for a completed viewing.")
            {
                Subject = _change.Item.DisplayTitle,
            };
            Outcome = ChangeOutcome.Failed;
            return false;
        }

        if (Outcome is ChangeOutcome.Failed)
        {
            // Refused half-way: what was accepted before is not tried again, but an undo has to know what came of it.
            Known = IsOfRun(state) ? state : Known;
            _isTouched = !_change.IsStill(Known, _change.Before);
            return false;
        }

        IsVerified = _change.IsReachedBy(state);
        var isMissing = !IsVerified && (IsRating || IsOfRun(state));
        Known = isMissing ? state : IsVerified ? Own(state) : Known;
        if (IsVerified)
        {
            Error = null;
            Outcome = ChangeOutcome.Applied;
        }

        return isMissing;
    }

    /// <summary>
    /// A server that takes a position for the end of the item counts a view where the position is sent (plex-facts §14.1).
    /// </summary>
    private bool IsViewAdded(WatchState state) => _isPositioned && state.ViewCount == Known.ViewCount + 1
        && (state.LastViewedAt is not { } date || new WriteTimes(Announced, _run).Contain(date));

    /// <summary>Written and accepted, and yet not there: to be looked up like a lost mark.</summary>
    public void Missed()
    {
        IsLost = true;
        Outcome = ChangeOutcome.Unknown;
    }

    /// <summary>The server refused: what was sent last took no effect.</summary>
    public void Refused(PlexException error)
    {
        IsLost = false;
        _isTouched = !_change.IsStill(Known, _change.Before);
        Error = error;
        Outcome = ChangeOutcome.Failed;
    }

    /// <summary>
    /// Nobody can tell yet whether what was sent last took effect: a mark is settled, a position looked for when the rest is verified, and
    /// what was cut off without an error, by the next run.
    /// </summary>
    public void Doubt(PlexException? error)
    {
        IsToVerify = !IsLost;
        IsLost |= error is null;
        _isTouched = true;
        Error = error;
        Doubted = error ?? Doubted;
        Outcome = ChangeOutcome.Unknown;
    }

    /// <summary>No more is done to find out than what a read has shown.</summary>
    public void GiveUp(WatchState? seen = null)
    {
        IsLost = false;
        Known = seen ?? Known;
    }

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

    /// <summary>A view beyond the planned one is the user's own, and not for an undo to take away.</summary>
    private WatchState Own(WatchState state) => state with { ViewCount = Math.Min(state.ViewCount, _change.After.ViewCount) };

    public ChangeResult ToResult() => new()
    {
        Change = _change,
        Outcome = Outcome is ChangeOutcome.Planned && _isTouched ? ChangeOutcome.Failed : Outcome,
        SkipReason = _skipped,
        Error = Error,
        StateAfterRun = _isTouched ? Known : null,
        Announced = Announced,
    };
}
