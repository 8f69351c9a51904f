namespace PlexSync;

/// <summary>What items are to become, within what the server can be made to store and what may be taken away.</summary>
internal static class DesiredStates
{
    /// <summary>Lets an item become what is desired, as far as the server can be made to store it; true if that is news.</summary>
    /// <param name="user">Whose item it is.</param>
    /// <param name="item">The item.</param>
    /// <param name="desired">Whether watched, the position, the rating.</param>
    /// <param name="reason">Why.</param>
    /// <param name="other">What the other side has, whose dates are remembered with it.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="grounds">Where a removal would come from; null where nothing is taken away.</param>
    public static bool Move(
        this Participant user, CatalogueItem item, WatchState desired, ChangeReason reason, WatchState other, SyncOptions options,
        RemovalGrounds? grounds = null)
    {
        var (original, current) = (user.OriginalOf(item), user.StateOf(item));
        if (item.IsContested)
        {
            if (!other.IsEmpty || !desired.Matches(original))
            {
                user.Leave(item, SkipReason.NotSameItem);
            }

            return false;
        }

        if (user.IsDamaged(item))
        {
            user.Leave(item, SkipReason.StateDamaged);
            return false;
        }

        var isRated = options.Ratings && desired.UserRating != current.UserRating;
        var isMoved = !desired.Matches(current) && IsWanted(original, desired, options.Only);
        if (!isRated && !isMoved)
        {
            return false;
        }

        var pending = user.Pending.GetValueOrDefault(item);
        var (after, skipped) = isMoved ? PlexWriteRules.Reach(original, desired, item.Duration, user.Server!.PlayedThreshold)
            : (current, pending?.Skipped);
        after = after.WithRatingOf(isRated ? desired : current);
        after = isMoved && !after.Matches(original) ? after with { LastViewedAt = other.LastViewedAt } : after;
        var (isTaken, isRatingTaken) = (
            PlannedChange.TakesAway(original, after), original.UserRating is not null && after.UserRating is null);
        if ((isTaken || isRatingTaken) && grounds?.FindObjection(item) is { } objection)
        {
            // The rest of what is desired still holds.
            after = isTaken ? original.WithRatingOf(after) : after;
            after = isRatingTaken ? after.WithRatingOf(original) : after;
            (skipped, isRated) = (objection, after.UserRating != current.UserRating);
        }

        user.Decide(item, after == original && skipped is null ? null : new PendingChange
        {
            After = after,
            Reason = isMoved ? reason : pending?.Reason ?? default,
            Skipped = skipped,
            Basis = isTaken || isRatingTaken ? grounds?.ToBasis() : null,
        });
        return isRated || !after.Matches(current);
    }

    private static bool IsWanted(WatchState original, WatchState desired, StateKind? only) =>
        only is null || (only is StateKind.Watched) == (desired.IsWatched != original.IsWatched);
}
