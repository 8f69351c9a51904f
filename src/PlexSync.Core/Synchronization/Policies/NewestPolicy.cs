namespace PlexSync;

/// <summary>Watched if either side has watched; the position of whoever viewed the item last.</summary>
internal sealed class NewestPolicy : BuiltInPolicy
{
    public override string Name => "newest";

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other)
    {
        var merged = Merge(own, other);
        // What is being watched again is only moved, never ended.
        var position = own.IsWatched && !merged.IsInProgress ? own.Position : merged.Position;
        var desired = own with { ViewCount = own.IsWatched ? own.ViewCount : merged.IsWatched ? 1 : 0, Position = position };
        return desired.Matches(own) ? (own, default)
            : (desired, !own.IsWatched && desired.IsWatched ? ChangeReason.SourceWatched
                : own.IsWatched ? ChangeReason.SourceRewatching
                : ChangeReason.SourceInProgress);
    }
}
