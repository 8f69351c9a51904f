namespace PlexSync;

/// <summary>A rule that decides about one state, given the other: applied to the target, and in two directions to the source too.</summary>
internal abstract class BuiltInPolicy : IConflictPolicy
{
    public abstract string Name { get; }

    /// <summary>Watched if either is; the position of whoever viewed the item last.</summary>
    public static WatchState Merge(WatchState one, WatchState other)
    {
        // Viewed in the same second, or nobody knows when: the larger position, so that the order of the two does not matter.
        var (mine, theirs) = (DateOf(one), DateOf(other));
        var isOther = mine == theirs ? other.Position > one.Position : IsLater(theirs, mine);
        var latest = isOther ? other : one;
        return (latest with { ViewCount = Math.Max(one.ViewCount, other.ViewCount) }).WithRatingOf(Rated(one, other));
    }

    public static bool IsLater(DateTimeOffset? one, DateTimeOffset? other) => one is { } date && (other is not { } than || date > than);

    public Resolution Resolve(in ConflictContext context) => Resolve(context.Source, context.Target, context.Direction);

    public Resolution Resolve(WatchState source, WatchState target, SyncDirection direction)
    {
        var (after, reason) = Follow(target, source);
        var (back, why) = direction is SyncDirection.TwoWay ? Return(source, target) : (source, default);
        return new Resolution(
            direction is SyncDirection.TwoWay ? back.WithRatingOf(Rate(source, target, isBack: true)) : source,
            after.WithRatingOf(Rate(target, source, isBack: false)),
            reason)
        {
            SourceReason = why,
        };
    }

    /// <summary>
    /// The state of a work that has several, on the copies of one user or of all users of a merge; the order does not matter.
    /// </summary>
    public virtual WatchState Combine(WatchState one, WatchState other) => Merge(one, other);

    /// <summary>What the target becomes.</summary>
    protected abstract (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other);

    /// <summary>What the source becomes where both may change.</summary>
    protected virtual (WatchState State, ChangeReason Reason) Return(WatchState own, WatchState other) => Follow(own, other);

    /// <summary>Which of two ratings an item gets.</summary>
    protected virtual WatchState Rate(WatchState own, WatchState other, bool isBack) => Combine(own, other);

    /// <summary>An empty state has no date, even if the server says when somebody opened the item.</summary>
    private static DateTimeOffset? DateOf(WatchState state) => state.IsEmpty ? null : state.LastViewedAt;

    /// <summary>The rating that was given last; given at the same time, the higher one.</summary>
    private static WatchState Rated(WatchState one, WatchState other) =>
        one.UserRating is null || other.UserRating is null ? (one.UserRating is null ? other : one)
        : one.LastRatedAt == other.LastRatedAt ? (other.UserRating > one.UserRating ? other : one)
        : IsLater(other.LastRatedAt, one.LastRatedAt) ? other : one;
}
