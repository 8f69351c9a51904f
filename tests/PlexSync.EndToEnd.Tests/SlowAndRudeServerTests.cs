using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>Servers that are slow, rude or damaged in the middle of a run.</summary>
public sealed class SlowAndRudeServerTests
{
    private static readonly ChangeReason Because = ChangeReason.Parse("because");

    [Theory]
    [InlineData("99999999")]
    [InlineData("3600")]
    [InlineData("Fri, 31 Dec 2100 23:59:59 GMT")]
    public async Task Run_ends_with_a_report_when_the_server_asks_to_wait_for_very_long(string retryAfter)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        session.Plex.Faults.On("/:/scrobble").Times(1).Status(503, headers: ("Retry-After", retryAfter));

        var report = await session.SyncAsync();

        Assert.Equal(PlexErrorKind.Unavailable, report.Error?.Kind);
        Assert.True(report.Error?.RetryAfter > TimeSpan.FromMinutes(59));
    }

    [Fact]
    public async Task Report_of_the_first_target_survives_what_goes_wrong_with_the_second()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var plans = await session.Synchronizer.PlanAsync(owner, [kid, teen]);
        session.Plex.Faults.On("/:/scrobble").By(session.World.User("Teen")).Status(401);

        var reports = await session.Synchronizer.ApplyAsync(plans, [owner, kid, teen]);

        Assert.Null(reports[0].Error);
        Assert.Equal(PlexErrorKind.InvalidToken, reports[1].Error?.Kind);
    }

    [Theory]
    [InlineData("gzip", 200)]
    [InlineData("br", 200)]
    [InlineData("deflate", 200)]
    [InlineData("gzip", 500)]
    public async Task Run_survives_an_answer_that_does_not_unpack(string encoding, int status)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        var damaged = FaultRule.On(request => request.Path is "/:/scrobble" or "/library/sections/2/all");
        session.Plex.Faults.Add(damaged.Times(2).Status(
            status, "no compressed body at all", afterEffect: true, ("Content-Encoding", encoding), ("Content-Type", "application/json")));

        var report = await session.SyncAsync();

        Assert.Null(report.Error);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Fact]
    public async Task Item_that_the_target_watched_meanwhile_is_not_marked_again_when_the_server_is_slow()
    {
        var world = Worlds.Lifelike();
        await using var plex = await PlexSimulator.StartAsync(world);
        var clock = new Clock();
        using var http =
            new HttpClient(new Tap(
                request => clock.Advance(request.RequestUri!.AbsolutePath == "/:/scrobble" ? TimeSpan.FromSeconds(20) : TimeSpan.Zero)));
        var client = new PlexClient(
            http, new PlexClientOptions { ClientIdentifier = "slow", AccountUrl = plex.AccountUrl, MaxConcurrency = 1 },
            timeProvider: clock);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var synchronizer = new WatchStateSynchronizer();
        var plan = await synchronizer.PlanAsync(owner, kid);
        var marks = plan.Changes.Where(change => change.Action is ChangeAction.Watched && !change.Before.IsInProgress).Take(60).ToList();
        var last = marks[^1].Item.RatingKey.ToString();
        var watching = new Progress(progress =>
        {
            if (progress is { Phase: SyncPhase.Writing, Done: 12 })
            {
                world.Server.SetState(world.User("Kid"), last, new ItemState(1, 0, 1_790_000_000));
            }
        });

        var report = await synchronizer.ApplyAsync(plan with { Changes = marks }, owner, kid, progress: watching);

        Assert.Equal(1, world.Server.State(world.User("Kid"), last).ViewCount);
        Assert.Equal(SkipReason.AlreadyDone, report.Results[^1].SkipReason);
        Assert.Equal(marks.Count - 1, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Item_that_the_target_watched_while_its_write_waited_for_its_turn_is_not_marked_again()
    {
        var world = Worlds.Small();
        await using var plex = await PlexSimulator.StartAsync(world);
        var clock = new Clock();
        Func<RatingKey, Task> mark = null!;
        Task? another = null;
        using var http = new HttpClient(new Tap(request =>
        {
            if (another is null && request.RequestUri!.AbsolutePath == "/:/scrobble")
            {
                // The only place is taken as soon as this write has left it, before the next change of the run can ask for it.
                another = mark(RatingKey.Parse("7"));
            }
            else if (request.RequestUri!.Query.EndsWith("key=7", StringComparison.Ordinal))
            {
                world.Server.SetState(world.User("Kid"), "3", new ItemState(1, 0, 1_790_000_000));
                clock.Advance(TimeSpan.FromMinutes(3));
            }
        }));
        var options = new PlexClientOptions { ClientIdentifier = "slow", AccountUrl = plex.AccountUrl, MaxConcurrency = 1 };
        var client = new PlexClient(http, options, timeProvider: clock);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        mark = key => kid.MarkWatchedAsync(key);
        plex.Faults.On("/:/scrobble").And(static request => request["key"] == "7").Latency(TimeSpan.FromMilliseconds(50));
        var synchronizer = new WatchStateSynchronizer();
        var plan = await synchronizer.PlanAsync(owner, kid);
        var marks = plan.Changes.Where(static change => change.Item.RatingKey.ToString() is "2" or "3").ToList();

        var report = await synchronizer.ApplyAsync(plan with { Changes = marks }, owner, kid);
        await another!;

        Assert.Equal(
            [(ChangeOutcome.Applied, null), (ChangeOutcome.Skipped, SkipReason.AlreadyDone)],
            report.Results.Select(static result => (result.Outcome, result.SkipReason)));
        Assert.Equal(1, world.Server.State(world.User("Kid"), "3").ViewCount);
    }

    [Fact]
    public async Task Item_that_is_cut_off_between_its_two_marks_is_completed_by_the_next_run()
    {
        var time = new LeapingTime();
        var world = Worlds.Small(clock: time);
        world.Server.SetState(world.User("Kid"), "2", new ItemState(0, 600_000, 1_700_000_000));
        await using var plex = await PlexSimulator.StartAsync(world);
        var clock = new Clock { IsOutOfPatience = true };
        using var cancellation = new CancellationTokenSource();
        using var enough = new CancellationTokenSource();
        Func<RatingKey, Task> mark = null!;
        Task? another = null;
        using var http = new HttpClient(new Tap(request =>
        {
            if (request.RequestUri!.AbsolutePath == "/:/unscrobble")
            {
                another ??= mark(RatingKey.Parse("7"));
            }
            else if (request.RequestUri.Query.EndsWith("key=7", StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        }));
        var options = new PlexClientOptions { ClientIdentifier = "slow", AccountUrl = plex.AccountUrl, MaxConcurrency = 1 };
        var client = new PlexClient(http, options, timeProvider: clock);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        mark = key => kid.MarkWatchedAsync(key, enough.Token);
        plex.Faults.On("/:/scrobble").And(static request => request["key"] == "7").Together(2);
        using var store = new MemoryStore(clock);
        var synchronizer = new WatchStateSynchronizer(store);
        var plan = await synchronizer.PlanAsync(owner, kid);

        var stopped = await Assert.ThrowsAsync<SyncCanceledException>(
            () => synchronizer.ApplyAsync(plan, owner, kid, cancellationToken: cancellation.Token));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => another!);

        var cleared = world.Server.State(world.User("Kid"), "2");
        Assert.Equal((0, 0), (cleared.ViewCount, cleared.ViewOffset));
        var report = Assert.Single(stopped.Reports);
        var result = Assert.Single(report.Results, static result => result.Change.Item.RatingKey.ToString() == "2");
        Assert.Equal(ChangeOutcome.Unknown, result.Outcome);

        using var later = new HttpClient(PlexClient.CreateHttpHandler());
        client = new PlexClient(later, options, timeProvider: time);
        await synchronizer.SettleAsync(
            await new HomeUserSwitcher(client, account).SwitchAsync(await client.ConnectAsync(plex.ServerUrl, account), "Kid"));

        Assert.Equal(1, world.Server.State(world.User("Kid"), "2").ViewCount);
    }

    [Fact]
    public async Task Run_stops_when_every_write_fails_although_others_wait_so_long_that_their_items_are_read_again()
    {
        var world = Worlds.Lifelike();
        await using var plex = await PlexSimulator.StartAsync(world);
        var clock = new LeapingTime();
        using var http = new HttpClient(new Tap(
            request => clock.Leap(request.RequestUri!.AbsolutePath == "/:/scrobble" ? TimeSpan.FromSeconds(40) : TimeSpan.Zero)));
        var options = new PlexClientOptions
        {
            ClientIdentifier = "slow",
            AccountUrl = plex.AccountUrl,
            MaxConcurrency = 8,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        var client = new PlexClient(http, options, timeProvider: clock);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var failing = plex.Faults.On("/:/scrobble").Latency(TimeSpan.FromMilliseconds(20)).Status(500);
        var synchronizer = new WatchStateSynchronizer();
        var plan = await synchronizer.PlanAsync(owner, kid);
        var marks = plan.Changes.Where(static change => change is { Action: ChangeAction.Watched, Before.IsInProgress: false }).ToList();
        var written = 0;
        var progress = new Progress(progress =>
        {
            if (progress.Phase is SyncPhase.Settling)
            {
                written = failing.Hits;
                plex.Faults.On("/library/metadata/*").Status(401);
            }
        });

        var report = await synchronizer.ApplyAsync(plan with { Changes = marks }, owner, kid, progress: progress);

        Assert.Equal(PlexErrorKind.ServerError, report.Error?.Kind);
        Assert.InRange(written, 10, 18);
        Assert.InRange(marks.Count, 60, int.MaxValue);
    }

    [Fact]
    public async Task Item_that_the_target_watched_while_its_refused_mark_waited_is_not_marked_again()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        var watched = new ItemState(1, 0, null);
        session.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "2").Times(4).And(request =>
        {
            Watch(session, time, "2", watched);
            return true;
        }).Status(429, headers: ("Retry-After", "55"));

        var result = Of(await session.SyncAsync(), "2");

        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
        Assert.Equal((ChangeOutcome.Failed, PlexErrorKind.RateLimited), (result.Outcome, result.Error?.Kind));
    }

    [Fact]
    public async Task Item_that_the_target_began_while_its_failed_position_waited_is_left_to_them()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        var begun = new ItemState(0, 100_000, null);
        session.Plex.Faults.On("/:/timeline").And(static request => request["ratingKey"] == "4").Times(4).And(request =>
        {
            Watch(session, time, "4", begun);
            return true;
        }).Status(503, headers: ("Retry-After", "55"));

        var result = Of(await session.SyncAsync(), "4");

        Assert.Equal(100_000, session.Simulated.State(session.Kid, "4").ViewOffset);
        Assert.Equal((ChangeOutcome.Unknown, PlexErrorKind.Unavailable), (result.Outcome, result.Error?.Kind));
    }

    [Fact]
    public async Task Item_that_the_target_watched_while_other_lost_marks_were_repeated_is_not_marked_again()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: time));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        var marks = plan.Changes.Where(static change => change.After.IsWatched && change.Before == default).Take(5).ToList();
        var last = marks[^1].Item.RatingKey.ToString();
        var sent = 0;
        session.Plex.Faults.On("/:/scrobble").Times(9).And(_ =>
        {
            if (Interlocked.Increment(ref sent) == 6)
            {
                Watch(session, time, last, new ItemState(1, 0, null));
            }

            return true;
        }).Status(503, headers: ("Retry-After", "50"));

        await session.Synchronizer.ApplyAsync(plan with { Changes = marks }, owner, kid);

        Assert.Equal(9, sent);
        Assert.Equal(1, session.Simulated.State(session.Kid, last).ViewCount);
    }

    [Fact]
    public async Task Plan_dated_in_the_future_is_read_again()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 0, 1_750_000_000));

        await session.Synchronizer.ApplyAsync(plan with { CreatedAt = plan.CreatedAt.AddHours(5) }, owner, kid);

        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
    }

    [Fact]
    public async Task Run_stops_when_every_write_is_turned_away_to_another_address()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        var fault = session.Plex.Faults.On("/:/scrobble").Status(302, headers: ("Location", "http://portal.example/login"));

        var report = await session.SyncAsync();

        Assert.NotNull(report.Error);
        Assert.InRange(fault.Hits, 1, 40);
    }

    [Fact]
    public async Task Settling_stops_when_the_token_is_refused()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        var isSettling = false;
        session.Plex.Faults.On(request => request.Path == "/:/scrobble" && !Volatile.Read(ref isSettling)).WithProbability(0.3, 3)
            .Status(503);
        var refused = session.Plex.Faults.On(request => request.Path == "/:/scrobble" && Volatile.Read(ref isSettling)).Status(401);

        var report = await session.Synchronizer.ApplyAsync(
            plan, owner, kid, progress: new Progress(progress => isSettling |= progress.Phase is SyncPhase.Settling));

        Assert.InRange(refused.Hits, 1, 4);
        Assert.Equal(PlexErrorKind.InvalidToken, report.Error?.Kind);
    }

    [Fact]
    public async Task Positions_are_written_although_lost_marks_cannot_be_looked_up()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        session.Plex.Faults.On("/:/scrobble").Times(1).ResetAfter();
        session.Plex.Faults.On("/library/metadata/*").Status(500);

        var report = await session.SyncAsync();

        Assert.Equal(1, report.Count(ChangeOutcome.Unknown));
        Assert.Equal(7, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Lost_mark_on_an_item_that_vanishes_stays_unknown()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        session.Plex.Faults.On("/:/scrobble").And(request => request["key"] == "2").ResetAfter();
        session.Plex.Faults.On(request =>
        {
            if (request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal))
            {
                session.Simulated.Edit(server => server.Item("2").HiddenFrom.Add(session.Kid.Id));
            }

            return false;
        }).Status(500);

        var report = await session.SyncAsync();

        Assert.Equal(ChangeOutcome.Unknown, Of(report, "2").Outcome);
    }

    [Fact]
    public async Task Lost_unmark_that_never_happened_is_not_reported_applied()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), TimeSpan.FromMilliseconds(300));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 30 * 60_000, 1_600_000_000));
        var options =
            new SyncOptions { Policy = new Policy(context => context.ChangeTarget(context.Target with { Position = default }, Because)) };
        session.Plex.Faults.On("/:/unscrobble").Times(1).ResetBefore();

        var report = await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(owner, kid, options), owner, kid, options);

        Assert.Equal(ChangeOutcome.Applied, Of(report, "2").Outcome);
        Assert.Equal((1, 0), (session.Simulated.State(session.Kid, "2").ViewCount, session.Simulated.State(session.Kid, "2").ViewOffset));
    }

    [Theory]
    [InlineData(429, false)]
    [InlineData(404, true)]
    public async Task Change_that_was_begun_is_reported_failed_with_what_it_left(int status, bool vanishes)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), TimeSpan.FromSeconds(2));
        session.Simulated.SetState(session.Kid, "2", new ItemState(0, 55 * 60_000, 1_600_000_000));
        session.Plex.Faults.On(request =>
        {
            if (request.Path != "/:/scrobble" || request["key"] != "2")
            {
                return false;
            }

            if (vanishes)
            {
                session.Simulated.Edit(server => server.Item("2").HiddenFrom.Add(session.Kid.Id));
            }

            return true;
        }).Status(status);

        var result = Of(await session.SyncAsync(), "2");

        // Its position was cleared for the mark that then failed.
        Assert.Equal(ChangeOutcome.Failed, result.Outcome);
        Assert.Equal(default, result.StateAfterRun!.Value);
        Assert.Equal(ItemState.None, session.Simulated.State(session.Kid, "2"));
    }

    [Fact]
    public async Task Change_whose_mark_was_written_is_not_reported_untried_when_cancelled_before_its_position()
    {
        var world = Worlds.Small();
        await using var plex = await PlexSimulator.StartAsync(world);
        using var cancellation = new CancellationTokenSource();
        using var http = new HttpClient(new Tap(request =>
        {
            if (request.RequestUri!.AbsolutePath == "/:/unscrobble")
            {
                cancellation.Cancel();
            }
        }));
        var client = new PlexClient(http, new PlexClientOptions { ClientIdentifier = "cancelled", AccountUrl = plex.AccountUrl });
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        world.Server.SetState(world.User("Kid"), "4", new ItemState(3, 0, 1_600_000_000));
        var options = new SyncOptions
        {
            Policy = new Policy(context => context is { Source.IsInProgress: true, Source.IsWatched: false, Target.IsWatched: true }
                ? context.ChangeTarget(context.Source, Because)
                : context.Unchanged()),
        };
        var synchronizer = new WatchStateSynchronizer();
        var plan = await synchronizer.PlanAsync(owner, kid, options);

        var error = await Assert.ThrowsAsync<SyncCanceledException>(
            () => synchronizer.ApplyAsync(plan, owner, kid, options, cancellationToken: cancellation.Token));

        var result = Of(error.Reports[0], "4");
        Assert.Equal((ChangeOutcome.Failed, 0), (result.Outcome, result.StateAfterRun!.Value.ViewCount));
    }

    [Fact]
    public async Task Cancelled_run_throws_although_only_its_last_write_is_in_doubt()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), TimeSpan.FromSeconds(20));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        using var cancellation = new CancellationTokenSource();
        session.Plex.Faults.On(request =>
        {
            if (request.Path == "/:/scrobble")
            {
                cancellation.Cancel();
            }

            return request.Path == "/:/scrobble";
        }).Hang();

        var error = await Assert.ThrowsAsync<SyncCanceledException>(
            () => session.Synchronizer.ApplyAsync(
                plan with { Changes = [plan.Changes[0]] }, owner, kid, cancellationToken: cancellation.Token));

        Assert.Equal(ChangeOutcome.Unknown, Assert.Single(error.Reports[0].Results).Outcome);
    }

    [Fact]
    public async Task One_404_to_a_bulk_read_does_not_make_every_item_invisible()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        session.Plex.Faults.On("/library/metadata/*").Times(1).Status(404);

        var report = await session.Synchronizer.ApplyAsync(plan with { CreatedAt = plan.CreatedAt.AddMinutes(-3) }, owner, kid);

        Assert.Equal(plan.Changes.Count, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Same_target_twice_is_refused()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);

        await Assert.ThrowsAsync<ArgumentException>(() => session.Synchronizer.ApplyAsync([plan, plan], [owner, kid, kid]));
        var error = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.PlanAsync(owner, [kid, kid]));

        Assert.Equal(PlexErrorKind.SameUser, error.Kind);
        Assert.Empty(session.Simulated.Writes);
    }

    [Fact]
    public async Task Changes_are_in_the_order_of_the_sources_views_whatever_the_listings_order()
    {
        var world = Worlds.Small();
        world.Server.SetState(world.Owner, "2", new ItemState(1, 0, 1_779_999_999));
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();

        var plan = await session.Synchronizer.PlanAsync(owner, await session.SwitchAsync(owner, "Kid"));

        Assert.Equal("2", plan.Changes[^1].Item.RatingKey.ToString());
    }

    /// <summary>Kid views an item now.</summary>
    private static void Watch(Session session, LeapingTime time, string key, ItemState state) =>
        session.Simulated.SetState(session.Kid, key, state with { LastViewedAt = time.GetUtcNow().ToUnixTimeSeconds() });

    private static ChangeResult Of(SyncReport report, string key) =>
        Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == key);

    /// <summary>A clock that can be put forward and runs on; on a FakeTimeProvider the waits of a run would not end.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _ahead;

        /// <summary>Cuts off what is under way as soon as the run is cancelled.</summary>
        public bool IsOutOfPatience { get; init; }

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            return IsOutOfPatience ? new Impatient(timer) : timer;
        }

        private sealed class Impatient(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) =>
                timer.Change(dueTime == TimeSpan.FromSeconds(5) ? TimeSpan.Zero : dueTime, period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private sealed class Tap(Action<HttpRequestMessage> before) : DelegatingHandler(PlexClient.CreateHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            before(request);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Progress(Action<SyncProgress> report) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => report(value);
    }

    private sealed class Policy(Func<ConflictContext, Resolution> resolve) : IConflictPolicy
    {
        public string Name => "test";

        public Resolution Resolve(in ConflictContext context) => resolve(context);
    }
}
