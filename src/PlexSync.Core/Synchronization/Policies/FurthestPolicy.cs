namespace PlexSync;

/// <summary>Watched if either of the two has watched, else the larger position.</summary>
/// <remarks>Merges use it unless told otherwise, and so does the restoring of snapshots (Planning/SnapshotSource).</remarks>
internal class FurthestPolicy : BuiltInPolicy
{
    public override string Name => "furthest";

    public override WatchState Combine(WatchState one, WatchState other)
    {
        var isWatched = one.IsWatched || other.IsWatched;
        var viewed = BuiltInPolicy.IsLater(other.LastViewedAt, one.LastViewedAt) ? other : one;
        return viewed with
        {
            ViewCount = Math.Max(one.ViewCount, other.ViewCount),
            Position = isWatched ? TimeSpan.Zero : one.Position > other.Position ? one.Position : other.Position,
        } with
        {
            UserRating = (one.UserRating ?? -1) > (other.UserRating ?? -1) ? one.UserRating : other.UserRating,
            LastRatedAt = null,
        };
    }

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other)
    {
        if (own.IsWatched)
        {
            // Nobody can be further; whether and where the user is watching it again stays as it is.
            return (own, default);
        }

        if (other.IsWatched)
        {
            return (own with { ViewCount = 1, Position = TimeSpan.Zero }, ChangeReason.SourceWatched);
        }

        return other.Position > own.Position && !other.Matches(own)
            ? (own with { Position = other.Position }, ChangeReason.SourceInProgress)
            : (own, default);
    }
}
