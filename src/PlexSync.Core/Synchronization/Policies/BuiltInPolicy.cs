namespace PlexSync;

/// <summary>A rule that decides about one state, given the other: applied to the target, and in two directions to the source too.</summary>
internal abstract class BuiltInPolicy : IConflictPolicy
{
    public abstract string Name { get; }

    public Resolution Resolve(in ConflictContext context)
    {
        var (source, target) = (context.Source, context.Target);
        var (after, reason) = Follow(target, source);
        var (back, why) = context.Direction is SyncDirection.TwoWay ? Return(source, target) : (source, default);
        return new Resolution(
            context.Direction is SyncDirection.TwoWay ? back.WithRatingOf(Rate(source, target, isBack: true)) : source,
            after.WithRatingOf(Rate(target, source, isBack: false)),
            reason)
        {
            SourceReason = why,
        };
    }

    /// <summary>The state that one user has on several copies of a work together; their order does not matter.</summary>
    public virtual WatchState Combine(WatchState one, WatchState other) => NewestPolicy.Merge(one, other);

    /// <summary>What the target becomes.</summary>
    protected abstract (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other);

    /// <summary>What the source becomes where both may change.</summary>
    protected virtual (WatchState State, ChangeReason Reason) Return(WatchState own, WatchState other) => Follow(own, other);

    /// <summary>Which of two ratings an item gets.</summary>
    protected virtual WatchState Rate(WatchState own, WatchState other, bool isBack) => Combine(own, other);
}
