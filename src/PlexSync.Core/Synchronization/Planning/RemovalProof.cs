using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>What a removal rests on: the copies that the other participant has of the item.</summary>
/// <param name="Matcher">The group of the two.</param>
/// <param name="Own">The participant who would lose something.</param>
/// <param name="Others">The copies of the other participant.</param>
internal readonly record struct RemovalGrounds(Matcher Matcher, Participant Own, Copies Others)
{
    /// <summary>Why nothing may be taken from the item; null if nothing speaks against it.</summary>
    public SkipReason? FindObjection(CatalogueItem item) =>
        Matcher.IsPartial || Matcher.OnlyAdds ? SkipReason.WaitsForWholeReading
        : Others.Owner.IsUnsettled ? SkipReason.SourceUnsettled
        : Matcher.MayMissCopies(Own, item) ? SkipReason.CopyNotRead
        : null;

    /// <summary>What is read again before the removal is sent; null if the other participant comes from a snapshot.</summary>
    public RemovalBasis? ToBasis()
    {
        var other = Others.Owner;
        return other.Server is not { } server ? null : new RemovalBasis(
            server.ServerUser,
            Others.Items.ConvertAll(static copy => copy.Key),
            Others.Items.Select(copy => copy.StateOf(other.Number)).Aggregate(BuiltInPolicy.Merge));
    }
}

/// <summary>Reads again what removals rest on, right before they are sent.</summary>
/// <param name="logger">Logs what could not be read.</param>
/// <param name="store">Knows which runs on the other users are unfinished; null without a store.</param>
/// <param name="users">Everybody who is connected.</param>
/// <param name="own">The run that sends the removals; it does not count as an unfinished run.</param>
internal sealed partial class RemovalProof(ILogger logger, ISyncStore? store, IReadOnlyList<PlexServer> users, RunId? own = null)
{
    /// <summary>
    /// True for a removal that rests on what another user has; an undo rests on the recorded run, an exact restore on the snapshot, and a
    /// mark made by hand on the user's word.
    /// </summary>
    public static bool IsNeededFor(SyncPlan plan, PlannedChange change) =>
        change.IsRemoval && plan.Undoes is null && plan.Policy is not (SnapshotSource.Exact or SnapshotSource.Addition)
        && !plan.IsByHand(change);

    /// <summary>Finds out why removals must not be made; removals that may be made are not in the result.</summary>
    public async Task<IReadOnlyDictionary<PlannedChange, SkipReason>> FindObjectionsAsync(
        IReadOnlyList<PlannedChange> removals, CancellationToken cancellationToken)
    {
        var objections = new Dictionary<PlannedChange, SkipReason>(ReferenceEqualityComparer.Instance);
        foreach (var group in removals.GroupBy(static change => change.Basis?.User ?? default))
        {
            if (users.FirstOrDefault(user => user.ServerUser == group.Key) is not { } user)
            {
                Refuse(group, static _ => SkipReason.SourceNotRead);
                continue;
            }

            var (current, objection) = await ReadAsync(user, group, cancellationToken).ConfigureAwait(false);
            Refuse(group, change => current is null ? objection : IsStillTrue(change, current) ? null : SkipReason.SourceChanged);
        }

        return objections;

        void Refuse(IEnumerable<PlannedChange> changes, Func<PlannedChange, SkipReason?> reasonOf)
        {
            foreach (var change in changes)
            {
                if (reasonOf(change) is { } reason)
                {
                    objections[change] = reason;
                }
            }
        }
    }

    /// <summary>Reads what the removals rest on; if it cannot be relied on, returns null and why.</summary>
    private async Task<(IReadOnlyDictionary<RatingKey, MediaItem>? Current, SkipReason Objection)> ReadAsync(
        PlexServer user, IEnumerable<PlannedChange> removals, CancellationToken cancellationToken)
    {
        if (await TryReadHistoryAsync(user, cancellationToken).ConfigureAwait(false) is not { HasOpenRun: false } history)
        {
            return (null, SkipReason.SourceUnsettled);
        }

        IReadOnlyDictionary<RatingKey, MediaItem>? current = null;
        try
        {
            current = await user.GetItemsAsync(removals.SelectMany(static change => change.Basis!.Items), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Log.NotProved(logger, user.User.Title, e.Message);
        }

        return await history.IsKnownToBeCurrentAsync(own, cancellationToken).ConfigureAwait(false)
            ? (current, SkipReason.SourceNotRead)
            : (null, SkipReason.SourceUnsettled);
    }

    private async Task<TargetHistory?> TryReadHistoryAsync(PlexServer user, CancellationToken cancellationToken)
    {
        try
        {
            return await TargetHistory.ReadAsync(store, user, cancellationToken, own).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    private static bool IsStillTrue(PlannedChange change, IReadOnlyDictionary<RatingKey, MediaItem> current)
    {
        var basis = change.Basis!;
        if (basis.Items.Count == 0 || !basis.Items.All(key => current.TryGetValue(key, out var item) && !item.IsStateDamaged))
        {
            return false;
        }

        var state = basis.Items.Select(key => current[key].State).Aggregate(BuiltInPolicy.Merge);
        return change.IsStill(state, basis.State);
    }

    private static partial class Log
    {
        [LoggerMessage(
            3113, LogLevel.Warning, "Nothing is taken away that rests on what '{User}' has, which could not be read again: {Reason}")]
        public static partial void NotProved(ILogger logger, string user, string reason);
    }
}
