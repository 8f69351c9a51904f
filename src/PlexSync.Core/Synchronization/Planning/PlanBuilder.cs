namespace PlexSync;

/// <summary>Builds the plan of one user from what was decided.</summary>
internal sealed class PlanBuilder(Participant side, IReadOnlyList<Participant> others)
{
    private readonly Dictionary<LibraryKey, int> _order = [];

    /// <summary>Items with a state at the others that were not found at this user.</summary>
    public IEnumerable<UnmatchedItem> Unmatched { get; init; } = [];

    /// <summary>How many items of the others were found in each library of this user, if the others are on another server.</summary>
    public IReadOnlyDictionary<LibraryKey, int>? Found { get; init; }

    /// <summary>The agreements of the user with the others.</summary>
    public IReadOnlyList<RunAgreements> Agreements { get; init; } = [];

    /// <inheritdoc cref="SyncOptions.WaitsForPlayers"/>
    public Func<PlexServer, RatingKey, bool, bool>? WaitsForPlayers { get; init; }

    private bool IsAcross => others[0].Catalogue != side.Catalogue;

    /// <summary>The libraries of the plan.</summary>
    private List<LibraryComparison> Libraries => IsAcross ? ListAcross() : List();

    /// <summary>A change of one item.</summary>
    /// <param name="after">The state to reach.</param>
    /// <param name="item">The item as the user has it.</param>
    /// <param name="library">Its library.</param>
    /// <param name="reason">Why.</param>
    /// <param name="date">When the source viewed or rated it.</param>
    public static PlannedChange ChangeTo(
        WatchState after, MediaItem item, LibraryKey library, ChangeReason reason, DateTimeOffset? date) => new()
        {
            Item = item,
            Library = library,
            Action = PlannedChange.ActionOf(item.State, after),
            After = after,
            Reason = reason,
            SourceViewedAt = date,
        };

    /// <summary>A plan of what was decided for the user, in the order of writing.</summary>
    public MadePlan Build(string policy, DateTimeOffset createdAt)
    {
        Libraries.ForEach(library => _order.TryAdd(library.Library.Key, _order.Count));
        var changes = new List<PlannedChange>(side.Pending.Count);
        var skipped = new List<SkippedItem>();
        foreach (var (item, pending) in side.Pending)
        {
            // The plan has the dates that were listed; decisions were made with those that earlier runs had copied.
            var listed = item.ToItem(item.StateOf(side.Number));
            if (pending.Skipped is { } reason)
            {
                skipped.Add(new SkippedItem(listed, item.Library, reason));
            }

            Add(
                listed,
                listed.State with { ViewCount = pending.After.ViewCount, Position = pending.After.Position },
                pending.Reason,
                pending.After.LastViewedAt);
            Add(listed, listed.State.WithRatingOf(pending.After), ChangeReason.SourceRated, pending.After.LastRatedAt);

            void Add(MediaItem before, WatchState after, ChangeReason why, DateTimeOffset? date)
            {
                if (after.Matches(before.State) && after.UserRating == before.State.UserRating)
                {
                    return;
                }

                var change = ChangeTo(after, before, item.Library, why, date);
                change = change.IsRemoval ? change with { Basis = pending.Basis } : change;
                if (FindObjection(change) is { } objection)
                {
                    skipped.Add(new SkippedItem(before, item.Library, objection));
                }
                else
                {
                    changes.Add(change);
                }
            }
        }

        skipped.AddRange(
            Unmatched.Select(
                static unmatched => new SkippedItem(unmatched.Item.ToItem(default), unmatched.Item.Library, unmatched.Reason)));
        // Changes without a date come first; the rest of the order only makes it the same every time.
        changes.Sort(
            (one, other) => Nullable.Compare(one.SourceViewedAt, other.SourceViewedAt) is not 0 and var order ? order
                : Compare(one.Item, one.Library, other.Item, other.Library));
        skipped.Sort((one, other) => Compare(one.Item, one.Library, other.Item, other.Library));
        return Build(policy, createdAt, changes, skipped);
    }

    /// <summary>A plan of these changes, in this order.</summary>
    public MadePlan Build(
        string policy, DateTimeOffset createdAt, IReadOnlyList<PlannedChange> changes, IReadOnlyList<SkippedItem> skipped)
    {
        var server = side.Server!;
        var plan = new SyncPlan
        {
            CreatedAt = createdAt,
            Server = ServerReference.To(server),
            SourceServer = IsAcross && others[0].Server is { } from ? ServerReference.To(from) : null,
            Source = others[0].User,
            MoreSources = others.Skip(1).Select(static other => other.User).ToList(),
            Target = side.User,
            Identity = server.Identity,
            Policy = policy,
            IsPlayingKnown = side.Facts?.IsPlayingKnown ?? true,
            OnlyRemembersUnwatched = Agreements.Any(static agreements => agreements.IsFirst),
            Libraries = Libraries,
            Changes = changes,
            Skipped = skipped,
        };
        return new MadePlan(
            plan, new PlanContext(others.Select(static other => other.Server).OfType<PlexServer>().ToList(), side.History!, Agreements));
    }

    private SkipReason? FindObjection(PlannedChange change) =>
        WaitsForPlayers is { } plays && (plays(side.Server!, change.Item.RatingKey, true) || others.Any(other =>
            other.Facts?.IsMoving(change.Item) is true || (other.Server is { } server && plays(server, change.Item.RatingKey, false))))
            ? SkipReason.PlayedNow
            : side.Facts?.FindObjection(change);

    private int Compare(MediaItem one, LibraryKey library, MediaItem other, LibraryKey otherLibrary)
    {
        var order = _order.GetValueOrDefault(library, int.MaxValue)
            .CompareTo(_order.GetValueOrDefault(otherLibrary, int.MaxValue));
        // Rating keys are mostly numbers, and are sorted as such.
        var (key, otherKey) = (one.RatingKey.ToString(), other.RatingKey.ToString());
        order = order != 0 ? order : key.Length.CompareTo(otherKey.Length);
        return order != 0 ? order : string.CompareOrdinal(key, otherKey);
    }

    /// <summary>The libraries of one server, as the others and this user list them.</summary>
    private List<LibraryComparison> List() => others.Append(side).SelectMany(static one => one.Libraries)
        .DistinctBy(static listed => listed.Library.Key)
        .Select(listed => new LibraryComparison
        {
            Library = listed.Library,
            SourceItems = others.Max(other => other.Find(listed.Library.Key)?.Count ?? 0),
            TargetItems = side.Find(listed.Library.Key)?.Count ?? 0,
            Error = others.Append(side).Select(one => one.Find(listed.Library.Key)?.Error)
                .FirstOrDefault(static error => error is not null),
        }).ToList();

    /// <summary>The libraries of this user, and those libraries of the others that could not be read.</summary>
    private List<LibraryComparison> ListAcross() => side.Libraries
        .Select(listed => new LibraryComparison
        {
            Library = listed.Library,
            SourceItems = Found?.GetValueOrDefault(listed.Library.Key) ?? 0,
            TargetItems = listed.Count,
            Error = listed.Error,
        })
        .Concat(others.SelectMany(static other => other.Libraries).Where(static listed => listed.Error is not null)
            .Select(static listed => new LibraryComparison { Library = listed.Library, Error = listed.Error }))
        .ToList();
}
