namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Runs as stores record them. States read as in <see cref="States.Parse"/>.</summary>
internal static class Recorded
{
    /// <param name="item">The rating key.</param>
    /// <param name="before">What the target had.</param>
    /// <param name="after">What the target is to have.</param>
    /// <param name="source">When the source viewed it, in seconds after <see cref="States.Start"/>.</param>
    public static PlannedChange Change(string item, string before, string after, int source = 5) => new()
    {
        Item = new MediaItem
        {
            RatingKey = RatingKey.Parse(item),
            Type = MediaType.Movie,
            Title = $"Movie {item}",
            State = States.Parse(before),
        },
        Library = LibraryKey.Parse("1"),
        Action = PlannedChange.ActionOf(States.Parse(before), States.Parse(after)),
        After = States.Parse(after),
        Reason = ChangeReason.SourceWatched,
        SourceViewedAt = States.Start.AddSeconds(source),
    };

    public static PlannedChange Rating(string item, double rating) => Change(item, "0/0", "0/0") with
    {
        Action = ChangeAction.Rating,
        After = new WatchState { UserRating = rating },
    };

    public static SyncPlan PlanFor(ServerUser target, params PlannedChange[] changes) => new()
    {
        CreatedAt = States.Start,
        Server = new ServerReference(target.Server, "NAS", "1.43"),
        Source = new UserReference(new UserId(1), "Source"),
        Target = new UserReference(target.User, "Target"),
        Identity = IdentityProof.Proved,
        Policy = "copy",
        Changes = changes,
    };

    public static ChangeResult Applied(PlannedChange change, string left) =>
        new() { Change = change, Outcome = ChangeOutcome.Applied, StateAfterRun = States.Parse(left) };

    public static ChangeResult NotKept(PlannedChange change) =>
        new() { Change = change, Outcome = ChangeOutcome.Failed, Error = new PlexException(PlexErrorKind.DidNotStick, "Not kept.") };

    public static SyncReport ReportOf(SyncPlan plan, params ChangeResult[] results) => new()
    {
        Plan = plan,
        Results = results,
        Verified = results.Count(static result => result.Outcome is ChangeOutcome.Applied),
    };

    /// <summary>Goes through a run from its beginning to its end; each change is announced at <paramref name="sentAt"/>.</summary>
    public static async Task<RunId> RunAsync(
        this ISyncStore store, ServerUser target, DateTimeOffset? sentAt = null, params ChangeResult[] results)
    {
        var plan = PlanFor(target, [.. results.Select(static result => result.Change)]);
        await using var lease = (await store.BeginAsync([plan]))[0];
        foreach (var result in results)
        {
            await lease.AnnounceAsync(result.Change, sentAt);
            await lease.RecordAsync(result);
        }

        await lease.CompleteAsync(ReportOf(plan, results));
        return lease.Run;
    }
}
