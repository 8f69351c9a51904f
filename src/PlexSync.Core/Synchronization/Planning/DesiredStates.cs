namespace PlexSync;

/// <summary>Decides what items become, within what the server can be made to store and what may be taken away.</summary>
internal static class DesiredStates
{
    /// <summary>
    /// Lets an item become what is desired, as far as the server can be made to store it; true if that differs from what was decided
    /// before.
    /// </summary>
    /// <param name="user">Whose item it is.</param>
    /// <param name="item">The item.</param>
    /// <param name="desired">Whether watched, the position, the rating.</param>
    /// <param name="reason">Why.</param>
    /// <param name="other">What the other participant has, whose dates are kept with the decision.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="grounds">What a removal would rest on; null if nothing is taken away.</param>
    public static bool Move(
        this Participant user, CatalogueItem item, WatchState desired, ChangeReason reason, WatchState other, SyncOptions options,
        RemovalGrounds? grounds = null)
    {
        var (original, current) = (user.OriginalOf(item), user.StateOf(item));
        if (IsLeftAlone(user, item, desired, other))
        {
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
        // What cannot be stored takes nothing back that was decided because of another participant: the two would never come to rest.
        var isKept = isMoved && skipped is not null && after.IsWatched == current.IsWatched;
        (after, isMoved) = isKept ? (current, false) : (after, isMoved);
        after = after.WithRatingOf(isRated ? desired : current);
        // What comes back to where it was does so because of the other's view, which is compared with a third one's from now on.
        var isUnmoved = after.Matches(original) && current.Matches(original);
        after = isMoved && !isUnmoved ? after with { LastViewedAt = other.LastViewedAt } : after;
        var (isTaken, isRatingTaken) = (
            PlannedChange.TakesAway(original, after), original.UserRating is not null && after.UserRating is null);
        if ((isTaken || isRatingTaken) && grounds?.FindObjection(item) is { } objection)
        {
            // Everything but the removal is still done.
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

    /// <summary>Leaves the item as it is if it is not certain whose state is whose, or which state the user has.</summary>
    private static bool IsLeftAlone(Participant user, CatalogueItem item, WatchState desired, WatchState other)
    {
        if (item.IsContested)
        {
            if (!other.IsEmpty || !desired.Matches(user.OriginalOf(item)))
            {
                user.Leave(item, SkipReason.NotSameItem);
            }

            return true;
        }

        if (user.IsDamaged(item))
        {
            user.Leave(item, SkipReason.StateDamaged);
            return true;
        }

        return false;
    }

    private static bool IsWanted(WatchState original, WatchState desired, StateKind? only) =>
        only is null || (only is StateKind.Watched) == (desired.IsWatched != original.IsWatched);
}
