using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>Copies of one work on one server: what is not known of one of them takes nothing from the other user's.</summary>
public sealed class TwinsTests
{
    [Fact]
    public async Task Mirror_by_ids_takes_nothing_away_when_a_library_with_another_copy_could_not_be_read()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");
        // Watched by the owner as movie 6, by Kid as its copy 26.
        household.Server.SetState(1002, "26", new ItemState(1, 0, 1_700_000_000));
        household.Session.Plex.Faults.On("/library/sections/1/all").By(household.Session.World.Owner).DropItem();
        var options = new SyncOptions { Policy = ConflictPolicies.Mirror, Match = MatchMode.Ids };

        var plan = await household.Synchronizer.PlanAsync(owner, kid, options);

        Assert.NotNull(Assert.Single(plan.Libraries, library => library.Library.Title == "Movies").Error);
        Assert.Equal(0, plan.Removals);
    }

    [Theory]
    [InlineData("imdb://tt0000006", "tmdb://999")]
    [InlineData("imdb://tt0000999", "tmdb://6")]
    public async Task Item_whose_ids_contradict_each_other_is_skipped_and_named(string imdb, string tmdb)
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        household.Server.Edit(server => server.Item("26").Guids = [imdb, tmdb]);
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");

        var plan = await household.Synchronizer.PlanAsync(owner, kid);

        Assert.DoesNotContain(plan.Changes, change => change.Item.RatingKey.ToString() == "26");
        Assert.Contains(plan.Skipped, skipped => skipped.Item.RatingKey.ToString() == "6" && skipped.Reason is SkipReason.AmbiguousMatch);
    }

    [Fact]
    public async Task Show_in_another_order_is_skipped_and_named_when_the_agent_of_one_copy_gave_its_episodes_no_ids()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        string[] titles = ["The Train Job", "Bushwhacked", "Shindig", "Safe", "Our Mrs. Reynolds"];
        int[] dvdOrder = [1, 2, 0, 4, 3];
        household.Server.Edit(server =>
        {
            var (aired, dvd) = (server.Library("TV Shows").Items, server.Library("Kids TV").Items);
            foreach (var copy in dvd)
            {
                copy.Guids = [];
                copy.PrimaryGuid = $"com.plexapp.agents.thetvdb://78874/{copy.Season}/{copy.Episode}?lang=en";
            }

            for (var at = 0; at < titles.Length; at++)
            {
                aired[at].Title = titles[at];
                dvd[at].Title = titles[dvdOrder[at]];
            }
        });
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");

        var plan = await household.Synchronizer.PlanAsync(owner, kid, new SyncOptions { Types = [MediaType.Episode] });

        Assert.Empty(plan.Changes);
        // Watched are the first three, and the fourth is in progress.
        Assert.Equal(
            titles[..4], plan.Skipped.Where(skipped => skipped.Reason is SkipReason.AmbiguousMatch).Select(skipped => skipped.Item.Title));
    }

    [Fact]
    public async Task One_id_on_many_items_identifies_none_of_them()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        household.Server.Edit(server =>
        {
            foreach (var item in server.Libraries.SelectMany(library => library.Items).Where(item => item.Type == "movie"))
            {
                item.Guids = ["imdb://tt1"];
            }
        });
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");

        var plan = await household.Synchronizer.PlanAsync(owner, kid);

        Assert.All(plan.Changes, change => Assert.Equal(MediaType.Episode, change.Item.Type));
    }

    [Fact]
    public async Task Copy_of_the_source_gets_what_the_target_becomes_and_not_what_it_was()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");
        household.Server.SetState(household.Session.World.Owner, "1", ItemState.None);
        household.Server.SetState(household.Session.World.Owner, "21", new ItemState(0, 20 * 60_000, 1_700_000_000));
        household.Server.SetState(household.Session.Kid, "21", new ItemState(0, 10 * 60_000, 1_700_000_000));
        var options = new SyncOptions { Direction = SyncDirection.TwoWay, Match = MatchMode.Ids };

        var plans = await household.Synchronizer.PlanAsync(owner, [kid], options);

        Assert.Equal([("21", 20), ("1", 20)], plans.SelectMany(plan => plan.Changes)
            .Where(change => change.Item.Title == "Movie 1")
            .Select(change => (change.Item.RatingKey.ToString(), (int)change.After.Position.TotalMinutes)));
    }
}
