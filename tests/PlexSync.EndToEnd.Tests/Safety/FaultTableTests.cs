using System.Text;
using System.Text.Json;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// Every fault at every endpoint, once and always: what comes of the main job is the table of <c>docs/reliability.md</c>.
/// </summary>
public sealed class FaultTableTests
{
    private const string Begin = "<!-- made by FaultTableTests -->\n";
    private const string End = "<!-- end -->";

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);

    private static readonly (string Name, string Path, bool IsWrite)[] Endpoints =
    [
        ("plex.tv: who is the token's", "/api/v2/user", false),
        ("plex.tv: Home users", "/api/v2/home/users", false),
        ("plex.tv: friends", "/api/users", false),
        ("plex.tv: switch to the user", "/api/v2/home/users/*", false),
        ("plex.tv: servers", "/api/v2/resources", false),
        ("server: identity", "/identity", false),
        ("server: about", "/", false),
        ("server: preferences", "/:/prefs", false),
        ("server: who plays what", "/status/sessions", false),
        ("server: libraries", "/library/sections", false),
        ("server: listing", "/library/sections/1/all", false),
        ("server: items in bulk", "/library/metadata/*", false),
        ("server: mark watched", "/:/scrobble", true),
        ("server: mark unwatched", "/:/unscrobble", true),
        ("server: position", "/:/timeline", true),
    ];

    private static readonly (string Name, Func<FaultRule, FaultRule> Strike, bool IsForWrites)[] Faults =
    [
        ("400", static rule => rule.Status(400), false),
        ("403", static rule => rule.Status(403), false),
        ("404", static rule => rule.Status(404), false),
        ("429", static rule => rule.Status(429), false),
        ("500", static rule => rule.Status(500), false),
        ("500 after the effect", static rule => rule.Status(500, afterEffect: true), true),
        ("503", static rule => rule.Status(503), false),
        ("redirect", static rule => rule.Status(302, headers: ("Location", "http://127.0.0.1:1/")), false),
        ("web page", static rule => rule.Html(), false),
        ("accepted, not kept", static rule => rule.Status(200, ""), true),
        ("reset", static rule => rule.ResetBefore(), false),
        ("reset after the effect", static rule => rule.ResetAfter(), true),
        ("closed", static rule => rule.CloseBefore(), false),
        ("closed after the effect", static rule => rule.CloseAfter(), true),
        ("cut body", static rule => rule.TruncateBody(), false),
        ("no answer", static rule => rule.Hang(), false),
        ("no answer after the effect", static rule => rule.Hang(afterEffect: true), true),
        ("effect a little later", static rule => rule.LateEffect(TimeSpan.FromSeconds(10)), true),
    ];

    private static readonly (string Name, Func<FaultRule, FaultRule> Strike)[] PageFaults =
    [
        ("an item missing, still counted", static rule => rule.DropItem()),
        ("an item missing, not counted", static rule => rule.DropItem(counted: false)),
        ("a short page", static rule => rule.ShortPage(4)),
        ("an empty page", static rule => rule.EmptyPage()),
        ("a shrinking listing", static rule => rule.ShrinkListing(2)),
        ("everything at once, no total", static rule => rule.Unpaged()),
        ("a wrong total", static rule => rule.WrongTotal(1)),
    ];

    [Fact]
    public async Task Table_says_what_happens()
    {
        var cases = Endpoints.SelectMany(
                endpoint => Faults.Where(fault => endpoint.IsWrite || !fault.IsForWrites),
                (endpoint, fault) => (endpoint.Name, Fault: fault.Name, endpoint.Path, fault.Strike))
            .Concat(PageFaults.Select(fault => ("server: listing", Fault: fault.Name, "/library/sections/1/all", fault.Strike)))
            .ToList();
        var rows = new string[cases.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, cases.Count), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (at, _) =>
        {
            var (endpoint, fault, path, strike) = cases[at];
            var once = await PlayAsync(plex => strike(plex.Faults.On(path)).Times(1));
            var always = await PlayAsync(plex => strike(plex.Faults.On(path)));
            rows[at] = $"| {endpoint} | {fault} | {once} | {always} |";
        });

        var table = new StringBuilder("| where | what | once | always |\n|---|---|---|---|\n").AppendJoin('\n', rows).Append('\n')
            .ToString();
        var page = Repository.Read("docs/reliability.md");
        var expected = page.Split(Begin)[^1].Split(End)[0];
        if (expected != table)
        {
            // Beside the page, ready to be compared and taken over.
            await File.WriteAllTextAsync(
                Path.Combine(Repository.Root, "docs", "reliability.received.md"),
                page.Split(Begin)[0] + Begin + table + End + page.Split(End)[^1], TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, table);
    }

    private static async Task<string> PlayAsync(Action<PlexSimulator> strike)
    {
        await using var session = await Session.StartAsync(World(), Timeout);
        var folder = Directory.CreateTempSubdirectory("plexsync-fault-");
        strike(session.Plex);
        var synchronizer = new WatchStateSynchronizer(new FileStore(folder.FullName));
        string result;
        try
        {
            var owner = await session.ConnectAsync();
            var kid = await session.SwitchAsync(owner, "Kid");
            result = Describe(await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid));
        }
        catch (PlexException e)
        {
            Assert.Empty(session.Simulated.Writes);
            result = $"stops, nothing written: `{Word(e.Kind)}`";
        }

        // Whatever it was, no view is counted twice, and the next run makes everything good.
        await session.Plex.SettleAsync();
        session.Plex.Faults.Clear();
        var healthy = await session.ConnectAsync();
        var target = await session.SwitchAsync(healthy, "Kid");
        await synchronizer.SettleAsync(target);
        var rest = await synchronizer.PlanAsync(healthy, target);
        await synchronizer.ApplyAsync(rest, healthy, target);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
        Assert.All(await new FileStore(folder.FullName).ListRunsAsync(), run => Assert.True(run.IsFinished));
        folder.Delete(recursive: true);
        return result;
    }

    private static string Describe(SyncReport report)
    {
        var parts = new List<string>();
        parts.AddRange(
            report.Plan.Libraries.Where(library => library.Error is not null)
                .Select(library => $"library skipped: `{Word(library.Error!.Kind)}`"));
        parts.AddRange(
            report.Results.Where(result => result.Outcome is ChangeOutcome.Failed)
                .Select(result => $"failed: `{Word(result.Error?.Kind ?? default)}`").Distinct().Order(StringComparer.Ordinal));
        parts.AddRange(report.Count(ChangeOutcome.Unknown) > 0 ? ["unconfirmed"] : []);
        parts.AddRange(
            report.Results.Where(result => result.SkipReason is not null).Select(result => $"skipped: `{Word(result.SkipReason!.Value)}`")
                .Distinct());
        parts.AddRange(report.Error is { } error ? [$"stopped: `{Word(error.Kind)}`"] : []);
        parts.AddRange(report.Plan.IsPlayingKnown ? [] : ["not known what is played"]);
        parts.AddRange(report.Verified < report.Count(ChangeOutcome.Applied) ? ["not verified"] : []);
        return parts.Count == 0 ? "done" : string.Join("; ", parts);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>
    /// A fresh mark, a mark over a position, a position: one of each, so that what happens does not depend on who comes first.
    /// </summary>
    private static World World()
    {
        var world = Worlds.Small(clock: new LeapingTime());
        foreach (var key in Enumerable.Range(1, 23))
        {
            world.Server.SetState(world.Owner, $"{key}", ItemState.None);
            world.Server.SetState(world.User("Kid"), $"{key}", ItemState.None);
        }

        world.Server.SetState(world.Owner, "2", new ItemState(1, 0, 1_700_000_000));
        world.Server.SetState(world.User("Kid"), "2", new ItemState(ViewOffset: 300_000, LastViewedAt: 1_600_000_000));
        world.Server.SetState(world.Owner, "4", new ItemState(ViewOffset: 1_200_000, LastViewedAt: 1_700_000_000));
        return world;
    }
}
