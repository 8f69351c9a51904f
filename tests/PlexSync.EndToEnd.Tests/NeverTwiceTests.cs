using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>
/// Whatever goes wrong with a write: no view is counted twice, what is reported applied is there, and a clean run completes the work.
/// </summary>
public sealed class NeverTwiceTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);

    private static readonly Dictionary<string, Func<FaultRule, FaultRule>> Faults = new()
    {
        ["status 500"] = rule => rule.Status(500),
        ["status 500 after the effect"] = rule => rule.Status(500, afterEffect: true),
        ["status 502 after the effect"] = rule => rule.Status(502, afterEffect: true),
        ["status 503"] = rule => rule.Status(503),
        ["status 503 after the effect"] = rule => rule.Status(503, afterEffect: true),
        ["status 504 after the effect"] = rule => rule.Status(504, afterEffect: true),
        ["status 429"] = rule => rule.Status(429),
        ["status 400"] = rule => rule.Status(400),
        ["starting up"] = rule => rule.Status(400, Safety.Fault.StartingUp),
        ["reset before"] = rule => rule.ResetBefore(),
        ["reset after"] = rule => rule.ResetAfter(),
        ["close before"] = rule => rule.CloseBefore(),
        ["close after"] = rule => rule.CloseAfter(),
        ["hang"] = rule => rule.Hang(),
        ["hang after the effect"] = rule => rule.Hang(afterEffect: true),
        ["late effect"] = rule => rule.LateEffect(TimeSpan.FromSeconds(25)),
        ["cut body"] = rule => rule.TruncateBody(),
        ["web page"] = rule => rule.Html(),
        ["web page after the effect"] = rule => rule.Html(afterEffect: true),
        ["redirect after the effect"] = rule => rule.Status(302, afterEffect: true, headers: ("Location", "http://127.0.0.1:1/")),
    };

    /// <summary>Where servers differ in what a write leaves.</summary>
    private static readonly Dictionary<string, Action<ServerSwitches>> Settings = new()
    {
        ["as usual"] = _ => { },
        ["scrobble keeps the position"] = switches => switches.ScrobbleKeepsPosition = true,
        ["repeated positions move the date"] = switches => switches.RepeatedPositionsMoveDate = true,
        ["a lone report near the end counts"] = switches => switches.CountsLoneReportsNearEnd = true,
    };

    public static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var fault in Faults.Keys)
        {
            foreach (var endpoint in (string[])["/:/scrobble", "/:/unscrobble", "/:/timeline"])
            {
                // What a position leaves is all that the others are about.
                foreach (var setting in Settings.Keys.Take(endpoint is "/:/timeline" ? 4 : 2))
                {
                    cases.Add(fault, endpoint, setting);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Sync_counts_no_view_twice_when_a_write_goes_wrong(string fault, string endpoint, string setting)
    {
        await using var session = await Session.StartAsync(TroubledWorld(), Timeout);
        Settings[setting](session.Simulated.Switches);
        var before = session.Simulated.StatesOf(session.Kid);
        // Every other write of that kind, so that kept-alive connections and fresh ones are struck.
        Faults[fault](session.Plex.Faults.On(endpoint)).WithProbability(0.5, seed: 7);

        var report = await session.SyncAsync();
        await session.Plex.SettleAsync();

        foreach (var result in report.Results)
        {
            var key = result.Change.Item.RatingKey.ToString();
            var now = session.Simulated.State(session.Kid, key);
            Assert.InRange(now.ViewCount, 0, Math.Max(1, before.GetValueOrDefault(key, ItemState.None).ViewCount));
            if (result.Outcome is ChangeOutcome.Applied)
            {
                Assert.Equal(result.Change.After.ViewCount, now.ViewCount);
                Assert.Equal(result.Change.After.Position.TotalMilliseconds, now.ViewOffset);
            }
        }

        session.Plex.Faults.Clear();
        await session.SyncAsync();
        await session.SyncAsync();

        AssertComplete(session, report.Plan);
    }

    [Fact]
    public async Task Sync_does_not_mark_twice_when_a_kept_alive_connection_closes_after_every_effect()
    {
        await using var session = await Session.StartAsync(TroubledWorld(), Timeout);
        // The handler below us would send these again by itself if it could.
        session.Plex.Faults.On("/:/scrobble").Skip(1).Times(3).CloseAfter();

        await session.SyncAsync();

        var plays = session.Simulated.Writes.Where(play => play.Kind is WriteKind.Scrobble).GroupBy(play => play.RatingKey);
        Assert.All(plays, item => Assert.Single(item));
    }

    [Fact]
    public async Task Sync_stops_and_says_so_when_the_server_fails_every_write()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()), Timeout);
        var fault = session.Plex.Faults.On("/:/scrobble").Status(503);

        var report = await session.SyncAsync();

        Assert.Equal(PlexErrorKind.Unavailable, report.Error?.Kind);
        Assert.InRange(fault.Hits, 10, 40);
        Assert.True(report.Count(ChangeOutcome.Planned) > 100);
        Assert.Equal(0, report.Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Sync_stops_at_once_when_the_token_is_no_longer_accepted()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()), Timeout);
        var fault = session.Plex.Faults.On("/:/scrobble").Status(401);

        var report = await session.SyncAsync();

        Assert.Equal(PlexErrorKind.InvalidToken, report.Error?.Kind);
        Assert.InRange(fault.Hits, 1, 4);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(400)]
    public async Task Items_that_the_server_refuses_do_not_keep_the_others_from_being_written(int status)
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        var refused = plan.Changes.Where(change => change.Action is ChangeAction.Watched)
            .Take(12)
            .Select(change => change.Item.RatingKey.ToString())
            .ToHashSet();
        session.Plex.Faults.On("/:/scrobble").And(request => refused.Contains(request["key"]!)).Status(status);

        var report = await session.Synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Null(report.Error);
        Assert.Equal(12, report.Count(ChangeOutcome.Failed));
        Assert.Equal(plan.Changes.Count - 12, report.Count(ChangeOutcome.Applied));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task Server_that_fails_ten_times_in_a_row_is_given_up(int status)
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(clock: new LeapingTime()), Timeout);
        session.Plex.Faults.On("/:/scrobble").Status(status);

        var report = await session.SyncAsync();

        Assert.NotNull(report.Error);
        Assert.True(report.Count(ChangeOutcome.Planned) > 100);
    }

    /// <summary>Enough items for every path: fresh marks, marks over a position, positions forward and back, watching again.</summary>
    private static World TroubledWorld()
    {
        var world = Worlds.Small(clock: new LeapingTime());
        var (owner, kid, server) = (world.Owner, world.User("Kid"), world.Server);
        server.SetState(kid, "2", new ItemState(ViewOffset: 5 * 60_000, LastViewedAt: 1_600_000_000));
        server.SetState(kid, "4", new ItemState(ViewOffset: 50 * 60_000, LastViewedAt: 1_600_000_000));
        server.SetState(owner, "6", new ItemState(1, 0, 1_700_000_000));
        server.SetState(kid, "6", new ItemState(ViewOffset: 70 * 60_000, LastViewedAt: 1_600_000_000));
        server.SetState(owner, "7", new ItemState(ViewOffset: 40 * 60_000, LastViewedAt: 1_700_000_000));
        return world;
    }

    private static void AssertComplete(Session session, SyncPlan plan)
    {
        foreach (var change in plan.Changes)
        {
            var now = session.Simulated.State(session.Kid, change.Item.RatingKey.ToString());
            Assert.Equal(change.After.IsWatched ? 1 : 0, now.ViewCount);
            if (!change.After.IsWatched)
            {
                Assert.Equal(change.After.Position.TotalMilliseconds, now.ViewOffset);
            }
        }
    }
}
