namespace PlexSync;

/// <summary>
/// Decides what the items of a group become: asks the policy until it asks for nothing more, within what the servers can be made to store.
/// </summary>
/// <remarks>
/// In one direction, the target is brought to what the source has; in two directions the source, too, to what the target has; in a merge,
/// everybody to what all of them have together.
/// </remarks>
internal sealed class Resolver(Matcher group, SyncOptions options)
{
    /// <summary>
    /// Enough for states that affect each other to stop changing; a policy that never stops is left at what it said last.
    /// </summary>
    private const int MostRounds = 8;

    private readonly IConflictPolicy _policy = PolicyOf(group, options);

    /// <summary>Whether everybody may change, and not only the target.</summary>
    private readonly bool _isMutual = group.Source.IsWritten;

    /// <summary>Decides everything for groups that may have a participant in common.</summary>
    public static void Resolve(IReadOnlyList<Matcher> groups, SyncOptions options)
    {
        // What the source gets from one target is passed on to the other targets.
        var rounds = groups.Count > 1 && groups[0].Source.IsWritten ? MostRounds : 1;
        for (var hasChanged = true; hasChanged && rounds > 0; rounds--)
        {
            hasChanged = false;
            foreach (var group in groups)
            {
                hasChanged |= new Resolver(group, options).Resolve();
            }
        }
    }

    public static IConflictPolicy PolicyOf(Matcher group, SyncOptions options) =>
        options.Policy ?? (group.IsMerge ? ConflictPolicies.Furthest : ConflictPolicies.Copy);

    /// <summary>Whether there is something to decide that was asked for.</summary>
    public bool IsInScope(WorkMatch match)
    {
        foreach (var copies in match.Copies)
        {
            foreach (var item in copies.Items)
            {
                if (IsInScope(copies.Owner, item))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsInScope(Participant owner, CatalogueItem item) => options.Since is { } since
        ? (_isMutual || owner == group.Source)
            && (owner.Pending.ContainsKey(item) || owner.OriginalOf(item).LastViewedAt >= since)
        : owner.StateOf(item) is var state && (!state.IsEmpty || (options.Ratings && state.UserRating is not null));

    /// <summary>Whether only changes of one kind were asked for.</summary>
    public bool IsLimited => options.Only is not null;

    /// <summary>The state of one participant on all copies of a work together.</summary>
    public WatchState Combine(Copies copies)
    {
        var state = copies.Owner.StateOf(copies.Items[0]);
        for (var at = 1; at < copies.Items.Count; at++)
        {
            state = Combine(state, copies.Owner.StateOf(copies.Items[at]));
        }

        return state;
    }

    /// <summary>Decides everything; true if anything has changed since it was decided last.</summary>
    public bool Resolve()
    {
        var hasChanged = false;
        var hasDamage = group.Participants.Any(static participant => participant.Catalogue.HasDamage);
        foreach (var match in group.Matches)
        {
            hasChanged |= !(hasDamage && LeaveIfDamaged(match)) && IsInScope(match) && Resolve(match);
        }

        return hasChanged;
    }

    private WatchState Combine(ReadOnlySpan<WatchState> states)
    {
        var common = states[0];
        foreach (var state in states[1..])
        {
            common = Combine(common, state);
        }

        return common;
    }

    private WatchState Combine(WatchState one, WatchState other) =>
        _policy is BuiltInPolicy known ? known.Combine(one, other) : BuiltInPolicy.Merge(one, other);

    /// <summary>
    /// Leaves a work alone if one of its states is damaged: that state would look like "never watched", and something could be taken away
    /// because of it.
    /// </summary>
    private bool LeaveIfDamaged(WorkMatch match)
    {
        // Where everybody may change, states of other users of the run would reach this group, too: their damage counts here.
        var isDamaged = match.Exists((owner, item) => _isMutual ? owner.Catalogue.IsDamaged(item) : owner.IsDamaged(item));
        foreach (var copies in isDamaged ? match.Written : [])
        {
            copies.Items.ForEach(item => copies.Owner.Leave(item, SkipReason.StateDamaged));
        }

        return isDamaged;
    }

    private bool Resolve(WorkMatch match)
    {
        var wasWatched = options.Unwatched && group.Agreements?.WasWatched(match) is true;
        var hasChanged = wasWatched && TakeBack(match);
        if (wasWatched && match.Exists(static (owner, item) => owner.IsSpared(item)))
        {
            // One of the two may have unwatched it, which could not be proved: marking it again would undo that.
            return hasChanged;
        }

        for (var round = 0; round < MostRounds && Settle(match, wasWatched); round++)
        {
            hasChanged = true;
        }

        return hasChanged;
    }

    /// <summary>
    /// Unwatches for one participant what both had watched and the other has unwatched since. The proof is that the other has no state on
    /// any copy, in listings that are whole.
    /// </summary>
    private bool TakeBack(WorkMatch match)
    {
        var hasChanged = false;
        foreach (var copies in match.Written.Where(copies => Combine(copies).IsWatched && Combine(match.OtherThan(copies)).IsEmpty))
        {
            foreach (var item in copies.Items)
            {
                var cleared = default(WatchState).WithRatingOf(copies.Owner.StateOf(item));
                hasChanged |= Move(match, copies, item, cleared, ChangeReason.SourceUnwatched, other: default);
            }
        }

        return hasChanged;
    }

    /// <summary>Asks the policy once about everybody; true if anything has changed.</summary>
    private bool Settle(WorkMatch match, bool wasWatched)
    {
        Span<WatchState> states = stackalloc WatchState[match.Copies.Count];
        for (var at = 0; at < states.Length; at++)
        {
            states[at] = Combine(match.Copies[at]);
        }

        var isBelowQuorum = group.IsMerge && IsBelowQuorum(states);
        var common = group.IsMerge ? isBelowQuorum ? CombineUnwatched(states) : Combine(states) : default;
        // With one copy each, both get an answer to the same two states. With several copies, the target's are decided first, and the
        // source's by what the target's become.
        var isAtOnce = match.Copies.TrueForAll(static copies => copies.Items.Count == 1);
        var hasChanged = false;
        for (var at = states.Length - 1; at >= 0; at--)
        {
            var copies = match.Copies[at];
            var other = isBelowQuorum && states[at].IsWatched ? states[at].WithRatingOf(common)
                : group.IsMerge ? common
                : isAtOnce ? states[1 - at] : Combine(match.Copies[1 - at]);
            foreach (var item in copies.Owner.IsWritten ? copies.Items : [])
            {
                var (desired, reason) = Ask(match, copies.Owner, item, other, wasWatched);
                hasChanged |= Move(match, copies, item, desired, reason, other);
            }
        }

        return hasChanged;
    }

    /// <summary>Somebody has watched the work, but fewer than it takes to count for all.</summary>
    private bool IsBelowQuorum(ReadOnlySpan<WatchState> states)
    {
        var watched = 0;
        foreach (var state in states)
        {
            watched += state.IsWatched ? 1 : 0;
        }

        return watched > 0 && watched < options.Quorum;
    }

    /// <summary>What those have together who have not watched the work, and the ratings of all.</summary>
    private WatchState CombineUnwatched(ReadOnlySpan<WatchState> states)
    {
        Span<WatchState> counted = stackalloc WatchState[states.Length];
        for (var at = 0; at < states.Length; at++)
        {
            counted[at] = states[at].IsWatched ? default(WatchState).WithRatingOf(states[at]) : states[at];
        }

        return Combine(counted);
    }

    /// <summary>What the policy wants an item of the owner to become, and why.</summary>
    private (WatchState Desired, ChangeReason Reason) Ask(
        WorkMatch match, Participant owner, CatalogueItem item, WatchState other, bool wasWatched)
    {
        var own = owner.StateOf(item);
        var isSource = owner == group.Source && !group.IsMerge;
        var (source, target) = isSource ? (own, other) : (other, own);
        var direction = group.IsMerge ? SyncDirection.OneWay : options.Direction;
        var resolution = _policy is BuiltInPolicy known ? known.Resolve(source, target, direction) : _policy.Resolve(new ConflictContext
        {
            // The policy always sees the item of the target.
            Item = (isSource ? match.Target[0] : item).ToItem(target),
            Source = source,
            Target = target,
            Direction = direction,
            Baseline = wasWatched ? new WatchState { ViewCount = 1 } : null,
        });
        return isSource ? (resolution.Source, resolution.SourceReason) : (resolution.Target, resolution.Reason);
    }

    /// <inheritdoc cref="DesiredStates.Move"/>
    private bool Move(WorkMatch match, Copies copies, CatalogueItem item, WatchState desired, ChangeReason reason, WatchState other)
    {
        if (group.IsMerge)
        {
            // A merge takes nothing away, and the common state has the date of the last view.
            return copies.Owner.Move(item, desired, reason, other, options);
        }

        // Where dates decide, an item whose own date is later keeps that date.
        var date = copies.Owner.OriginalOf(item).LastViewedAt;
        other = _policy is NewestPolicy && BuiltInPolicy.IsLater(date, other.LastViewedAt) ? other with { LastViewedAt = date } : other;
        return copies.Owner.Move(
            item, desired, reason, other, options, new RemovalGrounds(group, copies.Owner, match.OtherThan(copies)));
    }
}
