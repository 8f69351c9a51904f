using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>What a removal rests on: what another user had on their copies of the work when the plan was made.</summary>
/// <param name="Server">The server of the other user.</param>
/// <param name="User">The other user.</param>
/// <param name="Items">Their copies; the state is that of all of them together.</param>
/// <param name="State">The view count, the position and the rating.</param>
internal sealed record RemovalBasis(MachineIdentifier Server, UserId User, IReadOnlyList<RatingKey> Items, WatchState State);

/// <summary>Reads again, right before something is taken away, what that rests on.</summary>
/// <param name="logger">Told what could not be read.</param>
/// <param name="journal">Knows which runs on the other users are unfinished; null where nothing is kept.</param>
/// <param name="users">Everybody who is connected.</param>
/// <param name="own">The run that takes away; its own entries in the journal are no unfinished run.</param>
internal sealed partial class RemovalProof(ILogger logger, IJournal? journal, IReadOnlyList<PlexServer> users, RunId? own = null)
{
    /// <summary>True for a removal that rests on what another user has; an undo rests on the recorded run, an exact restore on the snapshot.</summary>
    public static bool IsNeededFor(SyncPlan plan, PlannedChange change) =>
        change.IsRemoval && plan.Undoes is null && plan.Policy is not (Restoration.Exact or Restoration.Addition);

    /// <summary>Why removals must not be made; those that may are not in it.</summary>
    public async Task<IReadOnlyDictionary<PlannedChange, SkipReason>> FindObjectionsAsync(
        IReadOnlyList<PlannedChange> removals, CancellationToken cancellationToken)
    {
        var objections = new Dictionary<PlannedChange, SkipReason>(ReferenceEqualityComparer.Instance);
        foreach (var group in removals.GroupBy(static change => change.Basis is { } basis ? (basis.Server, basis.User) : default))
        {
            var user = users.FirstOrDefault(user => (user.MachineIdentifier, user.User.Id) == group.Key);
            var current = user is null ? null : await ReadAsync(user, group, cancellationToken).ConfigureAwait(false);
            // Asked after the reading: a run that begins later has not changed what was read.
            var isOpen = user is not null && await HasOpenRunAsync(journal, user, own, cancellationToken).ConfigureAwait(false);
            foreach (var change in group)
            {
                if (current is null || isOpen || !IsStillTrue(change, current))
                {
                    objections[change] = current is null ? SkipReason.SourceNotRead : isOpen ? SkipReason.SourceUnsettled : SkipReason.SourceChanged;
                }
            }
        }

        return objections;
    }

    /// <summary>A run on the user was killed and not settled, or is going on: their state may be half-way.</summary>
    public static async Task<bool> HasOpenRunAsync(IJournal? journal, PlexServer user, RunId? own, CancellationToken cancellationToken) =>
        journal is not null
        && (await journal.ListAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false)).Any(run => !run.IsFinished && run.Id != own);

    private async Task<IReadOnlyDictionary<RatingKey, MediaItem>?> ReadAsync(
        PlexServer user, IEnumerable<PlannedChange> removals, CancellationToken cancellationToken)
    {
        try
        {
            return await user.GetItemsAsync(removals.SelectMany(static change => change.Basis!.Items), cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Log.NotProved(logger, user.User.Title, e.Message);
            return null;
        }
    }

    private static bool IsStillTrue(PlannedChange change, IReadOnlyDictionary<RatingKey, MediaItem> current)
    {
        var basis = change.Basis!;
        if (basis.Items.Count == 0 || !basis.Items.All(current.ContainsKey))
        {
            return false;
        }

        var state = basis.Items.Select(key => current[key].State).Aggregate(NewestPolicy.Merge);
        return change.IsStill(state, basis.State);
    }

    private static partial class Log
    {
        [LoggerMessage(3112, LogLevel.Warning, "Nothing is taken away that rests on what '{User}' has, which could not be read again: {Reason}")]
        public static partial void NotProved(ILogger logger, string user, string reason);
    }
}
