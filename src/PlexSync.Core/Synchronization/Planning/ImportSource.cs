namespace PlexSync;

/// <summary>A history outside of Plex as a source: what it says that a user has seen.</summary>
internal sealed class ImportSource(ImportedStates states, ImportOptions options)
{
    /// <summary>The policy name of plans that add what a history has.</summary>
    public const string Policy = PlanNames.Import;

    /// <summary>Where items are listed that the server does not have.</summary>
    private static readonly LibraryKey Nowhere = LibraryKey.Parse("none");

    private readonly Library _movies = new() { Key = Nowhere, Title = "", Type = "movie" };
    private readonly Library _shows = new() { Key = Nowhere, Title = "", Type = "show" };
    private readonly List<UnmatchedItem> _unmatched = [];
    private readonly HashSet<RatingKey> _approximate = [];

    public SyncOptions Options { get; } = new()
    {
        Policy = ConflictPolicies.Furthest,
        DryRun = options.DryRun,
        Libraries = options.Libraries,
    };

    /// <summary>What was not found, once the history has joined.</summary>
    public IEnumerable<UnmatchedItem> Unmatched => _unmatched;

    /// <summary>Adds what the history says to the items of the user's server.</summary>
    public Participant Join(Participant target)
    {
        // "Local" and the like are no accounts: a plan names the user of the history by their name, and as the user whom it is for.
        var user = states.User is null ? target.User
            : states.User.Id.Value > 0 ? states.User
            : states.User with { Id = target.User.Id };
        var history = new Participant(user, target.Catalogue, 0);
        foreach (var listed in target.Libraries)
        {
            history.Choose(listed.Library);
        }

        var found = Find(target);
        foreach (var (item, said) in found)
        {
            item.Set(history.Number, Combine(item, said, target));
            history.Find(item.Library)!.Count++;
        }

        return history;
    }

    /// <summary>Says which positions of the plan are only about right.</summary>
    public SyncPlan Mark(SyncPlan plan) => _approximate.Count == 0 ? plan : plan with
    {
        Changes = plan.Changes.Select(
            change => change.Action is ChangeAction.Progress && _approximate.Contains(change.Item.RatingKey)
                ? change with { Reason = ChangeReason.ApproximatePosition } : change).ToList(),
    };

    /// <summary>What the history says of each item of the user, by all entries that are about it.</summary>
    private Dictionary<CatalogueItem, List<ImportedState>> Find(Participant target)
    {
        var found = new Dictionary<CatalogueItem, List<ImportedState>>();
        var elsewhere = new List<(CatalogueItem Record, CatalogueItem Work, ImportedState State, bool IsMoved)>();
        // However often a history names a work, that makes no more copies of it.
        var named = new Dictionary<(MediaType, string Ids), CatalogueItem>();
        var texts = new TextPool();
        foreach (var state in states.Items.Where(static state => state.FindFault() is null))
        {
            var item = state.ToItem();
            var record = new CatalogueItem(
                ItemRow.Of(item), state.Type == MediaType.Movie ? _movies : _shows, WorkId.Of(item), texts)
            { IsRecordOnly = true };
            var keyed = state.RatingKey is { } key && target.Catalogue.Find(key) is { } hit && hit.IsListedBy(target.Number) ? hit : null;
            if (keyed is not null && IsSame(record, keyed, state))
            {
                Add(keyed, state);
            }
            else
            {
                var name = (record.Type, string.Join(' ', record.Ids.Select(static id => id.Value).Order()));
                var work = record.Ids.Length == 0 || named.TryAdd(name, record) ? record : named[name];
                elsewhere.Add((record, work, state, keyed is not null));
            }
        }

        // Only one of two items of the history may be known by a key, and the other one to be it by identifiers: items of the history never
        // contradict each other.
        var works = new WorkGraph(
            named.Values,
            target.Catalogue.Items.Where(item => item.IsListedBy(target.Number)),
            static (one, other) => !one.IsRecordOnly && !other.IsRecordOnly);
        foreach (var (record, work, state, isMoved) in elsewhere)
        {
            var copies = works.IsDoubtful(work) ? [] : works.Of(work)?.FindAll(static item => !item.IsRecordOnly) ?? [];
            copies.ForEach(copy => Add(copy, state));
            if (copies.Count == 0 && !target.Libraries.Any(library => library.Library.ItemType == state.Type && library.Error is not null))
            {
                _unmatched.Add(new UnmatchedItem(record, works.IsDoubtful(work) ? SkipReason.AmbiguousMatch
                    : isMoved ? SkipReason.NotSameItem : SkipReason.NoMatch));
            }
        }

        return found;

        void Add(CatalogueItem item, ImportedState state)
        {
            if (!found.TryGetValue(item, out var said))
            {
                found.Add(item, said = []);
            }

            said.Add(state);
        }
    }

    /// <summary>
    /// Whether the item that has the rating key now is the one that was viewed. Identifiers decide; where they cannot, the names have to be
    /// the same.
    /// </summary>
    private static bool IsSame(CatalogueItem record, CatalogueItem item, ImportedState state)
    {
        if (record.Type != item.Type || WorkGraph.Contradict(record, item))
        {
            return false;
        }

        if (Array.Exists(record.Ids, id => Array.IndexOf(item.Ids, id) >= 0))
        {
            return true;
        }

        var isComparable = Array.Exists(record.Ids, id => Array.Exists(item.Ids, their => their.Catalogue == id.Catalogue));
        return !isComparable && NameComparison.EqualIgnoringCase(state.Title, item.Title)
            && (state.ShowTitle is null || NameComparison.EqualIgnoringCase(state.ShowTitle, item.Show))
            && AreEqual(state.SeasonNumber, item.Season) && AreEqual(state.EpisodeNumber, item.Episode)
            && AreEqual(state.Year, item.Year);

        static bool AreEqual(int? said, int listed) => said is not { } number || listed < 0 || number == listed;
    }

    /// <summary>What all entries about an item say together.</summary>
    private WatchState Combine(CatalogueItem item, List<ImportedState> said, Participant target)
    {
        var (percent, state) = (0.0, default(WatchState));
        foreach (var one in said)
        {
            percent = Math.Max(percent, one.Percent ?? 0);
            state = new WatchState
            {
                ViewCount = Math.Max(state.ViewCount, one.ViewCount),
                Position = one.Position > state.Position ? one.Position.Value : state.Position,
                LastViewedAt = BuiltInPolicy.IsLater(one.LastViewedAt, state.LastViewedAt) ? one.LastViewedAt : state.LastViewedAt,
            };
        }

        // From the threshold on, the server itself counts an item as watched (plex-facts §6.3); where that is not known, only the history's
        // own word counts.
        var server = target.Server!;
        var isWatched = state.IsWatched || (server.IsPlayedThresholdKnown && percent >= server.PlayedThreshold * 100);
        return isWatched ? state with { ViewCount = Math.Max(state.ViewCount, 1), Position = TimeSpan.Zero }
            : state.IsInProgress || percent == 0 ? state
            : Approximate(item, state, percent, target);
    }

    /// <summary>A percentage as a position: only where that was asked for, and the user has no state that it could replace.</summary>
    private WatchState Approximate(CatalogueItem item, WatchState state, double percent, Participant target)
    {
        if (!target.OriginalOf(item).IsEmpty)
        {
            return state;
        }

        var position = item.Duration * (percent / 100) ?? default;
        if (!options.ApproximatePositions || position == default)
        {
            target.Leave(
                item, item.Duration is null ? SkipReason.NoDuration
                    : PlexWriteRules.Refuse(position, item.Duration, target.Server!.PlayedThreshold) ?? SkipReason.PositionApproximate);
            return state;
        }

        _approximate.Add(item.Key);
        return state with { Position = TimeSpan.FromSeconds(Math.Floor(position.TotalSeconds)) };
    }
}
