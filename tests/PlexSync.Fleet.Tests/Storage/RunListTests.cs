using PlexSync.Fleet.Storage;
using PlexSync.Fleet.Tests.Pages;

namespace PlexSync.Fleet.Tests.Storage;

public sealed class RunListTests(PostgresServer postgres)
{
    private static readonly MachineIdentifier Other = MachineIdentifier.Parse("def456");

    [Fact]
    public async Task Last_runs_of_a_server_are_read_whole_and_no_others()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var store = database.OpenStore();
        RunId[] runs = [await AddAsync(store), await AddAsync(store), await AddAsync(store)];
        await AddAsync(store, Other);

        var last = await store.ListLastRunsAsync(Plans.Machine, 2, TestContext.Current.CancellationToken);

        Assert.Equal([(runs[2], 1003), (runs[2], 1002), (runs[1], 1003), (runs[1], 1002)], last.Select(Describe));
        Assert.Empty(await store.ListLastRunsAsync(MachineIdentifier.Parse("none"), 2, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Runs_are_found_by_their_names_on_their_server()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var store = database.OpenStore();
        RunId[] runs = [await AddAsync(store), await AddAsync(store), await AddAsync(store, Other)];

        var found = await store.FindRunsAsync(Plans.Machine, [runs[0], runs[2]], TestContext.Current.CancellationToken);

        Assert.Equal([(runs[0], 1003), (runs[0], 1002)], found.Select(Describe));
    }

    private static (RunId, long) Describe(SyncRun run) => (run.Id, run.Target.Id.Value);

    /// <summary>A run on two users, which is not over: a node that was stopped leaves such a one.</summary>
    private static async Task<RunId> AddAsync(PostgresStore store, MachineIdentifier? server = null)
    {
        var plan = Plans.Of("Alien");
        plan = plan with { Server = plan.Server with { MachineIdentifier = server ?? Plans.Machine } };
        var leases = await store.BeginAsync(
            [plan, plan with { Target = new UserReference(new UserId(1003), "Teen") }], TestContext.Current.CancellationToken);
        foreach (var lease in leases)
        {
            await lease.AnnounceAsync(plan.Changes[0], serverTime: null, TestContext.Current.CancellationToken);
            await lease.DisposeAsync();
        }

        return leases[0].Run;
    }
}
