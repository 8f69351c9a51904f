using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>
/// Ratings travel where they are asked for, are read back with the target's own token, and are left alone where a server has only its
/// owner's.
/// </summary>
public abstract class RatingTests(StoreKind store)
{
    private const long Owner = 1001;
    private const long Kid = 1002;

    private static readonly SyncOptions WithRatings = new() { Ratings = true };

    [Fact]
    public async Task Rating_travels_with_the_state_and_by_itself_and_is_undone()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);

        var plan = await household.Synchronizer.PlanAsync(owner, kid, WithRatings);
        var report = await household.Synchronizer.ApplyAsync(plan, owner, kid, WithRatings);

        Assert.Equal(8, household.Server.State(Kid, "1").UserRating);
        Assert.Equal(6.5, household.Server.State(Kid, "2").UserRating);
        Assert.Equal(1, household.Server.State(Kid, "2").ViewCount);
        Assert.Equal(plan.Changes.Count, report.Verified);
        Assert.Empty((await household.Synchronizer.PlanAsync(owner, kid, WithRatings)).Changes);

        await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanUndoAsync(report.Run!.Value, kid), kid);

        Assert.Equal(3, household.Server.State(Kid, "1").UserRating);
        Assert.Null(household.Server.State(Kid, "2").UserRating);
    }

    [Fact]
    public async Task Rating_stays_where_it_is_not_asked_for()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);

        await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanAsync(owner, kid), owner, kid);

        Assert.Equal(3, household.Server.State(Kid, "1").UserRating);
    }

    [Theory]
    [InlineData("copy", 8.0, 6.5, 4.0)]
    [InlineData("fill", 3.0, 6.5, 4.0)]
    [InlineData("furthest", 8.0, 6.5, 4.0)]
    [InlineData("newest", 3.0, 6.5, 4.0)]
    [InlineData("mirror", 8.0, 6.5, null)]
    public async Task Rating_follows_the_policy(string policy, double? both, double? onlySource, double? onlyTarget)
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        var options =
            new SyncOptions { Ratings = true, Policy = ConflictPolicies.All.Single(known => known.Name == policy), MaxRemovals = 100 };

        await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanAsync(owner, kid, options), owner, kid, options);

        Assert.Equal((both, onlySource, onlyTarget), (
            household.Server.State(Kid, "1").UserRating,
            household.Server.State(Kid, "2").UserRating,
            household.Server.State(Kid, "6").UserRating));
        Assert.Empty((await household.Synchronizer.PlanAsync(owner, kid, options)).Changes);
    }

    [Fact]
    public async Task Ratings_are_left_alone_after_the_first_when_the_server_answers_with_its_owners()
    {
        await using var household = await StartAsync();
        household.Server.Switches.SharedRatingsAreOwners = true;
        var owner = await household.Session.ConnectAsync();
        var (kid, teen) = (await household.Session.SwitchAsync(owner, "Kid"), await household.Session.SwitchAsync(owner, "Teen", "4321"));
        household.Server.SetState(Owner, "1", new ItemState(1, 0, 1_700_000_000, 8, 1_700_000_000));
        household.Server.SetState(Owner, "6", new ItemState(UserRating: 5, LastRatedAt: 1_700_000_000));
        // What Kid is shown are the owner's ratings; the plan is one of somebody who meant others.
        var plan = await household.Synchronizer.PlanAsync(kid, teen, WithRatings);
        plan = plan with
        {
            Changes = [.. ((string[])["1", "2", "6"]).Select(key => Rated(household, key, 9))],
        };

        var report = await household.Synchronizer.ApplyAsync(plan, kid, teen, WithRatings);

        Assert.All(
            report.Results, result => Assert.Equal((ChangeOutcome.Skipped, SkipReason.OwnersRating), (result.Outcome, result.SkipReason)));
        Assert.Equal(1, household.Session.Plex.Requests.All.Count(request => request.Path == "/:/rate"));
        Assert.Equal(8, household.Server.State(Owner, "1").UserRating);
    }

    private static PlannedChange Rated(Household household, string key, double rating)
    {
        var shown = household.Server.State(Owner, key).UserRating;
        var item = new MediaItem
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Movie,
            Title = $"Movie {key}",
            Year = 2000 + int.Parse(key, System.Globalization.CultureInfo.InvariantCulture),
            Duration = TimeSpan.FromMinutes(100),
            State = new WatchState { UserRating = shown },
        };
        return new PlannedChange
        {
            Item = item,
            Library = LibraryKey.Parse("1"),
            Action = ChangeAction.Rating,
            After = item.State with { UserRating = rating },
            Reason = ChangeReason.SourceRated,
        };
    }

    private async Task<Household> StartAsync()
    {
        var household = await Household.StartAsync(Worlds.Small(), store);
        household.Server.SetState(Owner, "1", new ItemState(1, 0, 1_700_000_000, 8, 1_700_000_000));
        household.Server.SetState(Kid, "1", new ItemState(1, 0, 1_700_000_000, 3, 1_710_000_000));
        household.Server.SetState(Owner, "2", new ItemState(1, 0, 1_700_000_000, 6.5, 1_700_000_000));
        household.Server.SetState(Kid, "6", new ItemState(UserRating: 4, LastRatedAt: 1_700_000_000));
        return household;
    }

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Household household)
    {
        var owner = await household.Session.ConnectAsync();
        return (owner, await household.Session.SwitchAsync(owner, "Kid"));
    }
}

public sealed class FileStoreRatingTests() : RatingTests(StoreKind.Files);

public sealed class MemoryStoreRatingTests() : RatingTests(StoreKind.Memory);
