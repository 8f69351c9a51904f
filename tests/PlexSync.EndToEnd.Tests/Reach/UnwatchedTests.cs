using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>Un-watching travels only against what both sides had watched, and only what somebody unwatched.</summary>
public abstract class UnwatchedTests(StoreKind store)
{
    private const long Owner = 1001;
    private const long Kid = 1002;

    private static readonly SyncOptions Both = new() { Direction = SyncDirection.TwoWay, Unwatched = true };

    [Fact]
    public async Task First_run_with_the_option_only_remembers()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, new SyncOptions { Direction = SyncDirection.TwoWay });
        household.Server.SetState(Owner, "1", ItemState.None);

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.True(plan.OnlyRemembersUnwatched));
        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
    }

    [Theory]
    [InlineData(Owner, Kid)]
    [InlineData(Kid, Owner)]
    public async Task What_one_side_unwatched_becomes_unwatched_on_the_other(long by, long other)
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        household.Server.SetState(by, "1", ItemState.None);

        await RunAsync(household, owner, kid, Both);

        Assert.Equal(ItemState.None, household.Server.State(other, "1"));
        Assert.Equal(ItemState.None, household.Server.State(by, "1"));
        Assert.All(await household.Synchronizer.PlanAsync(owner, [kid], Both), plan => Assert.Empty(plan.Changes));
    }

    [Fact]
    public async Task What_the_target_unwatched_is_marked_again_one_way()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        var options = new SyncOptions { Unwatched = true };
        await RunAsync(household, owner, kid, options);
        household.Server.SetState(Kid, "1", ItemState.None);
        household.Server.SetState(Owner, "2", ItemState.None);

        await RunAsync(household, owner, kid, options);

        Assert.True(household.Server.State(Kid, "1").IsWatched);
        Assert.Equal(ItemState.None, household.Server.State(Kid, "2"));
    }

    [Fact]
    public async Task Undo_of_a_two_way_run_is_nobodys_unwatching()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        household.Server.SetState(Kid, "6", new ItemState(1, 0, 1_700_000_000));
        await RunAsync(household, owner, kid, Both);
        household.Server.SetState(Kid, "7", new ItemState(1, 0, 1_700_000_000));
        household.Server.SetState(Owner, "8", new ItemState(1, 0, 1_700_000_000));
        await RunAsync(household, owner, kid, Both);
        var run = SyncRun.FindLast(await household.Journal.ListRunsAsync())!.Value;
        SyncPlan[] back = [await household.Synchronizer.PlanUndoAsync(run, kid), await household.Synchronizer.PlanUndoAsync(run, owner)];
        await household.Synchronizer.ApplyAsync(back, [kid, owner]);
        Assert.Equal(ItemState.None, household.Server.State(Owner, "7"));
        Assert.Equal(ItemState.None, household.Server.State(Kid, "8"));

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
    }

    [Fact]
    public async Task Restore_is_nobodys_unwatching()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        using var snapshot = new MemoryStream();
        await household.Synchronizer.SaveSnapshotAsync(kid, snapshot);
        await RunAsync(household, owner, kid, Both);
        snapshot.Position = 0;
        var restore = await household.Synchronizer.PlanRestoreAsync(snapshot, kid, exact: true);
        await household.Synchronizer.ApplyAsync(restore, kid, new SyncOptions { MaxRemovals = int.MaxValue });
        Assert.False(household.Server.State(Kid, "2").IsWatched);

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
    }

    [Fact]
    public async Task Item_that_is_hidden_or_whose_library_fails_is_not_unwatched()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        household.Server.Edit(server => server.Item("1").HiddenFrom.Add(Kid));
        household.Session.Plex.Faults.On("/library/sections/2/all").By(household.Session.Kid).DropItem();

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
        Assert.Contains(plans[0].Libraries, library => library.Error is not null);
    }

    [Fact]
    public async Task Item_whose_rating_key_was_given_to_another_is_not_unwatched()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        household.Server.Edit(server => server.Item("1").Title = "Another film altogether");
        household.Server.SetState(Owner, "1", ItemState.None);

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
    }

    [Fact]
    public async Task What_an_earlier_plan_file_took_away_is_nobodys_unwatching()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        household.Server.SetState(Owner, "1", ItemState.None);
        var mirror = await household.Synchronizer.PlanAsync(owner, kid, new SyncOptions { Policy = ConflictPolicies.Mirror });
        using var file = new MemoryStream();
        await mirror.WriteAsync(file);
        file.Position = 0;
        await household.Synchronizer.ApplyAsync(await SyncPlan.ReadAsync(file), kid);
        household.Server.SetState(Owner, "1", new ItemState(1, 0, 1_750_000_000));

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], Both);

        Assert.All(plans, plan => Assert.Equal(0, plan.Removals));
    }

    [Fact]
    public async Task What_could_not_be_unwatched_yet_is_unwatched_by_the_next_run()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        foreach (var key in (string[])["1", "2", "3"])
        {
            household.Server.SetState(Owner, key, ItemState.None);
        }

        // The first is being played, the second is refused, the third is not asked for.
        household.Server.StartPlaying(household.Session.Kid, "1");
        household.Session.Plex.Faults.On("/:/unscrobble").And(request => request["key"] == "2").Status(400);
        await RunAsync(
            household,
            owner,
            kid,
            new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true, Since = TimeProvider.System.GetUtcNow().AddDays(1) });
        await RunAsync(
            household, owner, kid, new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true, Only = StateKind.Progress });
        Assert.All((string[])["1", "2", "3"], key => Assert.True(household.Server.State(Kid, key).IsWatched));

        await RunAsync(household, owner, kid, Both);
        Assert.Equal([true, true, false], ((string[])["1", "2", "3"]).Select(key => household.Server.State(Kid, key).IsWatched));
        household.Session.Plex.Faults.Clear();
        household.Server.StopPlaying(household.Session.Kid, "1");
        await RunAsync(household, owner, kid, Both);

        Assert.All((string[])["1", "2", "3"], key => Assert.False(household.Server.State(Kid, key).IsWatched));
        Assert.All((string[])["1", "2", "3"], key => Assert.False(household.Server.State(Owner, key).IsWatched));
    }

    [Fact]
    public async Task Unwatching_beyond_the_limit_is_refused_whole()
    {
        await using var household = await StartAsync();
        var (owner, kid) = await ConnectAsync(household);
        await RunAsync(household, owner, kid, Both);
        foreach (var key in (string[])["1", "2", "3"])
        {
            household.Server.SetState(Owner, key, ItemState.None);
        }

        var options = new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true, MaxRemovals = 2 };
        household.Server.ClearWrites();
        var error = await Assert.ThrowsAsync<PlexException>(() => RunAsync(household, owner, kid, options));

        Assert.Equal(PlexErrorKind.TooManyRemovals, error.Kind);
        Assert.Empty(household.Server.Writes);
    }

    private Task<Household> StartAsync() => Household.StartAsync(Worlds.Small(), store);

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Household household)
    {
        var owner = await household.Session.ConnectAsync();
        return (owner, await household.Session.SwitchAsync(owner, "Kid"));
    }

    private static async Task RunAsync(Household household, PlexServer owner, PlexServer kid, SyncOptions options)
    {
        PlexServer[] written = options.Direction is SyncDirection.TwoWay ? [kid, owner] : [kid];
        await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanAsync(owner, [kid], options), written, options);
    }
}

public sealed class FileStoreUnwatchedTests() : UnwatchedTests(StoreKind.Files);

public sealed class MemoryStoreUnwatchedTests() : UnwatchedTests(StoreKind.Memory);
