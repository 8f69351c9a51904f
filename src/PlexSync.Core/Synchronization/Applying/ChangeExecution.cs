namespace PlexSync;

/// <summary>A planned change on its way: what the target is known to have, and what became of the change.</summary>
/// <remarks>How it goes from state to state is the table of <see cref="ChangeStates"/>.</remarks>
internal sealed class ChangeExecution
{
    /// <summary>When the run goes on, for where the server does not tell the time.</summary>
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

    /// <summary>An earlier execution of the run has decided, and told, what became of it.</summary>
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

    /// <summary>The last attempt that was not answered as it should be, whatever became of the next.</summary>
    public PlexException? Doubted { get; private set; }

    /// <summary>When its writes were about to be sent, by the server's clock.</summary>
    public DateTimeOffset[] Announced { get; private set; } = [];

    /// <summary>What the journal has of it; null from when it is announced until its outcome is recorded.</summary>
    public ChangeResult? Recorded { get; private set; }

    /// <summary>When what a removal rests on was read again last.</summary>
    public DateTimeOffset? ProvedAt { get; private set; }

    /// <summary>A write took effect, or may have: what was begun is completed.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>A write was sent, and nobody has looked yet whether the server has kept it.</summary>
    public bool IsToVerify { get; private set; }

    /// <summary>Nothing speaks against going on with it.</summary>
    public bool IsPending => State is ChangeState.Pending or ChangeState.Announced or ChangeState.Sent;

    /// <summary>The journal knows that it is being sent, and not what came of it.</summary>
    public bool IsAnnounced =>
        Recorded is null && State is ChangeState.Announced or ChangeState.Sent or ChangeState.Lost or ChangeState.Withdrawn;

    /// <summary>An answer is out or lost; only reading tells what the write did.</summary>
    public bool IsLost => State is ChangeState.Sent or ChangeState.Lost;

    /// <summary>It is known what became of it, or that nobody can tell.</summary>
    public bool IsDecided => Outcome is not ChangeOutcome.Planned && !IsLost;

    /// <summary>Its marks are done, and its position is still to be written.</summary>
    public bool AwaitsPosition => IsPending && !IsRating && Marks.Length == 0 && Change.After.IsInProgress;

    /// <summary>The journal knows that it is about to be sent, or sent again.</summary>
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

    /// <summary>The journal has this of it.</summary>
    public void Record(ChangeResult result) => Recorded = result;

    /// <summary>The item was read again, and has this length.</summary>
    public void ReadAgain(DateTimeOffset now, TimeSpan? duration) => (ReadAt, Duration) = (now, duration);

    /// <summary>What a removal rests on was read again.</summary>
    public void Proved(DateTimeOffset now) => ProvedAt = now;

    /// <summary>The next write is about to be sent: from here on it may take effect.</summary>
    public void Sending()
    {
        Become(ChangeState.Sent);
        IsTouched = true;
        _isPositioned |= !IsRating && Marks.Length == 0;
    }

    /// <summary>An attempt was not answered as it should be; it is made again.</summary>
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

    /// <summary>A read has shown that nothing came of a change that a killed run had announced.</summary>
    public void NothingCame(WatchState state, bool finish)
    {
        IsTouched = false;
        Observed(state, finish ? ChangeState.Announced : ChangeState.Withdrawn);
    }

    /// <summary>Everything about the state, its date included, can be the run's own doing.</summary>
    public bool IsOfRun(WatchState state) => Change.IsOfRun(state, new WriteTimes(Announced, _run));

    /// <summary>
    /// What was sent may have taken effect, and what a read has shown since, if anything, does not tell: nothing more is done to it.
    /// </summary>
    public void Leave(WatchState? seen)
    {
        Become(ChangeState.Theirs);
        Known = seen ?? Known;
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
            // Refused half-way: what was accepted before is not tried again, but an undo has to know what came of it.
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

    /// <summary>Not there although it was sent: to be looked up like a lost mark.</summary>
    public void Missed() => Become(ChangeState.Lost);

    /// <summary>The server refused: what was sent last took no effect.</summary>
    public void Refused(PlexException error)
    {
        Become(ChangeState.Failed);
        IsTouched = !Change.IsStill(Known, Change.Before);
        Error = error;
    }

    /// <summary>
    /// Nobody can tell yet whether what was sent last took effect: a mark is settled, a position looked for when the rest is verified, and
    /// what was cut off without an error, by the next run.
    /// </summary>
    public void Doubt(PlexException? error)
    {
        var isMark = Marks.Length > 0;
        Become(isMark || error is null ? ChangeState.Lost : ChangeState.InDoubt);
        IsToVerify = !isMark;
        Error = error;
        Doubted = error ?? Doubted;
    }

    /// <summary>No more is done to find out than what a read has shown.</summary>
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
            // What was begun is no longer a skip.
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

    /// <summary>A view beyond the planned one is the user's own, and not for an undo to take away.</summary>
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
