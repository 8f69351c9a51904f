using PlexSync.EndToEnd.Tests.Safety;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>A process that stays up for months has thousands of runs behind it.</summary>
public sealed class LongLifeTests
{
    private static readonly SyncOptions TwoWay = new() { Direction = SyncDirection.TwoWay, Policy = ConflictPolicies.Newest };

    [Fact]
    public async Task Record_of_each_run_is_read_once_however_many_runs_follow()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        using var memory = new MemoryStore();
        var store = new CountingStore(memory);
        var synchronizer = new WatchStateSynchronizer(store);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await RunAsync();

        for (var number = 6; number < 10; number++)
        {
            session.Simulated.Players.MarkWatched(number % 2 == 0 ? session.World.Owner : session.Kid, $"{number}");
            await RunAsync();
        }

        await RunAsync();
        Assert.Equal(5, (await store.ListRunsAsync()).Count);
        Assert.Equal(5, store.Read.Count);
        Assert.All(store.Read.Values, static times => Assert.Equal(1, times));

        async Task RunAsync() => await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, [kid], TwoWay), [owner, kid], TwoWay);
    }

    [Fact]
    public async Task What_a_run_wrote_after_another_one_was_killed_counts_once_both_are_over()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        using var store = new MemoryStore();
        var synchronizer = new WatchStateSynchronizer(store);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var first = await synchronizer.PlanAsync(owner, kid);
        await using (await store.BeginAsync([first]) is [var killed] ? killed : throw new InvalidOperationException())
        {
            // It is held until here, and was never completed.
        }

        var plans = await synchronizer.PlanAsync(owner, [kid], TwoWay);
        await synchronizer.ApplyAsync(plans, [owner, kid], TwoWay);

        Assert.Empty((await synchronizer.PlanAsync(owner, [kid], TwoWay)).SelectMany(static plan => plan.Changes));
        Assert.Empty((await new WatchStateSynchronizer(store).PlanAsync(owner, [kid], TwoWay)).SelectMany(static plan => plan.Changes));
    }

    private sealed class CountingStore(ISyncStore inner) : WrappedStore(inner)
    {
        public Dictionary<RunId, int> Read { get; } = [];

        public override Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default)
        {
            Read[run.Id] = Read.GetValueOrDefault(run.Id) + 1;
            return base.ReadRunAsync(run, cancellationToken);
        }
    }
}
