using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Readings;

/// <summary>What a server tells besides the state of its libraries: titles, shows, seasons, the history, on deck.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task Search_finds_movies_shows_and_episodes_in_all_libraries_the_closest_first()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();

        var movies = await owner.SearchAsync("movie 1");
        var shows = await owner.SearchAsync("SHOW");
        var episodes = await owner.SearchAsync("Episode 2.3");

        Assert.Equal(["Movie 1", "Movie 10"], movies.Items.Select(static item => item.Title));
        Assert.True(movies.Items[0].State.IsWatched);
        Assert.Empty(movies.Shows);
        var show = Assert.Single(shows.Shows);
        Assert.Equal(("11", "Show 1", 2, 10, 3), ($"{show.RatingKey}", show.Title, show.Seasons, show.Episodes, show.WatchedEpisodes));
        Assert.False(show.IsWatched);
        Assert.Equal("Show 1 – S02E03 – Episode 2.3", Assert.Single(episodes.Items).DisplayTitle);
    }

    [Fact]
    public async Task Search_asks_once_for_each_list_however_many_items_there_are()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var owner = await session.ConnectAsync();
        session.Plex.Requests.Clear();

        await owner.SearchAsync("Summer");

        // The libraries; movies, home videos, and of shows the shows and the episodes.
        Assert.Equal(5, session.Plex.Requests.Count);
    }

    [Theory]
    [InlineData("Monsters, Inc.", "Monsters, Inc.")]
    [InlineData("élo", "Élodie")]
    [InlineData("e\u0301lo", "Élodie")]
    [InlineData("100%", "100% Wolf & more")]
    [InlineData("Pride \U0001F3F3\uFE0F\u200D\U0001F308", "Pride \U0001F3F3\uFE0F\u200D\U0001F308")]
    public async Task Search_takes_titles_as_they_are(string text, string title)
    {
        var world = Worlds.Small();
        var movies = world.Server.Library("Movies").Items;
        (movies[0].Title, movies[1].Title, movies[2].Title) = ("Monsters, Inc.", "Élodie", "100% Wolf & more");
        movies[3].Title = "Pride \U0001F3F3\uFE0F\u200D\U0001F308";
        await using var session = await Session.StartAsync(world);

        var found = await (await session.ConnectAsync()).SearchAsync(text);

        Assert.Equal([title], found.Items.Select(static item => item.Title));
    }

    [Fact]
    public async Task Search_finds_nothing_that_is_hidden_and_each_user_their_own_state()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var found = await kid.SearchAsync("Movie");

        Assert.Equal(9, found.Items.Count);
        Assert.Equal(["Movie 1"], found.Items.Where(static item => item.State.IsWatched).Select(static item => item.Title));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Shows_come_with_their_counts_page_by_page(int page)
    {
        var world = Worlds.Remake();
        world.Server.Switches.MaxPageSize = page;
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();

        var shows = await ListAsync(owner.GetShowsAsync((await owner.GetLibrariesAsync())[1]));
        var none = await ListAsync(owner.GetShowsAsync((await owner.GetLibrariesAsync())[0]));

        Assert.Equal([("11", 10, 3), ("24", 5, 4)], shows.Select(
            static show => ($"{show.RatingKey}", show.Episodes!.Value, show.WatchedEpisodes!.Value)));
        Assert.Empty(none);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_of_shows_that_lacks_one_is_refused(bool omitsTotals)
    {
        var world = Worlds.Remake();
        world.Server.Switches.OmitsTotals = omitsTotals;
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();
        var library = (await owner.GetLibrariesAsync())[1];
        session.Plex.Faults.On("/library/sections/2/all").DropItem();

        var failure = await Assert.ThrowsAsync<PlexException>(() => ListAsync(owner.GetShowsAsync(library)));

        Assert.Equal(PlexErrorKind.IncompleteListing, failure.Kind);
    }

    [Fact]
    public async Task Seasons_are_counted_from_the_episodes_that_the_user_sees()
    {
        var world = Worlds.Small();
        world.Server.Item("17").HiddenFrom.Add(1002);
        world.Server.SetState(1002, "13", new ItemState(2, 0, 1_700_000_000));
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");

        var seasons = await kid.GetSeasonsAsync(RatingKey.Parse("11"));
        var episodes = await kid.GetEpisodesAsync(seasons[0].RatingKey);

        Assert.Equal([("12", 1, 4, 1), ("18", 2, 5, 0)], seasons.Select(
            static season => ($"{season.RatingKey}", season.Number!.Value, season.Episodes, season.WatchedEpisodes)));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), seasons[0].LastViewedAt);
        Assert.Equal(["13", "14", "15", "16"], episodes.Select(static episode => $"{episode.RatingKey}"));
        Assert.Equal(9, (await kid.GetEpisodesAsync(RatingKey.Parse("11"))).Count);
        var failure = await Assert.ThrowsAsync<PlexException>(() => kid.GetSeasonsAsync(RatingKey.Parse("999")));
        Assert.Equal(PlexErrorKind.NotFound, failure.Kind);
    }

    [Fact]
    public async Task On_deck_is_what_is_in_progress_and_what_comes_next()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var items = await (await session.ConnectAsync()).GetOnDeckAsync();

        Assert.Equal(["16", "5", "4"], items.Select(static item => $"{item.RatingKey}"));
        Assert.Equal(TimeSpan.FromMinutes(10), items[0].State.Position);
    }

    [Fact]
    public async Task Sessions_say_who_plays_what_and_only_the_owner_may_ask()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        session.Simulated.Players.Play(session.Kid, "13", TimeSpan.FromMinutes(5)).Pause();
        session.Simulated.Players.Play(session.World.Owner, "2", TimeSpan.FromMinutes(50));

        var sessions = await owner.GetSessionsAsync();
        var refused = await Assert.ThrowsAsync<PlexException>(() => kid.GetSessionsAsync());

        Assert.Equal(
            [("Kid", "Show 1 – S01E01 – Episode 1.1", PlaybackState.Paused, 5.0), ("Owner", "Movie 2 (2002)", PlaybackState.Playing, 50.0)],
            sessions.Select(static one => (one.UserTitle!, one.Item.DisplayTitle, one.State!.Value, one.Position!.Value.TotalMinutes)));
        Assert.Equal([kid.User.Id, owner.User.Id], sessions.Select(static one => one.User!.Value));
        Assert.All(sessions, static one => Assert.Equal((default, "Plex Web"), (one.Item.State, one.Player)));
        Assert.Equal(PlexErrorKind.Forbidden, refused.Kind);
    }

    [Theory]
    [InlineData(false, 7)]
    [InlineData(true, 7)]
    [InlineData(false, 1000)]
    public async Task History_is_read_to_its_end_the_latest_first_and_by_account(bool omitsTotals, int page)
    {
        var world = Worlds.Small();
        world.Server.Switches.OmitsTotals = omitsTotals;
        world.Server.Switches.MaxPageSize = page;
        for (var day = 0; day < 30; day++)
        {
            world.Server.AddHistory(new HistoryRow(day % 3 == 0 ? 1002 : 1001, day == 4 ? "999" : "13", 1_700_000_000 + (day * 86_400)));
        }

        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");

        var all = await ListAsync(owner.GetHistoryAsync());
        var kids = await ListAsync(owner.GetHistoryAsync(new HistoryQuery { User = kid.User.Id }));
        var owners = await ListAsync(owner.GetHistoryAsync(new HistoryQuery { User = owner.User.Id }));
        var own = await ListAsync(kid.GetHistoryAsync());
        var late = await ListAsync(owner.GetHistoryAsync(
            new HistoryQuery { Since = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (28 * 86_400)), Item = RatingKey.Parse("13") }));

        Assert.Equal((30, 10, 20, 10, 2), (all.Count, kids.Count, owners.Count, own.Count, late.Count));
        Assert.Equal(all.OrderByDescending(static one => one.ViewedAt), all);
        Assert.All(owners, one => Assert.Equal(owner.User.Id, one.User));
        Assert.Equal(
            ("13", "Show 1", 1, 1, "2"),
            ($"{all[0].Item}", all[0].ShowTitle, all[0].SeasonNumber!.Value, all[0].EpisodeNumber!.Value, $"{all[0].Library}"));
        Assert.Single(all, static one => one.Item is null);
    }

    [Fact]
    public async Task History_that_grows_while_it_is_read_repeats_nothing_and_ends()
    {
        var world = Worlds.Small();
        world.Server.Switches.MaxPageSize = 4;
        for (var day = 0; day < 10; day++)
        {
            world.Server.AddHistory(new HistoryRow(1001, "1", 1_700_000_000 + (day * 86_400)));
        }

        await using var session = await Session.StartAsync(world);
        var entries = new List<HistoryEntry>();
        await foreach (var entry in (await session.ConnectAsync()).GetHistoryAsync())
        {
            entries.Add(entry);
            world.Server.AddHistory(new HistoryRow(1001, "2", 1_790_000_000));
            Assert.True(entries.Count < 100);
        }

        Assert.Equal(entries.Distinct(), entries);
        Assert.Equal(10, entries.Count(static entry => entry.Item == RatingKey.Parse("1")));
    }

    [Fact]
    public async Task What_was_played_to_the_end_is_in_the_history_and_what_PlexSync_marked_is_not()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await session.SyncAsync();
        var playback = session.Simulated.Players.Play(session.Kid, "6", TimeSpan.FromMinutes(5));
        playback.Advance(TimeSpan.FromMinutes(90));

        var entry = Assert.Single(await ListAsync(kid.GetHistoryAsync()));

        Assert.Equal(("Movie 6", kid.User.Id), (entry.Title, entry.User));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> all)
    {
        var list = new List<T>();
        await foreach (var one in all.WithCancellation(TestContext.Current.CancellationToken))
        {
            list.Add(one);
        }

        return list;
    }
}
