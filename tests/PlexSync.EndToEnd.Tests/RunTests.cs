using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>How a run goes: its order, its bounds, its end.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task Run_marks_before_it_positions_and_oldest_views_first()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);

        await session.Synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Equal(["2", "3", "4", "5", "13", "14", "15", "16"], plan.Changes.Select(change => change.Item.RatingKey.ToString()));
        var plays = session.Simulated.Writes;
        var lastMark = plays.Select((play, at) => (play, at)).Last(pair => pair.play.Kind is WriteKind.Scrobble).at;
        Assert.All(plays.Take(lastMark), play => Assert.NotEqual(WriteKind.Timeline, play.Kind));
    }

    [Fact]
    public async Task Run_reads_the_source_once_when_there_are_several_targets()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        session.Plex.Requests.Clear();

        var plans = await session.Synchronizer.PlanAsync(owner, [kid, teen]);
        var reports = await session.Synchronizer.ApplyAsync(plans, [owner, kid, teen]);

        Assert.Equal(
            2,
            session.Plex.Requests.All.Count(request => request.Path.EndsWith("/all", StringComparison.Ordinal) && request.UserId == 1001));
        Assert.Equal(["Kid", "Teen"], reports.Select(report => report.Plan.Target.Title));
        Assert.Equal(1, session.Simulated.State(1003, "1").ViewCount);
    }

    [Fact]
    public async Task Run_goes_from_one_home_user_to_another()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var teen = await session.SwitchAsync(owner, "Teen", "4321");

        await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(kid, teen), kid, teen);

        Assert.Equal(["1"], session.Simulated.StatesOf(session.World.User("Teen")).Keys);
    }

    [Fact]
    public async Task Run_reports_what_it_wrote_when_it_is_cancelled()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        using var cancellation = new CancellationTokenSource();
        var progress = new Callback(done => _ = done >= 10 && Cancel(cancellation));

        var error = await Assert.ThrowsAsync<SyncCanceledException>(
            () => session.Synchronizer.ApplyAsync(plan, owner, kid, progress: progress, cancellationToken: cancellation.Token));

        var report = Assert.Single(error.Reports);
        var applied = report.Results.Where(result => result.Outcome is ChangeOutcome.Applied)
            .Select(result => result.Change.Item.RatingKey.ToString());
        Assert.Equal(
            session.Simulated.Writes.Where(play => play.Kind is not WriteKind.Unscrobble).Select(play => play.RatingKey).Order(),
            applied.Order());
        Assert.InRange(applied.Count(), 10, plan.Changes.Count - 1);
        Assert.Equal(0, report.Count(ChangeOutcome.Unknown));
    }

    [Fact]
    public async Task Run_takes_a_refused_write_for_a_skip_when_the_item_is_no_longer_listed()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        session.Simulated.Edit(server => server.Item("2").HiddenFrom.Add(kid.User.Id.Value));
        session.Plex.Faults.On("/:/scrobble").And(request => request["key"] == "3").Status(403);

        var report = await session.Synchronizer.ApplyAsync(plan, owner, kid);

        var hidden = Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "2");
        Assert.Equal((ChangeOutcome.Skipped, SkipReason.NotVisibleToTarget), (hidden.Outcome, hidden.SkipReason));
        var refused = Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "3");
        Assert.Equal((ChangeOutcome.Failed, PlexErrorKind.Forbidden), (refused.Outcome, refused.Error?.Kind));
        Assert.Equal(6, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Run_reads_items_again_when_the_plan_is_older_than_two_minutes()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        session.Simulated.SetState(kid.User.Id.Value, "2", new ItemState(1, 0, 1_750_000_000));
        session.Plex.Requests.Clear();

        var report = await session.Synchronizer.ApplyAsync(plan with { CreatedAt = plan.CreatedAt.AddMinutes(-3) }, owner, kid);

        var changed = Assert.Single(report.Results, result => result.Outcome is ChangeOutcome.Skipped);
        Assert.Equal(("2", SkipReason.AlreadyDone), (changed.Change.Item.RatingKey.ToString(), changed.SkipReason));
        Assert.Equal(1, session.Simulated.State(kid.User.Id.Value, "2").ViewCount);
        Assert.Equal(7, report.Count(ChangeOutcome.Applied));
        // Before the marks, before the positions, and to verify.
        Assert.Equal(3, session.Plex.Requests.Reads);
    }

    [Fact]
    public async Task Run_writes_nothing_when_the_same_plan_is_applied_twice()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        await session.Synchronizer.ApplyAsync(plan, owner, kid);
        session.Simulated.ClearWrites();

        var report = await session.Synchronizer.ApplyAsync(plan with { CreatedAt = plan.CreatedAt.AddSeconds(1) }, owner, kid);

        Assert.Empty(session.Simulated.Writes);
        Assert.Equal(plan.Changes.Count, report.Count(ChangeOutcome.Skipped));
    }

    [Fact]
    public async Task Connect_finds_the_server_by_its_resource_when_other_addresses_are_dead_or_lead_elsewhere()
    {
        var world = Worlds.Small();
        var other = world.AddServer("Other", world.Owner.Id);
        await using var session = await Session.StartAsync(world);
        world.Server.ExtraConnections.Add(new SimulatedConnection(new Uri("http://127.0.0.1:9")));
        world.Server.ExtraConnections.Add(new SimulatedConnection(session.Plex.UrlOf(other)));
        var account = await session.Client.SignInAsync(world.Owner.AccountToken);
        var resource = (await session.Client.GetServersAsync(account)).Single(server => server.Name == world.Server.Name);

        var server = await session.Client.ConnectAsync(resource, account);

        Assert.Equal(session.Plex.ServerUrl, server.Address);
        Assert.DoesNotContain(session.Plex.Requests.All, request => request.Role == other.MachineIdentifier && request.Token is not null);
    }

    [Fact]
    public async Task Policy_of_ones_own_may_remove_only_within_the_limit()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        session.Simulated.SetState(1002, "6", new ItemState(1, 0, 1_700_000_000));
        session.Simulated.SetState(1002, "7", new ItemState(0, 30 * 60_000, 1_700_000_000));
        var options = new SyncOptions { Policy = new ClearWhatTheSourceHasNot(), MaxRemovals = 1 };
        var plan = await session.Synchronizer.PlanAsync(owner, kid, options);

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ApplyAsync(plan, owner, kid, options));

        Assert.Equal(PlexErrorKind.TooManyRemovals, error.Kind);
        Assert.Empty(session.Simulated.Writes);

        options.MaxRemovals = 2;
        await session.Synchronizer.ApplyAsync(plan, owner, kid, options);

        Assert.Equal(ItemState.None, session.Simulated.State(1002, "6"));
        Assert.Equal(ItemState.None, session.Simulated.State(1002, "7"));
        Assert.Empty((await session.Synchronizer.PlanAsync(owner, kid, options)).Changes);
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("mark")]
    [InlineData("restoreExact")]
    [InlineData("undo")]
    public async Task Policy_of_ones_own_cannot_pass_for_what_was_asked_for_by_name(string name)
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var movies = session.Simulated.Library("Movies").Items.Where(item => session.Simulated.Sees(session.Kid, item.RatingKey));
        foreach (var movie in movies.Take(30))
        {
            session.Simulated.SetState(session.World.Owner, movie.RatingKey, ItemState.None);
            session.Simulated.SetState(session.Kid, movie.RatingKey, new ItemState(1, 0, 1_700_000_000));
        }

        var options = new SyncOptions { Policy = new ClearWhatTheSourceHasNot(name, "marked") };
        var error = await Assert.ThrowsAsync<PlexException>(async () =>
            await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(owner, kid, options), owner, kid));

        Assert.Equal(name == "clear" ? PlexErrorKind.TooManyRemovals : PlexErrorKind.InvalidOption, error.Kind);
        Assert.Empty(session.Simulated.Writes);
    }

    private static bool Cancel(CancellationTokenSource cancellation)
    {
        cancellation.Cancel();
        return true;
    }

    private sealed class Callback(Action<int> report) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            if (value.Phase is SyncPhase.Writing)
            {
                report(value.Done);
            }
        }
    }

    private sealed class ClearWhatTheSourceHasNot(string name = "clear", string reason = "sourceEmpty") : IConflictPolicy
    {
        public string Name => name;

        public Resolution Resolve(in ConflictContext context) =>
            context.Source.IsEmpty ? context.ChangeTarget(default, ChangeReason.Parse(reason)) : context.Unchanged();
    }
}
