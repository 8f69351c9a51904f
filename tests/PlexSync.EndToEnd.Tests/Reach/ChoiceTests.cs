using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>
/// Labels and collections choose what is kept in step. What was not chosen is left alone, whatever anybody has seen of it.
/// </summary>
public sealed class ChoiceTests
{
    private const string Together = "Together";

    [Fact]
    public async Task Label_of_a_show_stands_for_its_episodes_and_one_of_a_movie_for_the_movie()
    {
        await using var session = await StartAsync(server => server.SetLabel(Together, "11", "2"));

        Assert.Equal(["13", "14", "15", "16", "2"], await PlanAsync(session, new SyncOptions { Labels = ["together"] }));
    }

    [Fact]
    public async Task Label_of_a_season_stands_for_its_episodes_and_one_of_an_episode_for_itself()
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "12");
            server.SetLabel("Once", "20");
            server.SetState(server.World.Owner, "19", new ItemState(1, 0, 1_700_000_000));
            server.SetState(server.World.Owner, "20", new ItemState(1, 0, 1_700_000_000));
        });

        Assert.Equal(["13", "14", "15", "16"], await PlanAsync(session, new SyncOptions { Labels = [Together] }));
        Assert.Equal(["13", "14", "15", "16", "20"], await PlanAsync(session, new SyncOptions { Labels = [Together, "Once"] }));
    }

    [Fact]
    public async Task Collections_of_one_name_in_several_libraries_are_meant_together()
    {
        await using var session = await StartAsync(server =>
        {
            server.Library("Movies").AddCollection("Cosy", "2", "3");
            server.Library("TV Shows").AddCollection("Cosy", "12");
            server.Library("TV Shows").AddCollection("Other", "11");
        });

        Assert.Equal(["13", "14", "15", "16", "2", "3"], await PlanAsync(session, new SyncOptions { Collections = ["cosy"] }));
        Assert.Equal(["2", "3"], await PlanAsync(session, new SyncOptions { Collections = ["key:24"] }));
    }

    [Fact]
    public async Task Kinds_of_choices_narrow_each_other()
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "11", "2", "3");
            server.Library("Movies").AddCollection("Cosy", "3", "4");
        });

        Assert.Equal(["3"], await PlanAsync(session, new SyncOptions { Labels = [Together], Collections = ["Cosy"] }));
        Assert.Equal(["2", "3"], await PlanAsync(session, new SyncOptions { Labels = [Together], Libraries = ["Movies"] }));
        Assert.Equal(["13", "14", "15", "16"], await PlanAsync(session, new SyncOptions { Labels = [Together], Shows = ["key:11"] }));
    }

    [Fact]
    public async Task Mirror_takes_nothing_away_that_has_no_label()
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "6", "2");
            server.SetState(server.World.User("Kid"), "6", new ItemState(1, 0, 1_700_000_000));
            server.SetState(server.World.User("Kid"), "7", new ItemState(1, 0, 1_700_000_000));
        });
        var options = new SyncOptions { Labels = [Together], Policy = ConflictPolicies.Mirror };

        Assert.Equal(["2", "6"], await PlanAsync(session, options));
    }

    [Fact]
    public async Task Unwatching_does_not_travel_once_the_label_is_gone()
    {
        using var store = new MemoryStore();
        await using var session = await StartAsync(server => server.SetLabel(Together, "1", "2"));
        var options = new SyncOptions { Labels = [Together], Unwatched = true };
        var (owner, kid) = await ConnectAsync(session);
        var synchronizer = new WatchStateSynchronizer(store);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, options), owner, kid, options);
        session.Simulated.SetState(session.World.Owner, "1", ItemState.None);
        session.Simulated.SetState(session.World.Owner, "2", ItemState.None);
        session.Simulated.Edit(static server => server.SetLabel(Together, "2"));

        var plan = await synchronizer.PlanAsync(owner, kid, options);

        var removal = Assert.Single(plan.Changes);
        Assert.Equal(("2", true), (removal.Item.RatingKey.ToString(), removal.IsRemoval));
    }

    [Fact]
    public async Task Quick_run_reads_everything_and_says_why()
    {
        using var store = new MemoryStore();
        await using var session = await StartAsync(server => server.SetLabel(Together, "2"));
        var options = new SyncOptions { Labels = [Together], Quick = true };
        var (owner, kid) = await ConnectAsync(session);
        var synchronizer = new WatchStateSynchronizer(store);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, options), owner, kid, options);

        var plan = await synchronizer.PlanAsync(owner, kid, options);

        Assert.Equal((ReadingScope.Whole, WholeReadingReason.OptionsNeedAll), (plan.Reading, plan.WholeBecause));
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public async Task Copy_without_the_label_gets_what_a_labelled_copy_of_the_source_has()
    {
        await using var session = await Session.StartAsync(Worlds.Twins());
        session.Simulated.Edit(static server => server.SetLabel(Together, "6"));

        // Kid sees only the copy of movie 6.
        Assert.Equal(["26"], await PlanAsync(session, new SyncOptions { Labels = [Together] }));
    }

    [Fact]
    public async Task Choice_costs_a_handful_of_requests_for_each_library()
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "11", "12", "13", "2", "3", "4");
            server.Library("Movies").AddCollection("Cosy", "2", "3");
        });
        var (owner, kid) = await ConnectAsync(session);
        var all = await CountAsync(new SyncOptions());

        Assert.Equal(10, await CountAsync(new SyncOptions { Labels = [Together] }) - all);
        Assert.Equal(3, await CountAsync(new SyncOptions { Collections = ["Cosy"] }) - all);

        async Task<long> CountAsync(SyncOptions options)
        {
            var before = session.Client.Requests.Reads;
            await session.Synchronizer.PlanAsync(owner, kid, options);
            return session.Client.Requests.Reads - before;
        }
    }

    [Fact]
    public async Task Labels_are_asked_for_as_the_owner_whoever_is_the_source()
    {
        await using var session = await StartAsync(server => server.SetLabel(Together, "1"));
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");

        var plan = await session.Synchronizer.PlanAsync(kid, teen, new SyncOptions { Labels = [Together] });

        Assert.Equal("1", Assert.Single(plan.Changes).Item.RatingKey.ToString());
    }

    [Theory]
    [InlineData("Togehter", PlexErrorKind.LabelNotFound, "Together")]
    [InlineData("TOGETHER", PlexErrorKind.LabelAmbiguous, "Together, together")]
    public async Task Label_that_is_unknown_or_means_several_is_refused(string name, PlexErrorKind kind, string candidates)
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "1");
            if (kind is PlexErrorKind.LabelAmbiguous)
            {
                server.SetLabel("together", "2");
            }
        });

        var e = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, new SyncOptions { Labels = [name] }));

        Assert.Equal((kind, candidates), (e.Kind, string.Join(", ", e.Candidates)));
        Assert.Contains(candidates, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cozy", PlexErrorKind.CollectionNotFound, "Cosy")]
    [InlineData("cosy", PlexErrorKind.CollectionAmbiguous, "Cosy (key:24, Movies), Cosy (key:25, Movies)")]
    public async Task Collection_that_is_unknown_or_means_several_is_refused(string name, PlexErrorKind kind, string candidates)
    {
        await using var session = await StartAsync(server =>
        {
            server.Library("Movies").AddCollection("Cosy", "1");
            if (kind is PlexErrorKind.CollectionAmbiguous)
            {
                server.Library("Movies").AddCollection("Cosy", "2");
            }
        });

        var e = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, new SyncOptions { Collections = [name] }));

        Assert.Equal((kind, candidates), (e.Kind, string.Join(", ", e.Candidates)));
        Assert.Contains(candidates, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_does_not_filter_by_labels_is_not_believed()
    {
        await using var session = await StartAsync(server =>
        {
            server.SetLabel(Together, "1");
            server.Switches.IgnoresLabels = true;
        });

        var e = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, new SyncOptions { Labels = [Together] }));

        Assert.Equal(PlexErrorKind.InvalidResponse, e.Kind);
    }

    [Fact]
    public async Task Explanation_says_that_an_item_was_not_chosen()
    {
        await using var session = await StartAsync(server => server.SetLabel(Together, "3"));
        var (owner, kid) = await ConnectAsync(session);
        var options = new SyncOptions { Labels = [Together] };

        var explained = await session.Synchronizer.ExplainAsync(owner, kid, "Movie 2", options);
        var chosen = await session.Synchronizer.ExplainAsync(owner, kid, "Movie 3", options);

        Assert.Equal(ExplanationVerdict.NotAskedFor, Assert.Single(explained).Verdict);
        Assert.Equal(ExplanationVerdict.Changes, Assert.Single(chosen).Verdict);
    }

    [Fact]
    public async Task Two_servers_are_kept_in_step_by_the_labels_of_the_source()
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var owner = await session.ConnectAsync();
        var cousin = await session.Client.SignInAsync(world.World.User("Cousin").AccountToken);
        var den = await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin);
        var nina = await new HomeUserSwitcher(session.Client, cousin).SwitchAsync(den, "Nina");
        var show = world.Nas.Library("TV Shows").Items[0].ShowKey!;
        var chosen = world.Nas.Library("TV Shows").Items.Where(item => item.ShowKey == show).Select(static item => item.RatingKey)
            .Append(world.Nas.Library("Movies").Items[0].RatingKey).ToHashSet();
        session.Simulated.Edit(server => server.SetLabel(Together, show, server.Library("Movies").Items[0].RatingKey));
        var options = new SyncOptions { Labels = [Together], Direction = SyncDirection.TwoWay };

        var plans = await session.Synchronizer.PlanAsync(owner, [nina], options);

        var (there, here) = (KeysOf(plans[0]), KeysOf(plans[1]));
        Assert.NotEmpty(there);
        Assert.Empty(there.Except(chosen.SelectMany(key => world.Truth[key])));
        Assert.Empty(here.Except(chosen));
        Assert.Empty(plans[1].Skipped);

        static List<string> KeysOf(SyncPlan plan) => [.. plan.Changes.Select(static change => change.Item.RatingKey.ToString())];
    }

    private static async Task<Session> StartAsync(Action<SimulatedServer> edit)
    {
        var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.Edit(edit);
        return session;
    }

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }

    private static async Task<IEnumerable<string>> PlanAsync(Session session, SyncOptions options)
    {
        var (owner, kid) = await ConnectAsync(session);
        var plan = await session.Synchronizer.PlanAsync(owner, kid, options);
        return plan.Changes.Select(static change => change.Item.RatingKey.ToString()).Order(StringComparer.Ordinal);
    }
}
