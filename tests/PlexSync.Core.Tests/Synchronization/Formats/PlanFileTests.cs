namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What is written is what is read, and what is cut is not read at all.</summary>
public sealed class PlanFileTests
{
    [Fact]
    public async Task Plan_of_13_000_changes_comes_back_as_it_was()
    {
        var plan = Plan(13_000);
        using var file = new MemoryStream();

        await plan.WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        var read = await SyncPlan.ReadAsync(file, TestContext.Current.CancellationToken);

        Assert.Equal(plan.Changes.Select(Comparable), read.Changes.Select(Comparable));
        Assert.Equal(
            plan.Skipped.Select(skipped => (skipped.Item.RatingKey, skipped.Library, skipped.Reason)),
            read.Skipped.Select(skipped => (skipped.Item.RatingKey, skipped.Library, skipped.Reason)));
        Assert.Equal(
            (plan.CreatedAt, plan.Server, plan.Source, plan.Target, plan.Policy, plan.Identity),
            (read.CreatedAt, read.Server, read.Source, read.Target, read.Policy, read.Identity));
    }

    [Theory]
    [InlineData(ReadingScope.Whole)]
    [InlineData(ReadingScope.Changed)]
    public async Task Plan_says_how_much_it_was_made_from(ReadingScope scope)
    {
        using var file = new MemoryStream();

        await (Plan(1) with { Reading = scope }).WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;

        Assert.Equal(scope, (await SyncPlan.ReadAsync(file, TestContext.Current.CancellationToken)).Reading);
    }

    [Fact]
    public async Task Plan_that_is_cut_anywhere_is_refused()
    {
        using var file = new MemoryStream();
        await Plan(3).WriteAsync(file, TestContext.Current.CancellationToken);
        var bytes = file.ToArray();

        for (var length = 0; length < bytes.Length; length++)
        {
            using var cut = new MemoryStream(bytes, 0, length);
            var error = await Assert.ThrowsAsync<PlexException>(() => SyncPlan.ReadAsync(cut, TestContext.Current.CancellationToken));
            Assert.Equal(PlexErrorKind.InvalidFile, error.Kind);
        }
    }

    private static (MediaItem, LibraryKey, ChangeAction, WatchState, WatchState, ChangeReason, DateTimeOffset?, LostState) Comparable(
        PlannedChange change) =>
        (
            change.Item with { ExternalIds = [] },
            change.Library,
            change.Action,
            change.Before,
            change.After,
            change.Reason,
            change.SourceViewedAt,
            change.Lost);

    private static SyncPlan Plan(int changes)
    {
        var library = new Library { Key = LibraryKey.Parse("1"), Title = "Films & “séries” 日本", Type = "movie" };
        return new SyncPlan
        {
            CreatedAt = new DateTimeOffset(2026, 11, 22, 10, 0, 0, 123, TimeSpan.Zero),
            Server = new ServerReference(MachineIdentifier.Parse("0123456789abcdef"), "NAS", "1.43"),
            Source = new UserReference(new UserId(1001), "Owner"),
            Target = new UserReference(new UserId(1002), "Élodie"),
            Identity = IdentityProof.Proved,
            Policy = "copy",
            Libraries = [new LibraryComparison { Library = library, SourceItems = changes, TargetItems = changes }],
            Changes = [.. Enumerable.Range(1, changes).Select(number => Change(number, library.Key))],
            Skipped = [new SkippedItem(Item(changes + 1, default), library.Key, SkipReason.NotVisibleToTarget)],
        };
    }

    private static PlannedChange Change(int number, LibraryKey library)
    {
        var before = new WatchState
        {
            Position = TimeSpan.FromMinutes(number % 3 * 10),
            LastViewedAt = number % 3 == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + number),
            UserRating = number % 5 == 0 ? 7.5 : null,
        };
        var after = number % 2 == 0 ? before with { ViewCount = 1, Position = default }
            : before with { Position = TimeSpan.FromMinutes(45) };
        return new PlannedChange
        {
            Item = Item(number, before),
            Library = library,
            Action = PlannedChange.ActionOf(before, after),
            After = after,
            Reason = number % 2 == 0 ? ChangeReason.SourceWatched : ChangeReason.SourceInProgress,
            SourceViewedAt = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000 + number),
        };
    }

    private static MediaItem Item(int number, WatchState state) => new()
    {
        RatingKey = RatingKey.Parse($"{number}"),
        Type = MediaType.Movie,
        Title = $"Film \"{number}\" <[REC]>",
        Year = 1999,
        Duration = TimeSpan.FromMinutes(100),
        State = state,
        ExternalIds = [],
    };
}
