namespace PlexSync;

/// <summary>The writes that lead from one state to another, and the states on the way (plex-facts §6).</summary>
internal static class StateWrites
{
    /// <summary>What the marks of a change do first; the position comes after.</summary>
    public static Mark[] MarksFrom(WatchState before, WatchState after)
    {
        if (!after.IsWatched)
        {
            // Clears everything; a position that should remain is written again.
            return before.IsWatched || (before.IsInProgress && !after.IsInProgress) ? [Mark.Unwatched] : [];
        }

        if (before.IsWatched)
        {
            // Scrobbling would count a view that never was; only clearing a position needs a fresh start.
            return before.IsInProgress && !after.IsInProgress ? [Mark.Unwatched, Mark.Watched] : [];
        }

        // Some servers keep the position of an item that is marked watched (plex-facts §13): cleared first, it is gone on all of them.
        return before.IsInProgress ? [Mark.Unwatched, Mark.Watched] : [Mark.Watched];
    }

    /// <summary>
    /// A state on the way from one to the other, which nobody asked for: the marks are not all done, or the position is not written yet.
    /// </summary>
    public static bool IsHalfway(WatchState state, WatchState before, WatchState after)
    {
        var marks = MarksFrom(before, after);
        return (state.IsEmpty && marks is [Mark.Unwatched, ..] && !after.IsEmpty)
            || (state is { ViewCount: 1, IsInProgress: false } && marks is [.., Mark.Watched] && after.IsInProgress);
    }

    /// <summary>A state that the writes from one to the other can lead to where a server accepts some of them and does nothing.</summary>
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
    /// A state that is the run's doing, all of it, a part, or nothing yet, by its date too: what the run has not changed keeps its date,
    /// and what it has is stamped with the time of its writes. Any other date is of a view of the user's own.
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

    /// <summary>Nothing has happened to it since: the same count, position and, where both are known, date.</summary>
    public static bool IsUntouched(WatchState state, WatchState before) =>
        state.IsStill(before) && (state.LastViewedAt is null || before.LastViewedAt is null || state.LastViewedAt == before.LastViewedAt);

    /// <summary>A position is to be written, given the state that the marks leave.</summary>
    public static bool WritesPosition(WatchState before, WatchState after) =>
        after.IsInProgress && (MarksFrom(before, after).Length > 0 || !after.Matches(before));
}
