using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>
/// Servers that differ from the next in ways the reference knows: the main job comes out the same, and a second run writes nothing.
/// </summary>
public sealed class OddServerTests
{
    private static readonly Dictionary<string, Action<World>> Oddities = new()
    {
        ["short pages"] = world => world.Server.Switches.MaxPageSize = 3,
        ["trimming ignored"] = world => world.Server.Switches.IgnoresTrimming = true,
        ["drifting types"] = world => world.Server.Switches.DriftingTypes = true,
        ["filters return nothing"] = world => world.Server.Switches.FiltersReturnNothing = true,
        ["scrobble keeps the position"] = world => world.Server.Switches.ScrobbleKeepsPosition = true,
        ["positions near the end are stored"] = world => world.Server.Switches.StoresPositionsNearEnd = true,
        ["a lone report near the end counts"] = world => world.Server.Switches.CountsLoneReportsNearEnd = true,
        ["repeated positions move the date"] = world => world.Server.Switches.RepeatedPositionsMoveDate = true,
        ["new fields"] = world => world.Server.Switches.SendsNewFields = true,
        ["new fields and drifting types"] = world =>
            (world.Server.Switches.SendsNewFields, world.Server.Switches.DriftingTypes) = (true, true),
        ["starting up"] = world => world.Server.Switches.StartUp(writes: 5),
        ["no totals"] = world => world.Server.Switches.OmitsTotals = true,
        ["no totals and short pages"] = world => (world.Server.Switches.OmitsTotals, world.Server.Switches.MaxPageSize) = (true, 4),
        ["owner-only is forbidden"] = world => world.Server.Switches.OwnerOnlyIsForbidden = true,
        ["lists of friends are gone"] = world => (world.Account.FriendsAreGone, world.Account.SharedServersAreGone) = (true, true),
        ["no tokens in shared_servers"] = world => world.Account.SharedServersWithoutTokens = true,
    };

    public static TheoryData<string> Names() => [.. Oddities.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sync_does_its_job_when_the_server_is_odd(string oddity)
    {
        var world = Worlds.Small();
        world.Server.SetState(world.User("Kid"), "2", new ItemState(ViewOffset: 5 * 60_000, LastViewedAt: 1_600_000_000));
        Oddities[oddity](world);
        await using var session = await Session.StartAsync(world);

        var report = await session.SyncAsync();

        string[] watched = ["1", "2", "3", "5", "13", "14", "15"];
        Assert.All(watched, key => Assert.Equal(1, world.Server.State(session.Kid, key).ViewCount));
        Assert.Equal(0, world.Server.State(session.Kid, "2").ViewOffset);
        Assert.Equal(20 * 60_000, world.Server.State(session.Kid, "4").ViewOffset);
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Empty((await session.SyncAsync()).Results);
    }

    [Fact]
    public async Task Friend_is_refused_with_a_reason_when_plex_tv_gives_no_token()
    {
        var world = Worlds.Small();
        world.Account.SharedServersWithoutTokens = true;
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Friend"));

        Assert.Equal(PlexErrorKind.AccessWithheld, error.Kind);
    }

    [Fact]
    public async Task Friend_is_written_to_as_declared_when_plex_tv_gives_a_token()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();

        var friend = await session.SwitchAsync(owner, "Friend");
        var report = await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(owner, friend), owner, friend);

        Assert.Equal(IdentityProof.Declared, report.Plan.Identity);
        Assert.Equal(1, session.Simulated.State(2001, "2").ViewCount);
        Assert.All(session.Simulated.Writes, play => Assert.Equal(2001, play.UserId));
    }
}
