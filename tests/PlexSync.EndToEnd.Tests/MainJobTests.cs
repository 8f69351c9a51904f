using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

public sealed class MainJobTests
{
    private const int Minute = 60_000;

    [Fact]
    public async Task Sync_marks_watched_and_sets_positions_when_the_owner_has_them()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var report = await session.SyncAsync();

        var kid = session.Kid;
        string[] watched = ["1", "2", "3", "5", "13", "14", "15"];
        Assert.All(watched, key => Assert.Equal(1, session.Simulated.State(kid, key).ViewCount));
        Assert.Equal(20 * Minute, session.Simulated.State(kid, "4").ViewOffset);
        Assert.Equal(30 * Minute, session.Simulated.State(kid, "5").ViewOffset);
        Assert.Equal(10 * Minute, session.Simulated.State(kid, "16").ViewOffset);
        Assert.Equal(8, session.Simulated.StatesOf(kid).Count(pair => pair.Key != "1"));
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
    }

    [Fact]
    public async Task Sync_writes_nothing_when_it_runs_again()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        await session.SyncAsync();
        session.Simulated.ClearWrites();
        var writes = session.Client.Requests.Writes;

        var report = await session.SyncAsync();

        Assert.Empty(report.Results);
        Assert.Empty(session.Simulated.Writes);
        Assert.Equal(writes, session.Client.Requests.Writes);
    }
}
