namespace PlexSync;

/// <summary>What is remembered of a pair from one run to the next, and what this run adds to it.</summary>
internal sealed class PairMemory : IRunMemory
{
    private readonly IBaselineStore _store;
    private readonly Baseline _baseline;
    private readonly BaselineSide _source;
    private readonly BaselineSide _target;
    private readonly bool _isArmed;
    private readonly RunNames? _runs;
    private readonly List<Agreement> _pending = [];
    private readonly List<Agreement> _takenBack = [];
    private bool _isChanged;

    private PairMemory(IBaselineStore store, RunNames? runs, Baseline baseline, BaselineSide source, BaselineSide target, bool unwatched)
    {
        _store = store;
        _runs = runs;
        _baseline = baseline;
        _source = source;
        _target = target;
        _isArmed = baseline.IsArmed;
        _isChanged = unwatched && !_isArmed;
        baseline.IsArmed |= unwatched;
    }

    public bool IsFirst => !_isArmed && _baseline.IsArmed;

    public static async Task<PairMemory?> ReadAsync(
        IJournal? journal, PlexServer source, PlexServer target, bool unwatched, CancellationToken cancellationToken)
    {
        if (journal is not IBaselineStore store)
        {
            return null;
        }

        var (one, other) = (BaselineSide.Of(source), BaselineSide.Of(target));
        // The runs first: what one of them forgets after that, it is known to have written.
        var runs = RunNames.Read(journal, [one, other]);
        var baseline = await store.ReadBaselineAsync(one, other, cancellationToken).ConfigureAwait(false) ?? new Baseline(one, other);
        return new PairMemory(store, runs, baseline, one, other, unwatched);
    }

    /// <summary>Both had watched a copy of the work, at the end of an earlier run that was to remember it for this.</summary>
    public bool WasWatched(WorkMatch match) =>
        _isArmed && match.Source.Exists(item => match.Target.Exists(other => _baseline.Contains(_source, item, other)));

    /// <summary>Takes note of what both will have watched once everything that is planned is done, and forgets what they do not.</summary>
    /// <param name="source">One of the two.</param>
    /// <param name="target">The other.</param>
    /// <param name="item">An item of the one.</param>
    /// <param name="other">The same, at the other.</param>
    /// <param name="isConsidered">The run was asked about it: what it was not asked about stays as the last run left it.</param>
    public void Observe(Participant source, Participant target, CatalogueItem item, CatalogueItem other, bool isConsidered)
    {
        if (source.IsDamaged(item) || target.IsDamaged(other))
        {
            // Nothing is known; what was agreed stays.
            return;
        }

        // What is marked anew is unwatched on the way: it counts as watched once that is done.
        var (sourceBefore, targetBefore) = (source.IsLeftWatched(item), target.IsLeftWatched(other));
        var (sourceAfter, targetAfter) = (source.StateOf(item).IsWatched, target.StateOf(other).IsWatched);
        if (sourceBefore && targetBefore && sourceAfter && targetAfter)
        {
            if (!_baseline.Contains(_source, item, other))
            {
                _baseline.Add(_source, item.Key, other.Key, _baseline.WorkOf(_source, item, other));
                _isChanged = true;
            }
        }
        else if (sourceAfter && targetAfter)
        {
            _isChanged |= _baseline.Remove(_source, item.Key, other.Key);
            _pending.Add(new Agreement(item.Key, other.Key, _baseline.WorkOf(_source, item, other), !sourceBefore, !targetBefore));
        }
        else if (IsUnwatching(source, item) || IsUnwatching(target, other))
        {
            // Until it is done it may still have to be done, by another run.
            if (_baseline.Contains(_source, item, other))
            {
                _takenBack.Add(new Agreement(
                    item.Key, other.Key, _baseline.WorkOf(_source, item, other), IsUnwatching(source, item), IsUnwatching(target, other)));
            }
        }
        else if (source.IsSpared(item) || target.IsSpared(other))
        {
            // Whether one of the two was unwatched is for a later run to find out.
        }
        else if (isConsidered || (!sourceAfter && !targetAfter))
        {
            _isChanged |= _baseline.Remove(_source, item.Key, other.Key);
        }
    }

    /// <summary>Forgets whatever neither has watched, of all that both list: how it was matched once makes no difference.</summary>
    public void Sweep(Participant source, Participant target) => _isChanged |= _baseline.RemoveWhere(
        _source, (mine, theirs) => IsUnwatched(source, mine) && IsUnwatched(target, theirs));

    private static bool IsUnwatching(Participant side, CatalogueItem item) =>
        item.StateOf(side.Number).IsWatched && !side.StateOf(item).IsWatched;

    private static bool IsUnwatched(Participant side, string key) => RatingKey.TryParse(key, out var parsed)
        && side.Catalogue.Find(parsed) is { } item && item.IsListedBy(side.Number) && !side.IsDamaged(item)
            && !item.StateOf(side.Number).IsWatched;

    /// <summary>
    /// To be called before anything is written: what is about to be unwatched must not be taken for agreed any more, whatever becomes of
    /// the run.
    /// </summary>
    public async Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var (source, target) = (PlannedFor(_source, plans), PlannedFor(_target, plans));
        _takenBack.RemoveAll(taken => !taken.IsIn(source, target));
        if (_takenBack.Count > 0)
        {
            _takenBack.ForEach(taken => _baseline.Remove(_source, taken.Source, taken.Target));
            using var changes = await _store.ChangeAsync(cancellationToken).ConfigureAwait(false);
            if (changes.Read(_source, _target) is { } now)
            {
                _takenBack.ForEach(taken => now.Remove(_source, taken.Source, taken.Target));
                changes.Write(now);
            }
        }
    }

    /// <summary>Remembers what the run has brought about, as far as reading back has shown it.</summary>
    public async Task RememberAsync(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        var (source, target) = (AppliedBy(_source, reports), AppliedBy(_target, reports));
        _pending.RemoveAll(agreed => !agreed.IsIn(source, target));
        if (_takenBack.Count > 0)
        {
            // What was to be unwatched and was left untouched is still to be unwatched.
            var (mine, theirs) = (UntouchedBy(_source, reports), UntouchedBy(_target, reports));
            _pending.AddRange(_takenBack.FindAll(taken => taken.IsIn(mine, theirs)));
        }

        if (_isChanged || _pending.Count > 0)
        {
            // A run that begins from here on has to wait before it forgets anything.
            using var changes = await _store.ChangeAsync(cancellationToken).ConfigureAwait(false);
            // Where another run has written to one of the two since, or taken back, what was seen before that is agreed on no more.
            var isCurrent = _runs?.HaveChanged(reports) is not true;
            foreach (var agreed in isCurrent ? _pending : [])
            {
                _baseline.Add(_source, agreed.Source, agreed.Target, agreed.Work);
            }

            var now = changes.Read(_source, _target) ?? new Baseline(_source, _target);
            _baseline.CarryTo(now, isCurrent);
            changes.Write(now);
        }

        _pending.Clear();
        _takenBack.Clear();
    }

    /// <summary>The items that a user's run has changed; none where not all of it could be read back.</summary>
    public static HashSet<string> AppliedBy(BaselineSide side, IReadOnlyList<SyncReport> reports)
    {
        var report = reports.FirstOrDefault(report => IsOf(report.Plan, side));
        return report is null || report.Verified < report.Count(ChangeOutcome.Applied)
            ? []
            : ItemsOf(
                report.Results.Where(static result => result.Outcome is ChangeOutcome.Applied).Select(static result => result.Change));
    }

    private static HashSet<string> UntouchedBy(BaselineSide side, IReadOnlyList<SyncReport> reports) => ItemsOf(
        reports.FirstOrDefault(report => IsOf(report.Plan, side))?.Results
            .Where(static result => result is { StateAfterRun: null, Outcome: not ChangeOutcome.Unknown })
            .Select(static result => result.Change));

    private static HashSet<string> PlannedFor(BaselineSide side, IReadOnlyList<SyncPlan> plans) =>
        ItemsOf(plans.FirstOrDefault(plan => IsOf(plan, side))?.Changes);

    private static HashSet<string> ItemsOf(IEnumerable<PlannedChange>? changes) =>
        changes?.Where(static change => !change.IsRating).Select(static change => change.Item.RatingKey.ToString()).ToHashSet() ?? [];

    private static bool IsOf(SyncPlan plan, BaselineSide side) => new BaselineSide(plan.Server.MachineIdentifier, plan.Target.Id) == side;

    /// <summary>Two items that both will have watched, or no longer, once what is planned for the one, the other or both is done.</summary>
    private sealed record Agreement(RatingKey Source, RatingKey Target, ulong Work, bool IsSourceNew, bool IsTargetNew)
    {
        /// <summary>What is new of it is among these items of the two.</summary>
        public bool IsIn(HashSet<string> sources, HashSet<string> targets) =>
            (!IsSourceNew || sources.Contains(Source.ToString())) && (!IsTargetNew || targets.Contains(Target.ToString()));
    }
}

/// <summary>What a run adds to what is remembered of the users in it.</summary>
internal interface IRunMemory
{
    /// <summary>It is the first run that was asked to let un-watching travel; all it does about it is to remember.</summary>
    bool IsFirst { get; }

    /// <summary>To be called before anything is written.</summary>
    Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken);

    /// <summary>To be called when the run is over.</summary>
    Task RememberAsync(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken);
}

/// <summary>Keeps baselines; a <see cref="FileJournal"/> does.</summary>
internal interface IBaselineStore
{
    /// <summary>What is remembered of two users; null where nothing is, or nothing that can be used.</summary>
    Task<Baseline?> ReadBaselineAsync(BaselineSide one, BaselineSide other, CancellationToken cancellationToken);

    /// <summary>Keeps others from changing what is remembered until it is disposed of; waits for one that is at it.</summary>
    Task<IBaselineChanges> ChangeAsync(CancellationToken cancellationToken);

    /// <summary>Forgets what every pair of this user remembers of some items: they are about to become what nobody has agreed on.</summary>
    Task ForgetAsync(BaselineSide side, IReadOnlySet<string> items, CancellationToken cancellationToken);
}

/// <summary>What is remembered, while nobody else can change it.</summary>
internal interface IBaselineChanges : IDisposable
{
    /// <summary>What is remembered of two users now; null where nothing is, or nothing that can be used.</summary>
    Baseline? Read(BaselineSide one, BaselineSide other);

    void Write(Baseline baseline);
}
