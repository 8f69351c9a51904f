namespace PlexSync;

/// <summary>As <c>copy</c>, but only where the target has no state at all.</summary>
internal sealed class FillPolicy : CopyPolicy
{
    public override string Name => "fill";

    protected override (WatchState State, ChangeReason Reason) Follow(WatchState own, WatchState other) =>
        own.IsEmpty ? base.Follow(own, other) : (own, default);

    protected override WatchState Rate(WatchState own, WatchState other, bool isBack) => own.UserRating is null ? other : own;
}
