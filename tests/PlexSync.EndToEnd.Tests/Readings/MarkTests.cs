using PlexSync.EndToEnd.Tests.Safety;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Readings;

/// <summary>Marks made by hand go leaf by leaf through a plan, are kept, and can be undone.</summary>
public abstract class MarkTests(StoreKind kind) : StoreTests(kind)
{
    private static readonly RatingKey Show = RatingKey.Parse("11");

    [Fact]
    public async Task A_show_is_marked_watched_episode_by_episode_and_no_view_is_counted_twice()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var before = session.Simulated.StatesOf(session.World.Owner);

        var plan = await Synchronizer.PlanMarkAsync(owner, [Show], Mark.Watched);
        var report = await Synchronizer.ApplyAsync(plan, owner);
        var again = await Synchronizer.PlanMarkAsync(owner, [Show], Mark.Watched);

        Assert.Equal(["16", "17", "19", "20", "21", "22", "23"], plan.Changes.Select(static change => $"{change.Item.RatingKey}"));
        Assert.All(plan.Changes, static change => Assert.Equal(ChangeReason.Marked, change.Reason));
        Assert.Equal("TV Shows", Assert.Single(plan.Libraries).Library.Title);
        Assert.Equal((7, 7), (report.Count(ChangeOutcome.Applied), report.Verified));
        Assert.All(
            session.Simulated.Library("TV Shows").Items,
            item => Assert.Equal((1, 0), (State(session, item).ViewCount, State(session, item).ViewOffset)));
        Assert.Empty(again.Changes);

        await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(report.Run!.Value, owner), owner);

        Assert.Equal(Views(before), Views(session.Simulated.StatesOf(session.World.Owner)));

        static IEnumerable<(string, int, long)> Views(IReadOnlyDictionary<string, ItemState> states) =>
            states.Select(static pair => (pair.Key, pair.Value.ViewCount, pair.Value.ViewOffset)).Order();
    }

    [Fact]
    public async Task A_season_and_a_movie_are_marked_unwatched_whatever_the_limit_and_within_one_that_is_set()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var keys = new[] { RatingKey.Parse("12"), RatingKey.Parse("3"), RatingKey.Parse("13") };

        var plan = await Synchronizer.PlanMarkAsync(owner, keys, Mark.Unwatched);
        var refused = await Assert.ThrowsAsync<PlexException>(
            () => Synchronizer.ApplyAsync(plan, owner, new SyncOptions { MaxRemovals = 4 }));
        await Synchronizer.ApplyAsync(plan, owner);

        Assert.Equal(["13", "14", "15", "16", "3"], plan.Changes.Select(static change => $"{change.Item.RatingKey}"));
        Assert.Equal(5, plan.Removals);
        Assert.Equal(PlexErrorKind.TooManyRemovals, refused.Kind);
        Assert.All(keys.Skip(1), key => Assert.Equal(ItemState.None, session.Simulated.State(session.World.Owner, $"{key}")));
    }

    [Fact]
    public async Task Items_that_the_server_sends_in_smaller_numbers_than_asked_are_all_marked()
    {
        var world = Worlds.Small();
        world.Server.Switches.MaxPageSize = 2;
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();

        var plan = await Synchronizer.PlanMarkAsync(
            owner, [.. Enumerable.Range(1, 10).Select(static key => RatingKey.Parse($"{key}"))], Mark.Watched);

        Assert.Equal(["4", "6", "7", "8", "9", "10"], plan.Changes.Select(static change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task More_than_the_usual_limit_can_be_marked_unwatched_but_not_from_a_file()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var owner = await session.ConnectAsync();
        var watched = session.Simulated.StatesOf(session.World.Owner).Where(static pair => pair.Value.IsWatched)
            .Select(static pair => RatingKey.Parse(pair.Key)).Take(30).ToList();
        var plan = await Synchronizer.PlanMarkAsync(owner, watched, Mark.Unwatched);
        using var file = new MemoryStream();
        await plan.WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        var read = await SyncPlan.ReadAsync(file, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync(read, owner));
        var report = await Synchronizer.ApplyAsync(plan, owner);

        Assert.Equal(PlexErrorKind.TooManyRemovals, refused.Kind);
        Assert.Equal(30, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task What_is_unwatched_by_hand_travels_as_the_users_own_doing()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var both = new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true };
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], both), [owner, kid], both);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanMarkAsync(kid, [RatingKey.Parse("13")], Mark.Unwatched), kid);

        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], both), [owner, kid], both);

        Assert.Equal(ItemState.None, session.Simulated.State(session.World.Owner, "13"));
        Assert.Equal(ItemState.None, session.Simulated.State(session.Kid, "13"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task What_a_killed_run_unwatched_by_hand_travels_too_and_the_rest_stays(int point)
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        var both = new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true };
        var (owner, kill) = (await session.ConnectAsync(), new Kill(point));
        var kid = await session.SwitchAsync(owner, "Kid");
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], both), [owner, kid], both);
        await MarkAndDieAsync(session, kill, [RatingKey.Parse("1"), RatingKey.Parse("2"), RatingKey.Parse("13")]);
        await Synchronizer.SettleAsync(kid);
        var settled = session.Simulated.StatesOf(session.Kid).Where(static pair => pair.Value.IsWatched)
            .Select(static pair => pair.Key).ToHashSet();

        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], both), [owner, kid], both);

        foreach (var key in (string[])["1", "2", "13"])
        {
            Assert.Equal(settled.Contains(key), session.Simulated.State(session.Kid, key).IsWatched);
            Assert.Equal(settled.Contains(key), session.Simulated.State(session.World.Owner, key).IsWatched);
        }
    }

    /// <summary>Marks items unwatched for Kid in a process that ends at one of its points.</summary>
    private async Task MarkAndDieAsync(Session session, Kill kill, IReadOnlyList<RatingKey> items)
    {
        using var http = new HttpClient(new Killable(kill));
        var client = new PlexClient(
            http,
            new PlexClientOptions { ClientIdentifier = "doomed", AccountUrl = session.Plex.AccountUrl, MaxRetries = 0 },
            timeProvider: session.World.Clock);
        var account = await client.SignInAsync(session.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(session.Plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var doomed = new WatchStateSynchronizer(new KillableStore(Journal, kill));
        var plan = await doomed.PlanMarkAsync(kid, items, Mark.Unwatched);
        kill.IsArmed = true;
        try
        {
            await doomed.ApplyAsync(plan, kid);
        }
        catch (Exception e) when (e is IOException or PlexException)
        {
            // As meant.
        }

        Assert.True(kill.IsDead);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Newest_takes_a_mark_for_as_old_as_the_server_says_whatever_the_clock_here_says(int days)
    {
        var time = new LeapingTime();
        time.Leap(TimeSpan.FromDays(days));
        await using var session = await Session.StartAsync(Worlds.Small(), time: time);
        var newest = new SyncOptions { Direction = SyncDirection.TwoWay, Policy = ConflictPolicies.Newest };
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await Synchronizer.ApplyAsync(await Synchronizer.PlanMarkAsync(owner, [RatingKey.Parse("6")], Mark.Watched), owner);
        var marked = session.Simulated.State(session.World.Owner, "6").LastViewedAt!.Value;
        session.Simulated.SetState(session.Kid, "6", new ItemState(0, 30 * 60_000, marked + (days * 60)));

        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], newest), [owner, kid], newest);

        var position = days > 0 ? 30 * 60_000 : 0;
        Assert.Equal((1, position), Seen(session.World.Owner));
        Assert.Equal((1, position), Seen(session.Kid));

        (int, long) Seen(SimulatedUser user) =>
            (session.Simulated.State(user, "6").ViewCount, session.Simulated.State(user, "6").ViewOffset);
    }

    [Fact]
    public async Task What_the_user_plays_now_is_left_for_another_time()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        session.Simulated.Players.Play(session.World.Owner, "17", TimeSpan.FromMinutes(5));

        var plan = await Synchronizer.PlanMarkAsync(owner, [Show], Mark.Watched);

        Assert.Equal(("17", SkipReason.PlayedNow), plan.Skipped.Select(static one => ($"{one.Item.RatingKey}", one.Reason)).Single());
        Assert.DoesNotContain(plan.Changes, static change => $"{change.Item.RatingKey}" == "17");
    }

    [Fact]
    public async Task What_the_user_does_not_see_stops_it_before_anything_is_planned()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var failure = await Assert.ThrowsAsync<PlexException>(
            () => Synchronizer.PlanMarkAsync(kid, [RatingKey.Parse("1"), RatingKey.Parse("10")], Mark.Watched));

        Assert.Equal((PlexErrorKind.NotFound, "10"), (failure.Kind, failure.Subject));
    }

    [Fact]
    public async Task An_artist_is_marked_track_by_track()
    {
        await using var session = await Session.StartAsync(Worlds.Music());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var artist = await Synchronizer.PlanMarkAsync(kid, [RatingKey.Parse("24")], Mark.Watched);
        var album = await Synchronizer.PlanMarkAsync(kid, [RatingKey.Parse("25")], Mark.Watched);

        Assert.Equal((7, 3), (artist.Changes.Count, album.Changes.Count));
    }

    private static ItemState State(Session session, SimulatedItem item) => session.Simulated.State(session.World.Owner, item.RatingKey);
}

public sealed class FileStoreMarkTests() : MarkTests(StoreKind.Files);

public sealed class MemoryStoreMarkTests() : MarkTests(StoreKind.Memory);
