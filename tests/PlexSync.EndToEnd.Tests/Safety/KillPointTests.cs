using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// A mirror with removals is killed at each point in turn: before a line of its journal, before a write is sent, and when it has taken
/// effect and its answer is lost. Then something happens to what was in flight. Nothing is lost, nothing counted twice, and the user's own
/// views stay.
/// </summary>
public abstract class KillPointTests(StoreKind kind) : StoreTests(kind)
{
    private static readonly Dictionary<string, (ItemState Owner, ItemState Kid)> Items = new()
    {
        ["2"] = (new(1, 0, 1_700_000_000), new(3, 30 * 60_000, 1_700_000_001)),
        ["3"] = (new(2, 0, 1_700_000_002), ItemState.None),
        ["4"] = (new(0, 20 * 60_000, 1_700_000_003), ItemState.None),
        ["5"] = (new(1, 30 * 60_000, 1_700_000_004), ItemState.None),
        ["6"] = (ItemState.None, new(2, 0, 1_700_000_005)),
        ["7"] = (ItemState.None, new(0, 20 * 60_000, 1_700_000_006)),
        ["8"] = (new(0, 40 * 60_000, 1_700_000_007), new(1, 10 * 60_000, 1_700_000_008)),
    };

    private static readonly SyncOptions Mirror = new() { Policy = ConflictPolicies.Mirror, Libraries = ["Movies"] };

    private readonly LeapingTime _time = new();

    private enum Act
    {
        Nothing,
        Hide,
        Rename,
        Play,
        Begin,
        Mark,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_lost_and_nothing_counted_twice_wherever_a_run_is_killed(bool scrobbleKeepsPosition)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: _time));
        session.Simulated.Switches.ScrobbleKeepsPosition = scrobbleKeepsPosition;
        var acts = Enum.GetValues<Act>();
        var points = 0;
        for (var isOver = false; !isOver; points++)
        {
            // A sample tries each point with two acts.
            foreach (var act in
                Thoroughness.IsAll ? acts
                    : [acts[points % acts.Length], acts[(points / acts.Length + points + 3) % acts.Length]])
            {
                isOver |= !await PlayAsync(session, points, act);
            }
        }

        // Each write is announced, sent, answered and recorded.
        Assert.InRange(points, 40, 200);
    }

    private protected override TimeProvider Clock => _time;

    /// <summary>False if the run ended before it came to the point.</summary>
    private async Task<bool> PlayAsync(Session session, int point, Act act)
    {
        Reset(session);
        var kill = new Kill(point);
        await RunAsync(session, kill);
        var (owner, kid) = await ConnectAsync(session.Client, session);
        var isWritten = session.Simulated.Writes.Count > 0;
        var run = (await Journal.ListRunsAsync()).SingleOrDefault();
        var recorded = run is null ? [] : (await Journal.ReadRunAsync(run)).Results;
        var inFlight = recorded.Where(result => result.Outcome is ChangeOutcome.Unknown)
            .Select(result => result.Change.Item.RatingKey.ToString())
            .ToList();
        var titles = inFlight.ToDictionary(key => key, key => session.Simulated.Item(key).Title);
        _time.Leap(TimeSpan.FromMinutes(10));
        var at = _time.GetUtcNow().ToUnixTimeSeconds();
        var before = inFlight.ToDictionary(key => key, key => session.Simulated.State(session.Kid, key));
        foreach (var key in inFlight)
        {
            Do(session, act, key, at);
        }

        var own = inFlight.ToDictionary(key => key, key => session.Simulated.State(session.Kid, key));
        var settled = await Synchronizer.SettleAsync(kid);
        foreach (var key in inFlight)
        {
            TakeBack(session, act, key, titles[key]);
        }

        var context = $"point {point}, {act}, in flight {string.Join(' ', inFlight)}";
        var isOwn = act is Act.Begin or Act.Mark;
        var left = (await Journal.ListRunsAsync()).SingleOrDefault();
        Assert.True(left?.IsFinished is not false, context);
        foreach (var (key, states) in Items)
        {
            var views = session.Simulated.State(session.Kid, key).ViewCount;
            Assert.True(views <= Math.Max(1, states.Kid.ViewCount), $"{context}: a view too many of {key}");
            Assert.True(
                left is not null || (isOwn && inFlight.Contains(key)) || IsSame(states.Kid, session.Simulated.State(session.Kid, key)),
                $"{context}: the run is gone, and {key} is not what it was");
        }

        var undo = left is null ? null : await Synchronizer.PlanUndoAsync(left.Id, kid);
        if (undo is not null)
        {
            await Synchronizer.ApplyAsync(undo, kid);
        }

        foreach (var (key, states) in Items)
        {
            var now = session.Simulated.State(session.Kid, key);
            if (isOwn && inFlight.Contains(key))
            {
                Assert.True(own[key] == now, $"{context}: the user's own {own[key]} of {key} became {now}");
                var result = settled.Single().Results.Single(result => result.Change.Item.RatingKey.ToString() == key);
                var isNamed = result is { Outcome: ChangeOutcome.Unknown or ChangeOutcome.Failed, StateAfterRun: not null }
                    && undo!.Skipped.Any(skipped => skipped.Item.RatingKey.ToString() == key);
                Assert.True(isNamed || IsSame(states.Kid, before[key]) || IsSame(states.Kid, now), $"{context}: {key} is not named");
            }
            else
            {
                Assert.True(IsSame(states.Kid, now), $"{context}: {states.Kid} of {key} became {now}");
            }
        }

        Assert.True(isWritten || session.Simulated.Writes.Count == 0 || inFlight.Count > 0, context);
        return kill.IsDead;
    }

    private void Reset(Session session)
    {
        Clear();
        foreach (var item in session.Simulated.Library("Movies").Items)
        {
            var (owner, kid) = Items.GetValueOrDefault(item.RatingKey, (ItemState.None, ItemState.None));
            session.Simulated.SetState(session.World.Owner, item.RatingKey, owner);
            session.Simulated.SetState(session.Kid, item.RatingKey, kid);
        }

        session.Simulated.ClearWrites();
    }

    /// <summary>The process that is killed: from then on it sends nothing and records nothing.</summary>
    private async Task RunAsync(Session session, Kill kill)
    {
        using var http = new HttpClient(new Killable(kill));
        var client = new PlexClient(
            http,
            new PlexClientOptions { ClientIdentifier = "killed", AccountUrl = session.Plex.AccountUrl, MaxRetries = 0, MaxConcurrency = 1 },
            timeProvider: _time);
        var (owner, kid) = await ConnectAsync(client, session);
        var synchronizer = new WatchStateSynchronizer(new KillableStore(Journal, kill));
        var plan = await synchronizer.PlanAsync(owner, kid, Mirror);
        Assert.Equal(Items.Count, plan.Changes.Count);
        kill.IsArmed = true;
        await synchronizer.ApplyAsync(plan, owner, kid, Mirror);
    }

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(PlexClient client, Session session)
    {
        var account = await client.SignInAsync(session.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(session.Plex.ServerUrl, account);
        return (owner, await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid"));
    }

    private static void Do(Session session, Act act, string key, long at)
    {
        var state = session.Simulated.State(session.Kid, key);
        switch (act)
        {
            case Act.Hide:
                session.Simulated.Edit(server => server.Item(key).HiddenFrom.Add(session.Kid.Id));
                break;
            case Act.Rename:
                session.Simulated.Edit(server => server.Item(key).Title += " (restored)");
                break;
            case Act.Play:
                session.Simulated.StartPlaying(session.Kid, key);
                break;
            case Act.Begin:
                session.Simulated.SetState(session.Kid, key, state with { ViewOffset = 5 * 60_000, LastViewedAt = at });
                break;
            case Act.Mark:
                session.Simulated.SetState(session.Kid, key, new ItemState(1, 0, at));
                break;
        }
    }

    private static void TakeBack(Session session, Act act, string key, string title)
    {
        switch (act)
        {
            case Act.Hide:
                session.Simulated.Edit(server => server.Item(key).HiddenFrom.Remove(session.Kid.Id));
                break;
            case Act.Rename:
                session.Simulated.Edit(server => server.Item(key).Title = title);
                break;
            case Act.Play:
                session.Simulated.StopPlaying(session.Kid, key);
                break;
        }
    }

    private static bool IsSame(ItemState one, ItemState other) => (one.IsWatched, one.ViewOffset) == (other.IsWatched, other.ViewOffset);
}

public sealed class FileStoreKillPointTests() : KillPointTests(StoreKind.Files);

public sealed class MemoryStoreKillPointTests() : KillPointTests(StoreKind.Memory);
