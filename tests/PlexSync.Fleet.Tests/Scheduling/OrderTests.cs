using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Tests.Nodes;

namespace PlexSync.Fleet.Tests.Scheduling;

/// <summary>What people ask for is planned, looked at, carried out and taken back.</summary>
public sealed class OrderTests(PostgresServer postgres)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Order_is_planned_then_applied_then_taken_back()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 3);
        await using var node = await StartAsync(database, world);
        var director = node.Get<IFleetDirector>();

        var id = await director.PlanAsync("s0", "j0", Stopping);
        var planned = await WaitAsync(node, id, OrderState.Planned);
        var plan = Assert.Single(await node.Get<Orders>().ReadPlansAsync(id, Stopping));
        Assert.Equal((3, "Kid 1"), (plan.Changes.Count, plan.Target.Title));
        Assert.Null(planned.Run);
        Assert.Empty(world.Writes);

        Assert.True(await director.ApplyAsync(id, Stopping));
        Assert.False(await director.ApplyAsync(id, Stopping));
        var done = await WaitAsync(node, id, OrderState.Done);
        Assert.Equal(3, world.CountArrived());

        var undo = await director.PlanUndoAsync("s0", "j0", done.Run!.Value, Stopping);
        await WaitAsync(node, undo, OrderState.Planned);
        Assert.Equal(3, world.CountArrived());
        Assert.True(await director.ApplyAsync(undo, Stopping));
        await WaitAsync(node, undo, OrderState.Done);
        Assert.Equal(0, world.CountArrived());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Order_whose_node_is_killed_or_stopped_in_the_middle_is_ended_by_another(bool isKilled)
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 60);
        string[] settings = [.. world.Settings(), "--Fleet:Every=1.00:00:00"];
        await using var asking = await StartAsync(database, world);
        var scheduler = await asking.Get<Quartz.ISchedulerFactory>().GetScheduler(Stopping);
        await Eventually.IsTrueAsync(
            () => scheduler.Status is Quartz.SchedulerStatus.Running, Longest, () => "The scheduler does not start.");
        await scheduler.Standby(Stopping);
        using var first = await FleetProcess.StartAsync("one", database.ConnectionString, asking.KeyFolder, settings);
        var id = await asking.Get<IFleetDirector>().PlanAsync("s0", "j0", Stopping);
        await WaitAsync(asking, id, OrderState.Planned);
        Assert.True(await asking.Get<IFleetDirector>().ApplyAsync(id, Stopping));
        await Eventually.IsTrueAsync(() => world.Writes.Count >= 2, Longest, () => $"{first}");
        Assert.All(world.Writes, static write => Assert.Equal("one", write.Node));
        if (isKilled)
        {
            first.Kill();
        }
        else
        {
            Assert.Equal(0, await first.StopAsync());
        }

        Assert.True(world.CountArrived() < world.Whole);
        using var second = await FleetProcess.StartAsync("two", database.ConnectionString, asking.KeyFolder, settings);

        await WaitAsync(asking, id, OrderState.Done);
        Assert.Equal(world.Whole, world.CountArrived());
    }

    [Fact]
    public async Task Order_that_the_scheduler_never_heard_of_is_carried_out_when_a_node_starts()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 2);
        await using var node = await StartAsync(database, world);
        var orders = node.Get<Orders>();
        var planned = await node.Get<IFleetDirector>().PlanAsync("s0", "j0", Stopping);
        await WaitAsync(node, planned, OrderState.Planned);
        // As if the node that was asked had been killed right then.
        Assert.True(await orders.TryMoveAsync(planned, OrderState.Planned, OrderState.Applying, Stopping));
        var asked = await orders.AddAsync("s0", "j0", undoes: null, Stopping);

        await node.Get<FleetDirector>().ScheduleAllAsync(Stopping);

        await WaitAsync(node, planned, OrderState.Done);
        await WaitAsync(node, asked, OrderState.Planned);
        Assert.Equal(2, world.CountArrived());
    }

    [Fact]
    public async Task Order_that_was_put_away_cannot_be_applied()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 1);
        await using var node = await StartAsync(database, world);
        var director = node.Get<IFleetDirector>();
        var id = await director.PlanAsync("s0", "j0", Stopping);
        await WaitAsync(node, id, OrderState.Planned);

        Assert.True(await director.DiscardAsync(id, Stopping));
        Assert.False(await director.ApplyAsync(id, Stopping));
        Assert.Empty(world.Writes);
    }

    [Fact]
    public async Task Order_that_cannot_be_planned_says_why()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 1);
        await using var node = await RunningNode.StartAsync(
            database, [.. world.Settings(), "--Fleet:Servers:s0:Jobs:lost:To:0=Nobody", "--Fleet:Every=1.00:00:00"]);

        var id = await node.Get<IFleetDirector>().PlanAsync("s0", "lost", Stopping);

        var failed = await WaitAsync(node, id, OrderState.Failed);
        Assert.Contains("Nobody", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paused_job_is_not_run_and_has_no_next_run_until_it_is_resumed()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 2, watched: 1);
        await using var node = await StartAsync(database, world);
        var director = node.Get<IFleetDirector>();
        Assert.Equal(2, (await director.GetNextRunsAsync("s0", Stopping)).Count);

        await director.SetPausedAsync("s0", "j0", isPaused: true, Stopping);
        Assert.Equal(("s0", "j1"), Assert.Single(await director.GetNextRunsAsync(server: null, Stopping)).Key);
        await director.RunSoonAsync("s0", "j0", Stopping);
        await director.RunSoonAsync("s0", "j1", Stopping);
        await Eventually.IsTrueAsync(() => world.CountArrived() == 1, Longest, () => "j1 does not run.");

        await director.SetPausedAsync("s0", job: null, isPaused: false, Stopping);
        Assert.Equal(2, (await director.GetNextRunsAsync("s0", Stopping)).Count);
        await director.RunSoonAsync("s0", "j0", Stopping);
        await Eventually.IsTrueAsync(() => world.CountArrived() == 2, Longest, () => "j0 does not run.");
        var state = new JobState();
        await Eventually.IsTrueAsync(
            async () => (state = (await node.Get<ServerCatalogue>().FindAsync("s0", "j0", Stopping))!.Value.Job.State).EndedAt is not null,
            Longest,
            () => "It does not end.");
        Assert.Equal((1, null, 0), (state.Written, state.Error, state.Failures));
    }

    [Fact]
    public async Task Jobs_that_would_undo_each_others_work_are_refused()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 2, watched: 1);
        await using var node = await RunningNode.StartAsync(
            database,
            [
                .. world.Settings(), "--Fleet:Every=1.00:00:00", "--Fleet:Servers:s0:Jobs:loop:From=Kid 2",
                "--Fleet:Servers:s0:Jobs:loop:To:0=Kid 1",
            ]);
        var director = node.Get<IFleetDirector>();
        await director.RunSoonAsync("s0", "j0", Stopping);
        await Eventually.IsTrueAsync(() => world.CountArrived() == 1, Longest, () => "j0 does not run.");

        await director.RunSoonAsync("s0", "loop", Stopping);

        await Eventually.IsTrueAsync(
            async () => (await node.Get<ServerCatalogue>().FindAsync("s0", "loop", Stopping))!.Value.Job.State.ErrorKind == "JobsInLoop",
            Longest,
            () => "It is not refused.");
    }

    /// <summary>A node whose jobs run only when they are told to.</summary>
    private static Task<RunningNode> StartAsync(TestDatabase database, FleetWorld world) =>
        RunningNode.StartAsync(database, [.. world.Settings(), "--Fleet:Every=1.00:00:00"]);

    private static async Task<Order> WaitAsync(RunningNode node, long id, OrderState state)
    {
        Order? order = null;
        await Eventually.IsTrueAsync(
            async () => (order = await node.Get<Orders>().FindAsync(id, Stopping))?.State == state, Longest, () => $"{order}");
        return order!;
    }
}
