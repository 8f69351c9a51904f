namespace PlexSync;

/// <summary>
/// Decides what the items of a pair become: asks the policy until it asks for nothing more, within what the servers can be made to store.
/// </summary>
internal sealed class Resolver(Matcher pair, SyncOptions options)
{
    /// <summary>
    /// Enough for what two users have on the copies of a work to come to rest; a policy that never does is left where it is then.
    /// </summary>
    private const int MostRounds = 8;

    private readonly IConflictPolicy _policy = options.Policy ?? ConflictPolicies.Copy;
    private readonly bool _isTwoWay = options.Direction is SyncDirection.TwoWay;
    private readonly Participant _source = pair.Source;
    private readonly Participant _target = pair.Target;

    /// <summary>Decides everything; true if anything has changed since it was decided last.</summary>
    public bool Resolve()
    {
        var hasChanged = false;
        var hasDamage = _source.Catalogue.HasDamage || _target.Catalogue.HasDamage;
        foreach (var match in pair.Matches)
        {
            hasChanged |= !(hasDamage && LeaveIfDamaged(match)) && IsInScope(match) && Resolve(match);
        }

        return hasChanged;
    }

    /// <summary>There is something to decide, and it is among what was asked for.</summary>
    public bool IsInScope(WorkMatch match) => options.Since is { } since
        ? match.Source.Exists(item => IsSince(_source, item)) || (_isTwoWay && match.Target.Exists(item => IsSince(_target, item)))
        : match.Source.Exists(item => HasState(_source, item)) || match.Target.Exists(item => HasState(_target, item));

    /// <summary>Changes of one kind only were asked for.</summary>
    public bool IsLimited => options.Only is not null;

    /// <summary>What one user has on all copies of a work.</summary>
    public WatchState Combine(Participant side, List<CatalogueItem> copies)
    {
        var state = side.StateOf(copies[0]);
        for (var at = 1; at < copies.Count; at++)
        {
            var other = side.StateOf(copies[at]);
            state = _policy is BuiltInPolicy known ? known.Combine(state, other) : NewestPolicy.Merge(state, other);
        }

        return state;
    }

    private bool IsSince(Participant side, CatalogueItem item) =>
        side.Pending.ContainsKey(item) || side.OriginalOf(item).LastViewedAt >= options.Since;

    private bool HasState(Participant side, CatalogueItem item) =>
        side.StateOf(item) is var state && (!state.IsEmpty || (options.Ratings && state.UserRating is not null));

    /// <summary>
    /// Leaves a work alone of which a state is damaged: it would look like "never watched", and something could be taken away for it.
    /// </summary>
    private bool LeaveIfDamaged(WorkMatch match)
    {
        // In two directions, what other targets bring to the source would come here too.
        var isDamaged = _isTwoWay
            ? match.Source.Exists(_source.Catalogue.IsDamaged) || match.Target.Exists(_target.Catalogue.IsDamaged)
            : match.Source.Exists(_source.IsDamaged) || match.Target.Exists(_target.IsDamaged);
        if (isDamaged)
        {
            match.Target.ForEach(item => _target.Leave(item, SkipReason.StateDamaged));
            match.Source.FindAll(_ => _isTwoWay).ForEach(item => _source.Leave(item, SkipReason.StateDamaged));
        }

        return isDamaged;
    }

    private bool Resolve(WorkMatch match)
    {
        var wasWatched = options.Unwatched && pair.Agreements?.WasWatched(match) is true;
        var hasChanged = wasWatched && TakeBack(match);
        if (wasWatched && (match.Source.Exists(_source.IsSpared) || match.Target.Exists(_target.IsSpared)))
        {
            // Marking it again on the other side would undo what the user may have unwatched.
            return hasChanged;
        }

        for (var round = 0; round < MostRounds && Settle(match, wasWatched); round++)
        {
            hasChanged = true;
        }

        return hasChanged;
    }

    /// <summary>
    /// What both had watched and one has unwatched since becomes unwatched on the other. The proof is that the one lists all its copies,
    /// whole listings that they are, without any state.
    /// </summary>
    private bool TakeBack(WorkMatch match)
    {
        var (source, target) = (Combine(_source, match.Source), Combine(_target, match.Target));
        return source.IsEmpty && target.IsWatched ? Clear(_target, match.Target)
            : _isTwoWay && target.IsEmpty && source.IsWatched && Clear(_source, match.Source);

        bool Clear(Participant side, List<CatalogueItem> copies)
        {
            var hasChanged = false;
            foreach (var item in copies)
            {
                hasChanged |= Move(
                    side, item, default(WatchState).WithRatingOf(side.StateOf(item)), ChangeReason.SourceUnwatched, default, match);
            }

            return hasChanged;
        }
    }

    private bool Settle(WorkMatch match, bool wasWatched)
    {
        var hasChanged = false;
        var source = Combine(_source, match.Source);
        if (match is { Source: [var one], Target: [var other] })
        {
            var state = _target.StateOf(other);
            var resolution = Ask(other, source, state, wasWatched);
            hasChanged |= Move(_target, other, resolution.Target, resolution.Reason, source, match);
            hasChanged |= _isTwoWay && Move(_source, one, resolution.Source, resolution.SourceReason, state, match);
            return hasChanged;
        }

        foreach (var item in match.Target)
        {
            var resolution = Ask(item, source, _target.StateOf(item), wasWatched);
            hasChanged |= Move(_target, item, resolution.Target, resolution.Reason, source, match);
        }

        if (_isTwoWay)
        {
            var target = Combine(_target, match.Target);
            foreach (var item in match.Source)
            {
                var resolution = Ask(match.Target[0], _source.StateOf(item), target, wasWatched);
                hasChanged |= Move(_source, item, resolution.Source, resolution.SourceReason, target, match);
            }
        }

        return hasChanged;
    }

    private Resolution Ask(CatalogueItem item, WatchState source, WatchState target, bool wasWatched) => _policy.Resolve(new ConflictContext
    {
        Item = item.ToItem(target),
        Source = source,
        Target = target,
        Direction = options.Direction,
        Baseline = wasWatched ? new WatchState { ViewCount = 1 } : null,
    });

    /// <inheritdoc cref="Participant.Move"/>
    private bool Move(Participant side, CatalogueItem item, WatchState desired, ChangeReason reason, WatchState other, WorkMatch match)
    {
        // Where dates decide, a state that keeps one's own position keeps its date too.
        var own = side.OriginalOf(item).LastViewedAt;
        other = _policy is NewestPolicy && NewestPolicy.IsLater(own, other.LastViewedAt) ? other with { LastViewedAt = own } : other;
        return side.Move(
            item, desired, reason, other, options, new RemovalGrounds(pair, side, side == _source ? match.Target : match.Source));
    }
}
