namespace PlexSync;

/// <summary>The target gets what the source has seen; it never loses what it has seen itself.</summary>
internal class CopyPolicy : BuiltInPolicy
{
    public override string Name => "copy";

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other)
    {
        if (other.IsWatched)
        {
            // A date stamped by our own write is later than the source's; so a second run leaves the position alone.
            var follows = other.IsInProgress && IsLater(other, own);
            var position = follows ? other.Position : own.IsWatched ? own.Position : TimeSpan.Zero;
            var desired = own with { ViewCount = Math.Max(own.ViewCount, 1), Position = position };
            return desired.Matches(own) ? (own, default) : (desired, follows ? ChangeReason.SourceRewatching : ChangeReason.SourceWatched);
        }

        return other.IsInProgress && !own.IsWatched && !other.Matches(own)
            ? (own with { Position = other.Position }, ChangeReason.SourceInProgress)
            : (own, default);
    }

    /// <summary>The source is brought up: what it has no state on it gets, and what the target has watched becomes watched.</summary>
    protected override (WatchState State, ChangeReason Reason) Return(WatchState own, WatchState other) =>
        own.IsEmpty && other.IsInProgress && !other.IsWatched ? (own with { Position = other.Position }, ChangeReason.SourceInProgress)
        : own.IsWatched || !other.IsWatched ? (own, default)
        : (own with { ViewCount = 1, Position = own.IsEmpty ? other.Position : TimeSpan.Zero }, ChangeReason.SourceWatched);

    protected override WatchState Rate(WatchState own, WatchState other, bool isBack) =>
        other.UserRating is null || (isBack && own.UserRating is not null) ? own : other;

    private static bool IsLater(WatchState source, WatchState target) =>
        target.IsEmpty || (source.LastViewedAt is { } mine && (target.LastViewedAt is not { } theirs || mine > theirs));
}
