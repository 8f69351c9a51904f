namespace PlexSync;

/// <summary>Watched if either of the two has watched; the position of the one who viewed the item last.</summary>
internal sealed class NewestPolicy : BuiltInPolicy
{
    public override string Name => "newest";

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
}
