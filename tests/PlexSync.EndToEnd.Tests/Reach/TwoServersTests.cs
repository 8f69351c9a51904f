using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>
/// Two servers with their own rating keys, ids missing here and there, copies in second libraries, shows numbered differently.
/// </summary>
public sealed class TwoServersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_match_that_ids_decide_is_made_and_none_is_wrong(int seed)
    {
        var world = Worlds.TwoServers(seed);
        await using var session = await Session.StartAsync(world.World);
        var owner = await session.ConnectAsync();
        var cousin = await session.Client.SignInAsync(world.World.User("Cousin").AccountToken);
        var den = await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin);
        var nina = await new HomeUserSwitcher(session.Client, cousin).SwitchAsync(den, "Nina");

        // Everything watched on the one and nothing on the other: what becomes watched tells what was matched with what.
        foreach (var key in world.Truth.Keys)
        {
            world.Nas.SetState(1001, key, new ItemState(1, 0, 1_700_000_000));
        }

        foreach (var key in world.Den.StatesOf(world.World.User("Nina")).Keys)
        {
            world.Den.SetState(nina.User.Id.Value, key, ItemState.None);
        }

        // A bracket is in every film's name here, a dash in every episode's; in some there are both.
        List<ItemExplanation> explained =
            [.. await session.Synchronizer.ExplainAsync(owner, nina, "("), .. await session.Synchronizer.ExplainAsync(owner, nina, "–")];
        var made = explained.Where(item => item.Match is not null)
            .SelectMany(
                item => item.Source,
                (item, source) =>
                    (
                        Source: source.RatingKey.ToString(),
                        Target: item.Target.Select(target => target.RatingKey.ToString()).Order().ToArray()))
            .DistinctBy(match => match.Source)
            .ToDictionary(match => match.Source, match => match.Target);
        var plan = await session.Synchronizer.PlanAsync(owner, nina);

        Assert.All(made, match => Assert.Empty(match.Value.Except(world.Truth[match.Key])));
        var missed = world.Truth.SelectMany(truth => truth.Value, (truth, target) => (Source: truth.Key, Target: target))
            .Where(pair => !made.GetValueOrDefault(pair.Source, []).Contains(pair.Target)).ToList();
        // What no id leads to, and what is numbered differently, cannot be told; all else is found.
        Assert.All(missed, pair => Assert.False(IsDecidedByIds(world, pair.Source, pair.Target), $"{pair} share an id"));
        var pairs = world.Truth.Sum(truth => truth.Value.Count);
        Assert.InRange(missed.Count, 0, pairs / 25);
        Assert.Equal(made.Values.SelectMany(targets => targets).Distinct().Count(), plan.Changes.Count);
        Assert.All(plan.Skipped, skipped => Assert.True(skipped.Reason is SkipReason.NoMatch or SkipReason.AmbiguousMatch));
        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}: {pairs - missed.Count} of {pairs} pairs matched, {missed.Count} undecided, 0 wrong; "
            + string.Join(
                ", ",
                explained.Where(item => item.Match is not null).GroupBy(item => item.Match).Select(kind => $"{kind.Key} {kind.Count()}")));
    }

    [Fact]
    public async Task Run_across_servers_converges_and_is_undone()
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var folder = Directory.CreateTempSubdirectory("plexsync-reach-");
        var synchronizer = new WatchStateSynchronizer(new FileStore(folder.FullName));
        var owner = await session.ConnectAsync();
        var cousin = await session.Client.SignInAsync(world.World.User("Cousin").AccountToken);
        var den = await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin);
        var nina = await new HomeUserSwitcher(session.Client, cousin).SwitchAsync(den, "Nina");
        var options = new SyncOptions { Direction = SyncDirection.TwoWay, MaxRemovals = int.MaxValue };
        var (mine, theirs) = (world.Nas.StatesOf(world.World.Owner), world.Den.StatesOf(world.World.User("Nina")));

        var reports = await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, [nina], options), [nina, owner], options);
        var again = await synchronizer.PlanAsync(owner, [nina], options);

        Assert.All(reports, report => Assert.True(
            report.Count(ChangeOutcome.Applied) > 0 && report.Count(ChangeOutcome.Applied) == report.Plan.Changes.Count));
        Assert.All(again, plan => Assert.Empty(plan.Changes));

        var run = reports[0].Run!.Value;
        SyncPlan[] back = [await synchronizer.PlanUndoAsync(run, nina), await synchronizer.PlanUndoAsync(run, owner)];
        await synchronizer.ApplyAsync(back, [nina, owner]);

        AssertSame(mine, world.Nas.StatesOf(world.World.Owner));
        AssertSame(theirs, world.Den.StatesOf(world.World.User("Nina")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Movie_that_an_agent_for_nfo_files_knows_by_its_imdb_id_is_copied_to_the_other_server()
    {
        var world = Worlds.TwoServers();
        static string? ImdbOf(SimulatedItem item) => item.Guids.FirstOrDefault(id => id.StartsWith("imdb://", StringComparison.Ordinal));
        var (key, copies) = world.Truth.First(
            truth => truth.Value.Count == 1 && world.Nas.Item(truth.Key).Type == "movie" && ImdbOf(
                world.Den.Item(truth.Value[0])) is not null);
        var imdb = ImdbOf(world.Den.Item(copies[0]))!["imdb://".Length..];
        world.Nas.Edit(
            server => (server.Item(key).Guids, server.Item(key).PrimaryGuid) = ([], $"com.plexapp.agents.xbmcnfo://{imdb}?lang=xn"));
        world.Nas.SetState(1001, key, new ItemState(1, 0, 1_700_000_000));
        await using var session = await Session.StartAsync(world.World);
        var owner = await session.ConnectAsync();
        var cousin = await session.Client.SignInAsync(world.World.User("Cousin").AccountToken);
        var den = await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin);
        var nina = await new HomeUserSwitcher(session.Client, cousin).SwitchAsync(den, "Nina");
        world.Den.SetState(nina.User.Id.Value, copies[0], ItemState.None);

        var plan = await session.Synchronizer.PlanAsync(owner, nina);

        Assert.Contains(plan.Changes, change => change.Item.RatingKey.ToString() == copies[0] && change.Action is ChangeAction.Watched);
    }

    private static void AssertSame(IReadOnlyDictionary<string, ItemState> before, IReadOnlyDictionary<string, ItemState> after)
    {
        Assert.Equal(
            before.Where(pair => pair.Value.IsWatched).Select(pair => pair.Key).Order(),
            after.Where(pair => pair.Value.IsWatched).Select(pair => pair.Key).Order());
        Assert.All(
            before.Where(pair => pair.Value.IsInProgress && !pair.Value.IsWatched),
            pair => Assert.Equal(pair.Value.ViewOffset, after[pair.Key].ViewOffset));
    }

    private static bool IsDecidedByIds(TwoServers world, string source, string target)
    {
        var (one, other) = (world.Nas.Item(source), world.Den.Item(target));
        return one.Guids.Intersect(other.Guids).Any() || one.PrimaryGuid == other.PrimaryGuid;
    }
}
