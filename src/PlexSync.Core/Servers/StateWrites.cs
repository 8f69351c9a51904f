namespace PlexSync;

/// <summary>The writes that lead from one state to another, and the states on the way (plex-facts §6).</summary>
internal static class StateWrites
{
    private static readonly Mark[] Clear = [Mark.Unwatched];
    private static readonly Mark[] Watch = [Mark.Watched];
    private static readonly Mark[] ClearAndWatch = [Mark.Unwatched, Mark.Watched];

    /// <summary>The marks that a change begins with; its position is written after them.</summary>
    public static Mark[] MarksFrom(WatchState before, WatchState after)
    {
        if (!after.IsWatched)
        {
            // Clears everything; a position that should remain is written again.
            return before.IsWatched || (before.IsInProgress && !after.IsInProgress) ? Clear : [];
        }

        if (before.IsWatched)
        {
            // Another mark would count a view that never was. Only to clear a position, the item is unwatched and marked again.
            return before.IsInProgress && !after.IsInProgress ? ClearAndWatch : [];
        }

        // Some servers keep the position of an item that is marked watched (plex-facts §13): cleared first, it is gone on all of them.
        return before.IsInProgress ? ClearAndWatch : Watch;
    }

    /// <summary>
    /// Whether a state lies on the way from one to the other, where nobody wanted it to stay: the marks are not all done, or the position
    /// is not written yet.
    /// </summary>
    public static bool IsHalfway(WatchState state, WatchState before, WatchState after)
    {
        var marks = MarksFrom(before, after);
        return (state.IsEmpty && marks is [Mark.Unwatched, ..] && !after.IsEmpty)
            || (state is { ViewCount: 1, IsInProgress: false } && marks is [.., Mark.Watched] && after.IsInProgress);
    }

    /// <summary>Whether the writes from one to the other can lead to the state if a server accepts some of them and does nothing.</summary>
    public static bool IsMixture(WatchState state, WatchState before, WatchState after)
    {
        var marks = MarksFrom(before, after);
        var isCount = state.ViewCount == before.ViewCount || state.ViewCount == after.ViewCount
            || (marks.Contains(Mark.Unwatched) && state.ViewCount == 0)
            || (marks.Contains(Mark.Watched) && state.ViewCount == before.ViewCount + 1);
        return isCount && (IsNear(before.Position) || IsNear(after.Position) || (marks.Length > 0 && IsNear(TimeSpan.Zero)));

        bool IsNear(TimeSpan position) => (state.Position - position).Duration() <= WatchState.PositionTolerance;
    }

    /// <summary>
    /// Whether the run can have left the state, date included, after all of its writes, some, or none. An item that the run has not changed
    /// keeps its date, and one that it has changed has the time of a write. Any other date comes from a view of the user.
    /// </summary>
    public static bool IsOfRun(WatchState state, WatchState before, WatchState after, WriteTimes times)
    {
        if (IsUntouched(state, before))
        {
            return true;
        }

        if (state.IsStill(before))
        {
            // The run can have changed the date alone: by writing the position that was there before.
            return after.IsInProgress && (after.Position - before.Position).Duration() <= WatchState.PositionTolerance
                && state.LastViewedAt is { } stamped && times.Contain(stamped);
        }

        if (!IsMixture(state, before, after))
        {
            return false;
        }

        return state.LastViewedAt is not { } date ? state.IsEmpty || before.LastViewedAt is null
            : date == before.LastViewedAt || (!after.IsEmpty && times.Contain(date));
    }

    /// <summary>Whether nothing has happened since: the same count, position and, where both are known, date.</summary>
    public static bool IsUntouched(WatchState state, WatchState before) =>
        state.IsStill(before) && (state.LastViewedAt is null || before.LastViewedAt is null || state.LastViewedAt == before.LastViewedAt);

    /// <summary>Whether a position is to be written, given the state that the marks leave.</summary>
    public static bool WritesPosition(WatchState before, WatchState after) =>
        after.IsInProgress && (MarksFrom(before, after).Length > 0 || !after.Matches(before));
}
