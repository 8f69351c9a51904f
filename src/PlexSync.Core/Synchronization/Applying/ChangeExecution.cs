namespace PlexSync;

/// <summary>A planned change while it is carried out: what the target is known to have, and what became of the change.</summary>
/// <remarks>The table of <see cref="ChangeStates"/> says which state may follow which.</remarks>
internal sealed class ChangeExecution
{
    /// <summary>When the run takes place; used if the server does not tell the time.</summary>
    private readonly RunSpan? _run;

    private SkipReason? _skipped;

    /// <summary>A position was sent.</summary>
    private bool _isPositioned;

    public ChangeExecution(PlannedChange change, DateTimeOffset readAt, RunSpan? run)
    {
        Change = change;
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
        State = recorded.Outcome switch
        {
            ChangeOutcome.Applied => ChangeState.Written,
            ChangeOutcome.Skipped => ChangeState.Skipped,
            ChangeOutcome.Failed => ChangeState.Failed,
            ChangeOutcome.Unknown => ChangeState.Lost,
            _ => finish ? ChangeState.Pending : ChangeState.Untried,
        };
        IsOld = IsDecided;
        Recorded = IsOld ? recorded : null;
        Error = recorded.Error;
        _skipped = recorded.SkipReason;
        // What was announced may have taken effect until a read shows that it has not.
        IsTouched = recorded.StateAfterRun is not null || IsLost;
        Announced = recorded.Announced;
        Known = recorded.StateAfterRun ?? recorded.Change.Before;
    }

    public PlannedChange Change { get; }

    /// <summary>Whether an earlier execution of the run has decided and reported what became of it.</summary>
    public bool IsOld { get; }

    public RatingKey Key => Change.Item.RatingKey;

    /// <summary>The state that the target has, as far as reads and answered writes tell.</summary>
    public WatchState Known { get; private set; }

    /// <summary>When the target's state was read last.</summary>
    public DateTimeOffset ReadAt { get; private set; }

    /// <summary>The length of the item, as the server said last.</summary>
    public TimeSpan? Duration { get; private set; }

    public bool IsRating => Change.IsRating;

    /// <summary>The marks still to be sent.</summary>
    public Mark[] Marks => IsRating ? [] : StateWrites.MarksFrom(Known, Change.After);

    public ChangeState State { get; private set; }

    public ChangeOutcome Outcome => State.ToOutcome();

    public PlexException? Error { get; private set; }

    /// <summary>The failure of the last attempt that failed, whatever became of later attempts.</summary>
    public PlexException? Doubted { get; private set; }

    /// <summary>When each of its writes was about to be sent, by the server's clock.</summary>
    public DateTimeOffset[] Announced { get; private set; } = [];

    /// <summary>What the store has recorded of it; null from when it is announced until its outcome is recorded.</summary>
    public ChangeResult? Recorded { get; private set; }

    /// <summary>When the basis of a removal was last read again.</summary>
    public DateTimeOffset? ProvedAt { get; private set; }

    /// <summary>Whether a write took effect, or may have: a change that was begun is completed.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>Whether a write was sent that was not read back yet.</summary>
    public bool IsToVerify { get; private set; }

    /// <summary>Whether it is still to be done, or to be continued.</summary>
    public bool IsPending => State is ChangeState.Pending or ChangeState.Announced or ChangeState.Sent;

    /// <summary>Whether the store knows that it is being sent, but not what came of it.</summary>
    public bool IsAnnounced =>
        Recorded is null && State is ChangeState.Announced or ChangeState.Sent or ChangeState.Lost or ChangeState.Withdrawn;

    /// <summary>Whether an answer is awaited or lost: only reading tells what the write did.</summary>
    public bool IsLost => State is ChangeState.Sent or ChangeState.Lost;

    /// <summary>Whether it has an outcome: what became of it is known, or known to be beyond finding out.</summary>
    public bool IsDecided => Outcome is not ChangeOutcome.Planned && !IsLost;

    /// <summary>Whether its marks are done, and its position is still to be written.</summary>
    public bool AwaitsPosition => IsPending && !IsRating && Marks.Length == 0 && Change.After.IsInProgress;

    /// <summary>Call it when the store knows that the change is about to be sent, or sent again.</summary>
    /// <param name="now">What the server's clock says; null where it does not tell.</param>
    public void Announce(DateTimeOffset? now)
    {
        if (!IsPending)
        {
            throw Never(ChangeState.Announced);
        }

        if (State is not ChangeState.Sent)
        {
            Become(ChangeState.Announced);
        }

        Recorded = null;
        Announced = now is { } at ? [.. Announced, at] : Announced;
    }

    /// <summary>Call it when the store has recorded this result.</summary>
    public void Record(ChangeResult result) => Recorded = result;

    /// <summary>Notes when the item was read again, and its length.</summary>
    public void ReadAgain(DateTimeOffset now, TimeSpan? duration) => (ReadAt, Duration) = (now, duration);

    /// <summary>Notes when the basis of a removal was read again.</summary>
    public void Proved(DateTimeOffset now) => ProvedAt = now;

    /// <summary>The next write is about to be sent: from here on it may take effect.</summary>
    public void Sending()
    {
        Become(ChangeState.Sent);
        IsTouched = true;
        _isPositioned |= !IsRating && Marks.Length == 0;
    }

    /// <summary>Notes the failure of an attempt that is made again.</summary>
    public void FailedOnce(PlexException failure) => Doubted = failure;

    public void Marked(Mark mark)
    {
        Become(ChangeState.Announced);
        Known = mark is Mark.Watched ? new WatchState { ViewCount = Known.ViewCount + 1 } : default;
        IsToVerify = true;
    }

    /// <summary>The marks are where they should be; a position may follow.</summary>
    public void Reached()
    {
        Error = null;
        if (State is not ChangeState.Verified && (!Change.After.IsInProgress || Known.Matches(Change.After)))
        {
            Become(ChangeState.Written);
        }
    }

    public void Positioned() => Accepted(Known with { Position = Change.After.Position, LastViewedAt = null });

    public void Rated() => Accepted(Known.WithRatingOf(Change.After));

    /// <summary>A read has shown this state; the change starts again from there, if there is anything left to do.</summary>
    public void Observed(WatchState state) => Observed(state, Recorded is null ? ChangeState.Announced : ChangeState.Pending);

    /// <summary>A read has shown that a change, which a killed run had announced, took no effect.</summary>
    public void NothingCame(WatchState state, bool finish)
    {
        IsTouched = false;
        Observed(state, finish ? ChangeState.Announced : ChangeState.Withdrawn);
    }

    /// <summary>Whether everything about the state, its date included, can come from the run.</summary>
    public bool IsOfRun(WatchState state) => Change.IsOfRun(state, new WriteTimes(Announced, _run));

    /// <summary>
    /// Leaves the item alone: what was sent may have taken effect, and what a read has shown since, if there was one, does not tell.
    /// </summary>
    public void Leave(WatchState? seen)
    {
        Become(ChangeState.Theirs);
        Known = seen ?? Known;
    }

    /// <summary>
    /// Compares what was written with what was read back. True if the server has not kept it. A state that is neither the written one nor
    /// the earlier one, or that has another date, comes from the user and is left to them.
    /// </summary>
    public bool IsMissingIn(WatchState state)
    {
        IsToVerify = false;
        if (IsViewAdded(state))
        {
            Become(ChangeState.Failed);
            Known = state;
            var title = Change.Item.DisplayTitle;
            Error = new PlexException(
                PlexErrorKind.PositionCounted, $"The server took the position of '{title}' ({Key}) for a completed viewing.")
            {
                Subject = title,
            };
            return false;
        }

        if (State is ChangeState.Failed)
        {
            // Refused half-way: what was accepted before is not tried again, but an undo has to know the state it left.
            Known = IsOfRun(state) ? state : Known;
            IsTouched = !Change.IsStill(Known, Change.Before);
            return false;
        }

        if (Change.IsReachedBy(state))
        {
            Become(ChangeState.Verified);
            Known = Own(state);
            Error = null;
            return false;
        }

        var isMissing = IsRating || IsOfRun(state);
        Known = isMissing ? state : Known;
        if (State is not ChangeState.InDoubt)
        {
            Become(isMissing ? ChangeState.NotKept : ChangeState.Written);
        }

        return isMissing;
    }

    /// <summary>
    /// A server that takes a position for the end of the item counts a view where the position is sent (plex-facts §14.1).
    /// </summary>
    private bool IsViewAdded(WatchState state) => _isPositioned && state.ViewCount == Known.ViewCount + 1
        && (state.LastViewedAt is not { } date || new WriteTimes(Announced, _run).Contain(date));

    /// <summary>The server does not show what was sent: it is looked up like a lost mark.</summary>
    public void Missed() => Become(ChangeState.Lost);

    /// <summary>The server refused: what was sent last took no effect.</summary>
    public void Refused(PlexException error)
    {
        Become(ChangeState.Failed);
        IsTouched = !Change.IsStill(Known, Change.Before);
        Error = error;
    }

    /// <summary>
    /// It is not known yet whether the last write took effect. A mark is settled, and a position is looked for when the rest is read back.
    /// A write that was cut off without an error is settled by the next run.
    /// </summary>
    public void Doubt(PlexException? error)
    {
        var isMark = Marks.Length > 0;
        Become(isMark || error is null ? ChangeState.Lost : ChangeState.InDoubt);
        IsToVerify = !isMark;
        Error = error;
        Doubted = error ?? Doubted;
    }

    /// <summary>Stops looking for the outcome; it stays in doubt.</summary>
    public void GiveUp(WatchState? seen = null)
    {
        Become(ChangeState.InDoubt);
        Known = seen ?? Known;
    }

    public void Skip(SkipReason reason)
    {
        if (!IsTouched)
        {
            Become(ChangeState.Skipped);
            _skipped = reason;
            Error = null;
        }
        else if (Outcome is not ChangeOutcome.Unknown)
        {
            // A change that was begun cannot be skipped any more: it has failed.
            Become(ChangeState.Failed);
        }
        else if (IsLost)
        {
            Become(ChangeState.InDoubt);
        }
    }

    private void Become(ChangeState next)
    {
        if (!State.CanBecome(next))
        {
            throw Never(next);
        }

        State = next;
    }

    private InvalidOperationException Never(ChangeState next) => new($"A change that is {State} cannot become {next}.");

    /// <summary>The server accepted the last write of the change.</summary>
    private void Accepted(WatchState state)
    {
        Become(ChangeState.Written);
        Known = state;
        Error = null;
        IsToVerify = true;
    }

    private void Observed(WatchState state, ChangeState otherwise)
    {
        var isReached = Change.IsReachedBy(state);
        Become(isReached ? ChangeState.Verified : otherwise);
        Known = isReached ? Own(state) : state;
        Error = null;
    }

    /// <summary>A view beyond the planned one is the user's own, and an undo must not take it away.</summary>
    private WatchState Own(WatchState state) => state with { ViewCount = Math.Min(state.ViewCount, Change.After.ViewCount) };

    public ChangeResult ToResult() => new()
    {
        Change = Change,
        Outcome = Outcome is ChangeOutcome.Planned && IsTouched ? ChangeOutcome.Failed : Outcome,
        SkipReason = _skipped,
        Error = Error,
        StateAfterRun = IsTouched ? Known : null,
        Announced = Announced,
    };
}
