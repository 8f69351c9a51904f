using PlexSync.Simulator;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>What the server accepted is looked for; what it does not keep is written once more, then reported and remembered.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-verify-");

    [Theory]
    [InlineData("/:/scrobble")]
    [InlineData("/:/timeline")]
    public async Task Change_that_the_server_did_not_keep_is_written_once_more(string endpoint)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Plex.Faults.On(endpoint).Times(1).Status(200, "");

        var report = await SyncAsync(session);

        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Equal(8, report.Verified);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Theory]
    [InlineData("/:/scrobble", 2)]
    [InlineData("/:/timeline", 4)]
    public async Task Change_that_the_server_never_keeps_is_not_repeated_until_the_source_changes(string endpoint, int item)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var key = $"{item}";
        session.Plex.Faults.On(endpoint).And(request => request["key"]?.Split('/')[^1] == key).Status(200, "");

        var first = await SyncAsync(session);
        session.Plex.Faults.Clear();
        session.Simulated.ClearPlays();
        var second = await SyncAsync(session);

        var failed = Assert.Single(first.Results, result => result.Outcome is ChangeOutcome.Failed);
        Assert.Equal((key, PlexErrorKind.DidNotStick), (failed.Change.Item.RatingKey.ToString(), failed.Error?.Kind));
        Assert.Equal(SkipReason.DidNotStick, Assert.Single(second.Plan.Skipped, skipped => skipped.Item.RatingKey.ToString() == key).Reason);
        Assert.Empty(session.Simulated.Plays);

        var state = session.Simulated.State(session.World.Owner, key);
        session.Simulated.SetState(session.World.Owner, key, state with { LastViewedAt = state.LastViewedAt + 60 });
        var third = await SyncAsync(session);

        Assert.Equal(ChangeOutcome.Applied, Assert.Single(third.Results).Outcome);
    }

    [Fact]
    public async Task Unscrobble_that_the_server_did_not_keep_leaves_no_view_twice_and_no_false_claim()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Simulated.SetState(session.Kid, "2", new ItemState(ViewOffset: 600_000, LastViewedAt: 1_600_000_000));
        session.Simulated.Switches.ScrobbleKeepsPosition = true;
        session.Plex.Faults.On("/:/unscrobble").Status(200, "");

        var report = await SyncAsync(session);

        var left = Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "2").Left;
        var state = session.Simulated.State(session.Kid, "2");
        Assert.Equal((1, 600_000), (state.ViewCount, state.ViewOffset));
        Assert.Equal((1, 600_000), (left?.ViewCount, left?.Position.TotalMilliseconds));
    }

    [Fact]
    public async Task Change_that_shows_late_is_not_written_again()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), timeout: TimeSpan.FromMilliseconds(400));
        session.Plex.Faults.On("/:/scrobble").Times(2).LateEffect(TimeSpan.FromMilliseconds(100), answered: true);

        var report = await SyncAsync(session);
        await session.Plex.SettleAsync();

        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<SyncReport> SyncAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var synchronizer = new WatchStateSynchronizer(new FileJournal(_folder.FullName));
        return await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);
    }
}
