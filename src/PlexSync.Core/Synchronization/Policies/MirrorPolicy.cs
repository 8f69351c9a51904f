namespace PlexSync;

/// <summary>The target gets exactly what the source has, and loses what the source does not have.</summary>
internal sealed class MirrorPolicy : BuiltInPolicy
{
    public override string Name => "mirror";

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other)
    {
        if (other.Matches(own))
        {
            return (own, default);
        }

        // Counts cannot be set: a watched target keeps its own, so that nothing is lost that could not be given back.
        var desired = own with { ViewCount = other.IsWatched ? Math.Max(own.ViewCount, 1) : 0, Position = other.Position };
        return (desired, ReasonOf(other, own));
    }

    protected override WatchState Rate(WatchState own, WatchState other, bool isBack) => other;

    private static ChangeReason ReasonOf(WatchState source, WatchState target) =>
        source.IsEmpty ? ChangeReason.SourceUnwatched
        : source.IsWatched && (!target.IsWatched || !source.IsInProgress) ? ChangeReason.SourceWatched
        : ChangeReason.SourceInProgress;
}
