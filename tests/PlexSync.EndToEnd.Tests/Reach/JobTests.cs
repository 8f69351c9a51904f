using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>A job with its users is planned as its words say, and told apart from jobs that would undo its work.</summary>
public sealed class JobTests
{
    [Theory]
    [InlineData("To", 1)]
    [InlineData("Users", 2)]
    public async Task Job_is_planned_one_way_or_as_a_merge_and_applied_as_all_its_users(string form, int plans)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = form == "To" ? new SyncJob { To = ["Kid"] } : new SyncJob { Users = ["Owner", "Kid"] };
        var users = await ConnectAsync(session, job);

        var planned = await session.Synchronizer.PlanAsync(job, users);
        var reports = await session.Synchronizer.ApplyAsync(planned, users.All);

        Assert.Equal(plans, planned.Count);
        Assert.All(reports, static report => Assert.Equal(report.Plan.Changes.Count, report.Verified));
        Assert.Null(SyncReport.FindError(reports));
        Assert.All(await session.Synchronizer.PlanAsync(job, users), static plan => Assert.Empty(plan.Changes));
    }

    [Fact]
    public async Task Options_that_are_given_count_instead_of_those_of_the_job()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = new SyncJob { To = ["Kid"] };
        var users = await ConnectAsync(session, job);

        var plan = Assert.Single(await session.Synchronizer.PlanAsync(job, users, new SyncOptions { Policy = ConflictPolicies.Fill }));

        Assert.Equal("fill", plan.Policy);
    }

    [Theory]
    [InlineData("any", "1 2")]
    [InlineData("Movies", "1")]
    [InlineData("!Movies", "2")]
    [InlineData("type", "1")]
    public async Task Route_has_the_libraries_that_the_job_chooses(string choice, string keys)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = new SyncJob
        {
            To = ["Kid"],
            Libraries = choice is "any" or "type" ? [] : [choice],
            Types = choice == "type" ? ["movie"] : [],
        };
        var users = await ConnectAsync(session, job);

        var route = await SyncRoute.ReadAsync(job, users, TestContext.Current.CancellationToken);

        Assert.Equal((users.Source.ServerUser, users.Targets[0].ServerUser), (route.Source, Assert.Single(route.Targets)));
        Assert.Equal(keys, string.Join(' ', route.Libraries!.OrderBy(static key => $"{key}")));
    }

    [Fact]
    public async Task Jobs_of_different_types_are_no_loop()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var movies = new SyncJob { To = ["Kid"], Types = ["movie"] };
        var rest = new SyncJob { From = "Teen", To = ["Kid"], Types = ["episode"] };
        SyncRoute[] routes =
        [
            await SyncRoute.ReadAsync(movies, await ConnectAsync(session, movies)),
            await SyncRoute.ReadAsync(rest, await ConnectAsync(session, rest)),
        ];

        Assert.Null(SyncRoute.FindLoop(routes));
        Assert.NotNull(SyncRoute.FindLoop([.. routes.Select(static route => route with { Libraries = null })]));
    }

    [Fact]
    public async Task Route_of_a_library_that_is_not_there_is_refused()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = new SyncJob { To = ["Kid"], Libraries = ["Nowhere"] };
        var users = await ConnectAsync(session, job);

        var refused = await Assert.ThrowsAsync<PlexException>(() => SyncRoute.ReadAsync(job, users));

        Assert.Equal((PlexErrorKind.LibraryNotFound, "Nowhere"), (refused.Kind, refused.Subject));
    }

    [Fact]
    public async Task Run_that_read_nothing_says_what_kept_it_and_one_that_read_something_has_no_error()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = new SyncJob { To = ["Kid"] };
        var users = await ConnectAsync(session, job);
        var failing = session.Plex.Faults.On("/library/sections/1/all").Status(500);
        var some = await RunAsync();
        session.Plex.Faults.On("/library/sections/2/all").Status(500);

        var none = await RunAsync();

        Assert.True(failing.Hits > 0);
        Assert.Null(SyncReport.FindError(some));
        Assert.Equal(PlexErrorKind.ServerError, SyncReport.FindError(none)?.Kind);

        async Task<IReadOnlyList<SyncReport>> RunAsync() =>
            await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(job, users), users.All);
    }

    private static Task<JobUsers> ConnectAsync(Session session, SyncJob job) =>
        new JobConnector(
            session.Client, _ => Task.FromResult(session.World.Owner.AccountToken), new Dictionary<string, string> { ["Teen"] = "4321" })
            .ConnectAsync(job);
}
