using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Plans the way back from a run, from what the journal says it left and what is there now.</summary>
internal sealed class UndoPlanner(ILogger logger, PlexServer target)
{
    /// <param name="run">The run.</param>
    /// <param name="recorded">What it did.</param>
    /// <param name="redone">What the runs did that brought its doing back after an undo.</param>
    /// <param name="history">What earlier runs did to the target.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<MadePlan> PlanAsync(
        RunId run, SyncReport recorded, IReadOnlyList<SyncReport> redone, TargetHistory history, CancellationToken cancellationToken)
    {
        var again = redone.SelectMany(static report => report.Results, static (report, result) => (Report: report, Result: result))
            .ToLookup(static one => one.Result.Change.Key);
        var createdAt = target.Time.GetUtcNow();
        var touched = recorded.Results.Where(static result => result.StateAfterRun is not null || result.Outcome is ChangeOutcome.Unknown)
            .ToList();
        var playing = await TargetFacts.ReadPlayingAsync(logger, target, cancellationToken).ConfigureAwait(false);
        var current = await target.GetItemsAsync(touched.Select(static result => result.Change.Item.RatingKey), cancellationToken)
            .ConfigureAwait(false);
        var changes = new List<PlannedChange>();
        var skipped = new List<SkippedItem>();
        foreach (var result in touched)
        {
            var before = result.Change.Before;
            if (!current.TryGetValue(result.Change.Item.RatingKey, out var item))
            {
                Skip(result.Change.Item, result, SkipReason.NotVisibleToTarget);
            }
            else if (item.IsStateDamaged)
            {
                Skip(result.Change.Item, result, SkipReason.StateDamaged);
            }
            else if (!item.IsSameWork(result.Change.Item))
            {
                Skip(item, result, SkipReason.NotSameItem);
            }
            else if (result.Change.IsRating ? item.State.UserRating == before.UserRating : item.State.Matches(before))
            {
                // It never changed, or is back already.
            }
            else if (!IsAsLeft(recorded, result, item.State)
                && !again[result.Change.Key].Any(one => IsAsLeft(one.Report, one.Result, item.State)))
            {
                Skip(item, result, SkipReason.ChangedSincePlanned);
            }
            else if (playing?.IsPlaying(target, item.RatingKey) is true)
            {
                Skip(item, result, SkipReason.PlayedNow);
            }
            else if (result.Change.IsRating)
            {
                changes.Add(ChangeBack(item, item.State.WithRatingOf(before), result));
            }
            else
            {
                var (after, refused) = PlexWriteRules.Reach(item.State, before, item.Duration, target.PlayedThreshold);
                if (refused is { } reason)
                {
                    Skip(item, result, reason);
                }

                if (!after.Matches(item.State))
                {
                    changes.Add(ChangeBack(item, after, result));
                }
            }
        }

        var libraries = touched.Select(static result => result.Change.Library.ToString()).ToHashSet();
        return new MadePlan(new SyncPlan
        {
            CreatedAt = createdAt,
            Server = ServerReference.To(target),
            Source = recorded.Plan.Source,
            Target = UserReference.To(target.User),
            Identity = target.Identity,
            Policy = "undo",
            Undoes = run,
            IsPlayingKnown = playing is not null,
            Libraries = recorded.Plan.Libraries.Where(library => libraries.Contains(library.Library.Key.ToString()))
                .Select(static library => new LibraryComparison { Library = library.Library })
                .ToList(),
            Changes = changes.OrderBy(static change => change.SourceViewedAt ?? DateTimeOffset.MinValue).ToList(),
            Skipped = skipped,
        }, new PlanContext([], history, []));

        bool IsAsLeft(SyncReport report, ChangeResult result, WatchState state) =>
            result.IsAsLeft(state, report.TimesOf(result, target.Clock.Lead));

        void Skip(MediaItem item, ChangeResult result, SkipReason reason) =>
            skipped.Add(new SkippedItem(item, result.Change.Library, reason));
    }

    private static PlannedChange ChangeBack(MediaItem item, WatchState after, ChangeResult result) => new()
    {
        Item = item,
        Library = result.Change.Library,
        Action = PlannedChange.ActionOf(item.State, after),
        After = after,
        Reason = ChangeReason.Undone,
        Lost = result.Change.Lost,
        SourceViewedAt = result.Change.Before.LastViewedAt,
    };
}
