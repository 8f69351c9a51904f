namespace PlexSync;

/// <summary>
/// A recorded run as a source: each item that it wrote to gets its earlier state back, if it still is as the run left it.
/// </summary>
/// <remarks>
/// Goes through the recorded changes in their order, and not through works: the run names its items, and the mark of an item may go back
/// while its rating stays.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="recorded">What it did.</param>
/// <param name="redone">The reports of runs that undid an undo of this run, and so made its changes again.</param>
internal sealed class UndoSource(RunId run, SyncReport recorded, IReadOnlyList<SyncReport> redone)
{
    /// <summary>The policy name of such plans.</summary>
    public const string Policy = PlanNames.Undo;

    private readonly List<ChangeResult> _touched =
        recorded.Results.Where(static result => result.HasWritten).ToList();

    private readonly ILookup<ChangeKey, (SyncReport Report, ChangeResult Result)> _doings = redone.Prepend(recorded)
        .SelectMany(static report => report.Results, static (report, result) => (Report: report, Result: result))
        .ToLookup(static doing => doing.Result.Change.Key);

    /// <summary>An undo also tries what the server did not keep the last time.</summary>
    public static SyncOptions OptionsFor(bool dryRun) => new() { RetryUnkept = true, DryRun = dryRun };

    /// <summary>What the run wrote to, or may have.</summary>
    public IEnumerable<RatingKey> Items => _touched.Select(static result => result.Change.Item.RatingKey);

    /// <param name="target">Whom the run wrote to.</param>
    /// <param name="current">The items as they are now.</param>
    /// <param name="createdAt">When the reading of them began.</param>
    public MadePlan Plan(Participant target, IReadOnlyDictionary<RatingKey, MediaItem> current, DateTimeOffset createdAt)
    {
        var changes = new List<PlannedChange>();
        var skipped = new List<SkippedItem>();
        foreach (var result in _touched)
        {
            var (change, before) = (result.Change, result.Change.Before);
            var item = current.GetValueOrDefault(change.Item.RatingKey);
            if (FindObjection(result, item, target) is { } objection)
            {
                skipped.Add(new SkippedItem(item is null or { IsStateDamaged: true } ? change.Item : item, change.Library, objection));
                continue;
            }

            var (after, refused) = change.IsRating ? (item!.State.WithRatingOf(before), null)
                : PlexWriteRules.Reach(item!.State, before, item.Duration, target.Server!.PlayedThreshold);
            if (refused is { } reason)
            {
                skipped.Add(new SkippedItem(item, change.Library, reason));
            }

            var back = PlanBuilder.ChangeTo(after, item, change.Library, ChangeReason.Undone, before.LastViewedAt);
            if (!back.IsReachedBy(item.State))
            {
                changes.Add(back with { Lost = change.Lost });
            }
        }

        var order = changes.OrderBy(static change => change.SourceViewedAt ?? DateTimeOffset.MinValue).ToList();
        var made = new PlanBuilder(target, [Join(target.Catalogue)]).Build(Policy, createdAt, order, skipped);
        return made with { Plan = made.Plan with { Undoes = run } };
    }

    /// <summary>The user whom the run copied from is the source of its undo, too.</summary>
    private Participant Join(Catalogue catalogue)
    {
        var source = new Participant(recorded.Plan.Source, catalogue, 0);
        foreach (var library in recorded.Plan.Libraries.Select(static library => library.Library)
            .Where(library => _touched.Exists(result => result.Change.Library == library.Key)))
        {
            source.Choose(library);
        }

        return source;
    }

    /// <summary>Why a change of the run is not taken back; null if nothing speaks against it, or there is nothing to take back.</summary>
    private SkipReason? FindObjection(ChangeResult result, MediaItem? item, Participant target)
    {
        var change = result.Change;
        return item is null ? SkipReason.NotVisibleToTarget
            : item.IsStateDamaged ? SkipReason.StateDamaged
            : !item.IsSameWork(change.Item) ? SkipReason.NotSameItem
            : IsBack(change, item.State) ? null
            : !IsAsLeft(change, item.State, target.Server!.Clock.Lead) ? SkipReason.ChangedSincePlanned
            : target.Facts!.IsPlaying(item) ? SkipReason.PlayedNow
            : null;
    }

    /// <summary>Whether the item has its earlier state: it never changed, or is back already.</summary>
    private static bool IsBack(PlannedChange change, WatchState state) =>
        change.IsRating ? state.UserRating == change.Before.UserRating : state.Matches(change.Before);

    private bool IsAsLeft(PlannedChange change, WatchState state, TimeSpan? lead) =>
        _doings[change.Key].Any(doing => doing.Result.IsAsLeft(state, doing.Report.TimesOf(doing.Result, lead)));
}
