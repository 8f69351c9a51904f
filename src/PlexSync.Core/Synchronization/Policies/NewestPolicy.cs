namespace PlexSync;

/// <summary>Watched if either of the two has watched; the position of the one who viewed the item last.</summary>
internal sealed class NewestPolicy : BuiltInPolicy
{
    public override string Name => "newest";

    public static WatchState Merge(WatchState one, WatchState other)
    {
        // Viewed in the same second, or nobody knows when: the larger position, so that the order of the two does not matter.
        var (mine, theirs) = (DateOf(one), DateOf(other));
        var isOther = mine == theirs ? other.Position > one.Position : IsLater(theirs, mine);
        var latest = isOther ? other : one;
        return (latest with { ViewCount = Math.Max(one.ViewCount, other.ViewCount) }).WithRatingOf(Rated(one, other));
    }

    public override WatchState Combine(WatchState one, WatchState other) => Merge(one, other);

    public static bool IsLater(DateTimeOffset? one, DateTimeOffset? other) => one is { } date && (other is not { } than || date > than);

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other)
    {
        var merged = Merge(own, other);
        // The position of an item that is being watched again is only moved, never taken away.
        var position = own.IsWatched && !merged.IsInProgress ? own.Position : merged.Position;
        var desired = own with { ViewCount = own.IsWatched ? own.ViewCount : merged.IsWatched ? 1 : 0, Position = position };
        return desired.Matches(own) ? (own, default)
            : (desired, !own.IsWatched && desired.IsWatched ? ChangeReason.SourceWatched
                : own.IsWatched ? ChangeReason.SourceRewatching
                : ChangeReason.SourceInProgress);
    }

    /// <summary>An empty state has no date, even if the server says when somebody opened the item.</summary>
    private static DateTimeOffset? DateOf(WatchState state) => state.IsEmpty ? null : state.LastViewedAt;

    /// <summary>The rating that was given last; given at the same time, the higher one.</summary>
    private static WatchState Rated(WatchState one, WatchState other) =>
        one.UserRating is null || other.UserRating is null ? (one.UserRating is null ? other : one)
        : one.LastRatedAt == other.LastRatedAt ? (other.UserRating > one.UserRating ? other : one)
        : IsLater(other.LastRatedAt, one.LastRatedAt) ? other : one;
}
