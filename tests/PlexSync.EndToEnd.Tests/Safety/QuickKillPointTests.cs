using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// A run that reads only what changed is killed at each point in turn. The next one reads everything, where the killed one left anything,
/// and does the rest: nothing is lost, and nothing counted twice.
/// </summary>
public abstract class QuickKillPointTests(StoreKind kind) : StoreTests(kind)
{
    private static readonly SyncOptions Quick = new() { Quick = true };

    private readonly LeapingTime _time = new();
    private int _whole;

    [Fact]
    public async Task Nothing_is_lost_and_nothing_counted_twice_wherever_a_quick_run_is_killed()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: _time));
        var start = session.Simulated.StatesOf(session.World.Owner);
        var points = 0;
        for (var isDead = true; isDead; points++)
        {
            isDead = await PlayAsync(session, start, points);
        }

        // Each of four writes is announced, sent, answered and recorded.
        Assert.InRange(points, 12, 40);
        Assert.InRange(_whole, points / 2, points);
    }

    private protected override TimeProvider Clock => _time;

    /// <summary>False if the run ended before it came to the point.</summary>
    private async Task<bool> PlayAsync(Session session, IReadOnlyDictionary<string, ItemState> start, int point)
    {
        Clear();
        foreach (var user in (SimulatedUser[])[session.World.Owner, session.Kid])
        {
            foreach (var key in session.Simulated.StatesOf(user).Keys)
            {
                session.Simulated.SetState(user, key, user == session.Kid ? ItemState.None : start.GetValueOrDefault(key, ItemState.None));
            }
        }

        await RunAsync(session, session.Client, Journal, new SyncOptions());
        _time.Leap(TimeSpan.FromHours(1));
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        session.Simulated.SetState(session.World.Owner, "6", new ItemState(1, 0, now));
        session.Simulated.SetState(session.World.Owner, "7", new ItemState(0, 20 * 60_000, now));
        session.Simulated.SetState(session.World.Owner, "17", new ItemState(1, 10 * 60_000, now));

        var kill = new Kill(point);
        using var http = new HttpClient(new Killable(kill));
        var client = new PlexClient(
            http,
            new PlexClientOptions { ClientIdentifier = "killed", AccountUrl = session.Plex.AccountUrl, MaxRetries = 0, MaxConcurrency = 1 },
            timeProvider: _time);
        var killed = await RunAsync(session, client, new KillableStore(Journal, kill), Quick, kill);
        Assert.Equal((ReadingScope.Changed, 3), (killed.Reading, killed.Changes.Count));

        _time.Leap(TimeSpan.FromMinutes(10));
        var next = await RunAsync(session, session.Client, Journal, Quick);
        // Of a run that had sent nothing, nothing is left.
        Assert.True(
            next.WholeBecause is null || (kill.IsDead && next.WholeBecause is WholeReadingReason.RunsSince), $"{next.WholeBecause}");
        _whole += next.WholeBecause is null ? 0 : 1;
        var context = $"point {point}";
        foreach (var (key, state) in session.Simulated.StatesOf(session.World.Owner).Where(one => one.Key != "10"))
        {
            var kid = session.Simulated.State(session.Kid, key);
            Assert.True((state.IsWatched, state.ViewOffset) == (kid.IsWatched, kid.ViewOffset), $"{context}: {key} is {kid}, not {state}");
            Assert.True(kid.ViewCount <= 1, $"{context}: a view too many of {key}");
        }

        session.Simulated.ClearWrites();
        Assert.Equal(ReadingScope.Changed, (await RunAsync(session, session.Client, Journal, Quick)).Reading);
        Assert.Empty(session.Simulated.Writes);
        return kill.IsDead;
    }

    private static async Task<SyncPlan> RunAsync(
        Session session, PlexClient client, ISyncStore store, SyncOptions options, Kill? kill = null)
    {
        var account = await client.SignInAsync(session.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(session.Plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var synchronizer = new WatchStateSynchronizer(store);
        var plan = await synchronizer.PlanAsync(owner, kid, options);
        kill?.IsArmed = true;
        await synchronizer.ApplyAsync(plan, owner, kid, options);
        return plan;
    }
}

public sealed class FileStoreQuickKillPointTests() : QuickKillPointTests(StoreKind.Files);

public sealed class MemoryStoreQuickKillPointTests() : QuickKillPointTests(StoreKind.Memory);
