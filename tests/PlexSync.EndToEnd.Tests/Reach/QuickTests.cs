using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>Reading only what changed: how much is asked for, and that it leads to where a whole reading leads.</summary>
public sealed class QuickTests : IDisposable
{
    private const int MostRequests = 25;

    private readonly LeapingTime _time = new();
    private readonly MemoryStore _store = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Quick_repeat_takes_at_most_25_requests_for_two_users_and_two_libraries(bool isYardstick)
    {
        await using var session = await Session.StartAsync(isYardstick ? Worlds.Yardstick(clock: _time) : Worlds.Small(clock: _time));
        await RunAsync(session, isQuick: false);
        _time.Leap(TimeSpan.FromHours(1));
        var (movie, episode) = (Unseen(session, "movie"), Unseen(session, "show"));
        Watch(session, session.World.Owner, movie, new(1, 0, null));
        Watch(session, session.World.Owner, episode, new(0, 600_000, null));
        var before = session.Client.Requests;

        var report = await RunAsync(session, isQuick: true);

        var (reads, writes) = (session.Client.Requests.Reads - before.Reads, session.Client.Requests.Writes - before.Writes);
        Assert.Equal((ReadingScope.Changed, (WholeReadingReason?)null), (report.Plan.Reading, report.Plan.WholeBecause));
        Assert.Equal([movie, episode], report.Plan.Changes.Select(change => $"{change.Item.RatingKey}").OrderBy(int.Parse));
        Assert.Equal(2, report.Verified);
        Assert.InRange(reads + writes, 1, MostRequests);
        Assert.True(session.Simulated.State(session.Kid, movie).IsWatched);
        Assert.Equal(600_000, session.Simulated.State(session.Kid, episode).ViewOffset);

        before = session.Client.Requests;
        var repeat = await RunAsync(session, isQuick: true);
        Assert.Equal((ReadingScope.Changed, (WholeReadingReason?)null), (repeat.Plan.Reading, repeat.Plan.WholeBecause));
        Assert.Empty(repeat.Plan.Changes);
        Assert.InRange(session.Client.Requests.Reads - before.Reads, 1, MostRequests);
        Assert.Empty((await RunAsync(session, isQuick: false)).Plan.Changes);
    }

    [Fact]
    public async Task What_was_not_read_back_is_not_taken_for_done_by_the_next_quick_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: _time));
        await RunAsync(session, isQuick: false);
        _time.Leap(TimeSpan.FromHours(1));
        var movie = Unseen(session, "movie");
        Watch(session, session.World.Owner, movie, new(1, 0, null));
        var isWritten = false;
        session.Plex.Faults.On("/:/scrobble").And(_ => isWritten = true).Status(200, "");
        session.Plex.Faults.On("/library/metadata/*").And(_ => Volatile.Read(ref isWritten)).Status(500);

        var report = await RunAsync(session, isQuick: true);

        Assert.Equal((1, 0), (report.Count(ChangeOutcome.Applied), report.Verified));
        Assert.False(session.Simulated.State(session.Kid, movie).IsWatched);
        session.Plex.Faults.Clear();
        _time.Leap(TimeSpan.FromHours(1));
        var next = await RunAsync(session, isQuick: true);

        Assert.Equal(WholeReadingReason.RunsSince, next.Plan.WholeBecause);
        Assert.Equal(movie, Assert.Single(next.Plan.Changes).Item.RatingKey.ToString());
    }

    public void Dispose() => _store.Dispose();

    private static string Unseen(Session session, string type) => session.Simulated.Libraries.First(library => library.Type == type).Items
        .First(item => !session.Simulated.State(session.World.Owner, item.RatingKey).IsWatched
            && session.Simulated.State(session.Kid, item.RatingKey) == ItemState.None && !item.HiddenFrom.Contains(session.Kid.Id))
        .RatingKey;

    /// <summary>The user views an item now.</summary>
    private void Watch(Session session, SimulatedUser user, string key, ItemState state) =>
        session.Simulated.SetState(user, key, state with { LastViewedAt = _time.GetUtcNow().ToUnixTimeSeconds() });

    private async Task<SyncReport> RunAsync(Session session, bool isQuick)
    {
        var synchronizer = new WatchStateSynchronizer(_store);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await synchronizer.PlanAsync(owner, kid, new SyncOptions { Quick = isQuick });
        return await synchronizer.ApplyAsync(plan, owner, kid);
    }
}
