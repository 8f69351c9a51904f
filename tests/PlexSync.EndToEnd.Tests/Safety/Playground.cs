using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>One household for many cases: each begins with states, switches, faults and a journal of its own.</summary>
internal sealed class Playground : IAsyncDisposable
{
    private readonly Session _session;

    private Playground(Session session, PlexServer owner, PlexServer kid)
    {
        _session = session;
        Owner = owner;
        Kid = kid;
    }

    public PlexServer Owner { get; }

    public PlexServer Kid { get; }

    public SimulatedServer Server => _session.Simulated;

    /// <summary>This case's.</summary>
    public TestStore Store { get; private set; } = null!;

    public WatchStateSynchronizer Synchronizer { get; private set; } = null!;

    public SyncOptions Options { get; private set; } = null!;

    public static async Task<Playground> StartAsync()
    {
        var world = Worlds.Small();
        world.Server.Item("9").Duration = null;
        var session = await Session.StartAsync(world, time: new HurriedTime());
        var owner = await session.ConnectAsync();
        return new Playground(session, owner, await session.SwitchAsync(owner, "Kid"));
    }

    /// <summary>Holds a property to every case.</summary>
    public static async Task CheckAsync(StoreKind store, Func<Playground, Scenario, Task> property)
    {
        await using var playground = await StartAsync();
        Prop.ForAll(Scenario.All, scenario => Task.Run(() => playground.TryAsync(store, scenario, property)).GetAwaiter().GetResult())
            .Check(Thoroughness.Of(100, 2000));
    }

    public void Set(ItemState[] states, PlexServer user)
    {
        foreach (var (key, state) in Scenario.Keys.Zip(states))
        {
            Server.SetState(user.User.Id.Value, key, state);
        }
    }

    public Dictionary<string, ItemState> States() => Scenario.Keys.ToDictionary(key => key, key => Server.State(Kid.User.Id.Value, key));

    /// <summary>Applies with the scenario's faults, then without them settles what is open.</summary>
    public async Task<SyncReport> ApplyAsync(SyncPlan plan, Scenario scenario)
    {
        foreach (var fault in scenario.Faults)
        {
            fault.Strike(_session.Plex.Faults);
        }

        var report = await Synchronizer.ApplyAsync(plan, Owner, Kid, Options);
        _session.Plex.Faults.Clear();
        await _session.Plex.SettleAsync();
        await Synchronizer.SettleAsync(Kid);
        return report;
    }

    public async ValueTask DisposeAsync() => await _session.DisposeAsync();

    private async Task<bool> TryAsync(StoreKind store, Scenario scenario, Func<Playground, Scenario, Task> property)
    {
        Store = new TestStore(store);
        Synchronizer = new WatchStateSynchronizer(Store.Open());
        try
        {
            _session.Plex.Faults.Clear();
            Server.Switches.ScrobbleKeepsPosition = scenario.ScrobbleKeepsPosition;
            Server.Switches.StoresPositionsNearEnd = scenario.StoresPositionsNearEnd;
            Server.Switches.CountsLoneReportsNearEnd = scenario.CountsLoneReportsNearEnd;
            Server.Switches.RepeatedPositionsMoveDate = scenario.RepeatedPositionsMoveDate;
            Set(scenario.Owner, Owner);
            Set(scenario.Kid, Kid);
            Server.ClearWrites();
            Options = new SyncOptions { MaxRemovals = int.MaxValue, Policy = scenario.Mirrors ? new ExactPolicy() : ConflictPolicies.Copy };
            await property(this, scenario);
            return true;
        }
        finally
        {
            Store.Dispose();
        }
    }
}
