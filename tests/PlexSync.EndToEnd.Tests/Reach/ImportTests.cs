using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>What a history outside of Plex says comes to the user it is of: found by key, else by identifiers; and it only adds.</summary>
public sealed class ImportTests
{
    private const int Minute = 60_000;

    [Fact]
    public async Task Ten_thousand_rows_are_imported_once()
    {
        var world = Worlds.Small();
        var tautulli = world.Tautulli = new SimulatedTautulli();
        var items = world.Server.Libraries.SelectMany(library => library.Items).ToList();
        for (var row = 0; row < 10_000; row++)
        {
            tautulli.Add(TautulliRow.Of(world.User(row % 2 == 0 ? "Kid" : "Teen"), items[row / 2 % items.Count]) with
            {
                Stopped = 1_700_000_000 + row,
            });
        }

        await using var session = await Session.StartAsync(world);
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var states = await ReadAsync(session, kid);
        var report = await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanImportAsync(states, kid), kid);

        // Only Kid's rows were asked for, in pages of 1000.
        Assert.Equal(5, session.Plex.Requests.All.Count(request => request.Role == "tautulli"));
        Assert.Equal((5000L, items.Count), (states.Entries, states.Items.Count));
        // Movie 10 is hidden from Kid, and 1 was watched.
        Assert.Equal(items.Count - 2, report.Count(ChangeOutcome.Applied));
        Assert.Equal(("import", 0), (report.Plan.Policy, report.Plan.Removals));
        Assert.Equal([("10", SkipReason.NoMatch)], Skipped(report.Plan));
        Assert.All(items.Where(item => item.RatingKey != "10"), item =>
            Assert.Equal(1, session.Simulated.State(session.Kid, item.RatingKey).ViewCount));

        session.Plex.Requests.Clear();
        var second = await session.Synchronizer.PlanImportAsync(await ReadAsync(session, kid), kid);

        Assert.Empty(second.Changes);
        Assert.Equal(0, session.Plex.Requests.Writes);
        Assert.InRange(session.Plex.Requests.All.Count(request => request.Role != "tautulli"), 1, 5);
    }

    [Fact]
    public async Task What_was_watched_first_is_written_first_and_an_undo_takes_it_back()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        using var store = new TestStore(StoreKind.Memory);
        var synchronizer = new WatchStateSynchronizer(store.Open());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var states = Of(
            Movie(session, "3") with { LastViewedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_300) },
            Movie(session, "2") with { LastViewedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_200) });

        var report = await synchronizer.ApplyAsync(await synchronizer.PlanImportAsync(states, kid), kid);
        await synchronizer.ApplyAsync(await synchronizer.PlanUndoAsync(report.Run!.Value, kid), kid);

        Assert.Equal(["2", "3"], report.Results.Select(result => result.Change.Item.RatingKey.ToString()));
        Assert.Equal(0, session.Simulated.State(session.Kid, "2").ViewCount);
        Assert.Equal(0, session.Simulated.State(session.Kid, "3").ViewCount);
    }

    [Fact]
    public async Task History_of_nobody_s_account_can_be_taken_back_too()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        using var store = new TestStore(StoreKind.Files);
        var synchronizer = new WatchStateSynchronizer(store.Open());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var states = new ImportedStates { Items = [Movie(session, "2")], User = new UserReference(default, "Local") };

        var report = await synchronizer.ApplyAsync(await synchronizer.PlanImportAsync(states, kid), kid);
        var undo = await new WatchStateSynchronizer(store.Open()).PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal(("Local", kid.User.Id), (report.Plan.Source.Title, report.Plan.Source.Id));
        Assert.Equal("2", Assert.Single(undo.Changes).Item.RatingKey.ToString());
    }

    [Fact]
    public async Task A_key_that_belongs_to_another_item_now_hits_nobody_elses()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var three = session.Simulated.Item("3");

        var plan = await session.Synchronizer.PlanImportAsync(
            Of(
                // The library was rebuilt: what 2 was is 3 now, and its guid finds it.
                Movie(session, "2") with { PlexGuid = three.PrimaryGuid, ExternalIds = [], Title = "Movie 2" },
                // This one is gone; its old key has another guid.
                Movie(session, "4") with { PlexGuid = "plex://movie/5d77682aeb5d26001f1e0000", ExternalIds = [] },
                // No guid, and another title.
                new ImportedState { RatingKey = RatingKey.Parse("5"), Type = MediaType.Movie, Title = "Another", ViewCount = 1 },
                // The same title of another year.
                Movie(session, "6") with { PlexGuid = null, Year = 1922 },
                // An episode where a movie is.
                new ImportedState { RatingKey = RatingKey.Parse("7"), Type = MediaType.Episode, Title = "Movie 7", ViewCount = 1 }),
            kid);

        Assert.Equal("3", Assert.Single(plan.Changes).Item.RatingKey.ToString());
        Assert.Equal(
            [
                ("4", SkipReason.NotSameItem), ("5", SkipReason.NotSameItem), ("6", SkipReason.NotSameItem),
                ("7", SkipReason.NotSameItem),
            ],
            Skipped(plan));
    }

    [Fact]
    public async Task Items_are_found_by_any_of_their_identifiers_and_in_every_copy()
    {
        await using var session = await Session.StartAsync(Worlds.Twins());
        var owner = await session.ConnectAsync();
        session.Simulated.SetState(session.World.Owner, "1", ItemState.None);
        var imdb = session.Simulated.Item("1").Guids.First(guid => guid.StartsWith("imdb://", StringComparison.Ordinal));

        var plan = await session.Synchronizer.PlanImportAsync(
            Of(
                new ImportedState { Type = MediaType.Movie, ExternalIds = [imdb], ViewCount = 1 },
                // Of another server.
                new ImportedState { Type = MediaType.Movie, PlexGuid = "plex://movie/5d77682aeb5d26001f1e0001", ViewCount = 1 },
                // The same number of another kind.
                new ImportedState { Type = MediaType.Episode, ExternalIds = [imdb], ViewCount = 1 }),
            owner);

        Assert.Equal(["1", "21"], plan.Changes.Select(change => change.Item.RatingKey.ToString()));
        Assert.Equal([SkipReason.NoMatch, SkipReason.NoMatch], plan.Skipped.Select(skipped => skipped.Reason));
    }

    [Fact]
    public async Task Entries_about_one_item_count_together_however_many_they_are()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var imdb = session.Simulated.Item("6").Guids.First(guid => guid.StartsWith("imdb://", StringComparison.Ordinal));
        var entries = Enumerable.Range(0, 30).Select(at => new ImportedState
        {
            Type = MediaType.Movie,
            Title = $"Viewing {at}",
            ExternalIds = [imdb],
            ViewCount = at == 7 ? 1 : 0,
            Percent = at,
        });

        var plan = await session.Synchronizer.PlanImportAsync(Of([.. entries]), owner);

        Assert.Equal(["6"], plan.Changes.Select(change => change.Item.RatingKey.ToString()));
        Assert.Empty(plan.Skipped);
    }

    /// <summary>The played threshold is 90 %, movies have 100 minutes.</summary>
    [Theory]
    [InlineData(89, false, null, SkipReason.PositionApproximate)]
    [InlineData(90, false, ChangeAction.Watched, null)]
    [InlineData(100, false, ChangeAction.Watched, null)]
    [InlineData(89, true, ChangeAction.Progress, null)]
    [InlineData(40, true, ChangeAction.Progress, null)]
    [InlineData(1, true, null, SkipReason.PositionTooShort)]
    [InlineData(1, false, null, SkipReason.PositionTooShort)]
    [InlineData(0, true, null, null)]
    public async Task Percentages_around_the_threshold(int percent, bool positions, ChangeAction? action, SkipReason? skipped)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var options = new ImportOptions { ApproximatePositions = positions };

        var plan = await session.Synchronizer.PlanImportAsync(
            Of(Movie(session, "2") with { ViewCount = 0, Percent = percent }), kid, options);

        Assert.Equal(action, plan.Changes.SingleOrDefault()?.Action);
        Assert.Equal(skipped, plan.Skipped.SingleOrDefault()?.Reason);
        if (action is ChangeAction.Progress)
        {
            Assert.Equal(TimeSpan.FromMinutes(percent), plan.Changes[0].After.Position);
            Assert.Equal(ChangeReason.ApproximatePosition, plan.Changes[0].Reason);
            await session.Synchronizer.ApplyAsync(plan, kid);
            Assert.Equal(percent * Minute, session.Simulated.State(session.Kid, "2").ViewOffset);
            var states = Of(Movie(session, "2") with { ViewCount = 0, Percent = percent + 0.9 });
            Assert.Empty((await session.Synchronizer.PlanImportAsync(states, kid, options)).Changes);
        }
    }

    [Fact]
    public async Task Exact_positions_follow_and_never_move_back()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.SetState(session.Kid, "3", new ItemState(ViewOffset: 30 * Minute));
        session.Simulated.SetState(session.Kid, "4", new ItemState(ViewOffset: 10 * Minute));
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var plan = await session.Synchronizer.PlanImportAsync(
            Of(
                At("1", 50), // watched
                At("3", 20),
                At("4", 20),
                At("5", 95)),
            kid);

        var change = Assert.Single(plan.Changes);
        Assert.Equal(("4", TimeSpan.FromMinutes(20)), (change.Item.RatingKey.ToString(), change.After.Position));
        Assert.Equal(ChangeReason.SourceInProgress, change.Reason);
        Assert.Equal([("5", SkipReason.PositionNearEnd)], Skipped(plan));

        ImportedState At(string key, int minutes) =>
            Movie(session, key) with { ViewCount = 0, Position = TimeSpan.FromMinutes(minutes) };
    }

    [Fact]
    public async Task A_library_that_cannot_be_read_is_named_and_what_may_be_in_it_is_not_said_to_be_missing()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        session.Plex.Faults.On("/library/sections/1/all").Status(500);

        var plan = await session.Synchronizer.PlanImportAsync(Of(Movie(session, "2"), Movie(session, "13")), kid);

        Assert.Equal("13", Assert.Single(plan.Changes).Item.RatingKey.ToString());
        Assert.NotNull(plan.Libraries.Single(library => library.Library.Title == "Movies").Error);
        Assert.Empty(plan.Skipped);
    }

    [Fact]
    public async Task A_plan_of_an_import_survives_its_file()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var plan = await session.Synchronizer.PlanImportAsync(
            Of(Movie(session, "2"), new ImportedState { Type = MediaType.Movie, PlexGuid = "plex://movie/1", ViewCount = 1 }), kid);
        using var file = new MemoryStream();
        await plan.WriteAsync(file);
        file.Position = 0;

        var read = await SyncPlan.ReadAsync(file);
        var report = await session.Synchronizer.ApplyAsync(read, kid);

        Assert.Equal(SkipReason.NoMatch, Assert.Single(read.Skipped).Reason);
        Assert.Equal(1, report.Count(ChangeOutcome.Applied));
    }

    private static async Task<ImportedStates> ReadAsync(Session session, PlexServer user)
    {
        using var http = new HttpClient(PlexClient.CreateHttpHandler());
        var options = new TautulliOptions { Address = session.Plex.TautulliUrl, ApiKey = session.World.Tautulli!.ApiKey };
        return await new TautulliClient(http, options).ReadHistoryAsync($"id:{user.User.Id}");
    }

    private static ImportedStates Of(params ImportedState[] items) => new() { Items = items };

    private static ImportedState Movie(Session session, string key)
    {
        var item = session.Simulated.Item(key);
        return new ImportedState
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Parse(item.Type),
            Title = item.Title,
            PlexGuid = item.PrimaryGuid,
            ViewCount = 1,
        };
    }

    private static List<(string, SkipReason)> Skipped(SyncPlan plan) =>
        plan.Skipped.Select(skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason)).ToList();
}
