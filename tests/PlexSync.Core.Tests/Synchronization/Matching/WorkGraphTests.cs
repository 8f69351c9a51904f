using static PlexSync.Core.Tests.Synchronization.Matching.TwoLibraries;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>Which items are copies of one work by their identifiers.</summary>
public sealed class WorkGraphTests
{
    [Fact]
    public void Movie_of_an_nfo_agent_is_found_by_its_imdb_id() =>
        Assert.Equal(
            ["s1=t1"],
            new TwoLibraries(
                [Movie("s1", "com.plexapp.agents.xbmcnfo://tt0111161?lang=xn")], [Movie("t1", "imdb://tt0111161", "tmdb://278")]).Matches);

    [Fact]
    public void Movies_numbered_by_their_servers_are_never_the_same()
    {
        var libraries = new TwoLibraries([Movie("s1", "local://17")], [Movie("t1", "local://17")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Missing);
    }

    [Fact]
    public void Show_of_an_anime_agent_leads_to_its_episodes()
    {
        var source = Season("s", "A", "B").Select(
            (episode, at) => episode with { PlexGuid = $"com.plexapp.agents.hama://tvdb-78874/1/{at + 1}?lang=en" });

        Assert.Equal(
            ["s1=t1", "s2=t2"],
            new TwoLibraries(
                source,
                Season("t", "A", "B"),
                [Show("show", "com.plexapp.agents.hama://tvdb-78874?lang=en")],
                [Show("show", "tvdb://78874")]).Matches);
    }

    [Fact]
    public void Chain_of_identifiers_is_not_followed_to_its_end()
    {
        // Made beforehand: only what matching allocates is measured.
        MediaItem[] chain = [.. Enumerable.Range(1, 3000).Select(at => Movie($"t{at}", $"tmdb://{at}", $"tmdb://{at + 1}"))];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var libraries = new TwoLibraries([Movie("s1", "tmdb://1")], chain);

        Assert.Equal(["s1"], libraries.Doubtful);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Every_copy_counts() =>
        Assert.Equal(
            ["s1=t1", "s1=t2", "s2=t1", "s2=t2"],
            new TwoLibraries(
                [Movie("s1", "imdb://tt1"), Movie("s2", "imdb://tt1", "tmdb://2")],
                [Movie("t1", "tmdb://2"), Movie("t2", "imdb://tt1")]).Matches);

    [Fact]
    public void Chain_of_identifiers_leads_to_every_copy_whatever_the_order()
    {
        MediaItem[] target = [Movie("t1", "imdb://tt1", "tmdb://2"), Movie("t2", "tmdb://2", "tvdb://3"), Movie("t3", "tvdb://3")];

        foreach (var list in new[] { target, [.. Enumerable.Reverse(target)] })
        {
            Assert.Equal(["s1=t1", "s1=t2", "s1=t3"], new TwoLibraries([Movie("s1", "imdb://tt1")], list).Matches);
        }
    }

    [Fact]
    public void Plexs_own_identifier_leads_to_all_copies_that_a_catalogue_shows() =>
        Assert.Equal(
            ["s1=t1", "s1=t2"],
            new TwoLibraries(
                [Movie("s1", "plex://movie/a")], [Movie("t1", "plex://movie/a", "imdb://tt1"), Movie("t2", "imdb://tt1")]).Matches);

    [Fact]
    public void Doubt_about_one_work_does_not_touch_another()
    {
        var libraries = new TwoLibraries(
            [Movie("s1", "imdb://tt1"), Movie("s2", "imdb://tt2")],
            [Movie("t1", "imdb://tt1", "tmdb://1"), Movie("t2", "imdb://tt1", "tmdb://2"), Movie("t3", "imdb://tt2", "tmdb://3")]);

        Assert.Equal(["s2=t3"], libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void External_id_counts_more_than_plexs_own() =>
        Assert.Equal(
            ["s1=t2"],
            new TwoLibraries(
                [Movie("s1", "plex://movie/a", "imdb://tt1")],
                [Movie("t1", "plex://movie/a", "imdb://tt2"), Movie("t2", "plex://movie/b", "imdb://tt1")]).Matches);

    [Fact]
    public void Plexs_own_identifier_leads_to_a_copy_without_others() =>
        Assert.Equal(["s1=t1"], new TwoLibraries([Movie("s1", "plex://movie/a", "imdb://tt1")], [Movie("t1", "plex://movie/a")]).Matches);

    [Fact]
    public void Item_that_plexs_identifier_and_a_catalogue_tell_different_things_about_is_in_doubt()
    {
        var libraries = new TwoLibraries([Movie("s1", "plex://movie/a", "imdb://tt1")], [Movie("t1", "plex://movie/a", "imdb://tt2")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void Plexs_identifier_of_two_works_leads_to_neither_whatever_the_order()
    {
        MediaItem[] target = [Movie("t1", "plex://movie/a", "imdb://tt1"), Movie("t2", "plex://movie/a", "imdb://tt2")];

        foreach (var list in new[] { target, [.. Enumerable.Reverse(target)] })
        {
            var libraries = new TwoLibraries([Movie("s1", "plex://movie/a")], list);

            Assert.Empty(libraries.Matches);
            Assert.Equal(["s1"], libraries.Doubtful);
        }
    }

    [Fact]
    public void Copies_that_a_catalogue_shows_stay_together_when_plexs_identifier_contradicts()
    {
        var libraries = new TwoLibraries(
            [Movie("s1", "plex://movie/a", "imdb://tt1"), Movie("s2", "plex://movie/a")],
            [Movie("t1", "plex://movie/a", "imdb://tt1"), Movie("t2", "plex://movie/a", "imdb://tt2")]);

        Assert.Equal(["s1=t1"], libraries.Matches);
        Assert.Equal(["s2"], libraries.Doubtful);
    }

    [Theory]
    [InlineData("imdb://tt1", "tmdb://9")]
    [InlineData("imdb://tt9", "tmdb://1")]
    public void Items_that_two_catalogues_tell_different_things_about_are_in_doubt(string imdb, string tmdb)
    {
        var libraries = new TwoLibraries([Movie("s1", "imdb://tt1", "tmdb://1")], [Movie("t1", imdb, tmdb)]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void Items_are_in_doubt_when_a_third_shows_that_they_differ()
    {
        var libraries = new TwoLibraries(
            [Movie("s1", "imdb://tt1")], [Movie("t1", "imdb://tt1", "tmdb://1"), Movie("t2", "imdb://tt1", "tmdb://2")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void Second_id_of_a_catalogue_is_no_contradiction() =>
        Assert.Equal(["s1=t1"], new TwoLibraries([Movie("s1", "tmdb://1", "tmdb://2")], [Movie("t1", "tmdb://2", "tmdb://3")]).Matches);

    [Theory]
    [InlineData(11, 12)]
    [InlineData(12, 0)]
    public void Identifier_of_more_than_twelve_items_identifies_none(int copies, int matches)
    {
        var target = Enumerable.Range(1, copies).Select(static number => Movie($"t{number}", "imdb://tt1"));

        var libraries = new TwoLibraries([Movie("s1", "imdb://tt1")], target);

        Assert.Equal(matches == 0 ? 0 : copies, libraries.Matches.Count);
        Assert.Equal(matches == 0 ? ["s1"] : [], libraries.Doubtful);
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(12, false)]
    public void Plexs_identifier_of_more_than_twelve_items_identifies_none(int copies, bool isMatched)
    {
        var target = Enumerable.Range(1, copies).Select(static number => Movie($"t{number}", "plex://movie/a"));

        var libraries = new TwoLibraries([Movie("s1", "plex://movie/a")], target);

        Assert.Equal(isMatched ? copies : 0, libraries.Matches.Count);
        Assert.Equal(isMatched ? [] : ["s1"], libraries.Doubtful);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void Groups_are_not_joined_beyond_twelve(int more, bool isMatched)
    {
        var source = Enumerable.Range(1, 6).Select(static number => Movie($"s{number}", "imdb://tt1"))
            .Concat(Enumerable.Range(7, more).Select(static number => Movie($"s{number}", "tvdb://1")));

        Assert.Equal(isMatched ? 6 + more : 0, new TwoLibraries(source, [Movie("t1", "imdb://tt1", "tvdb://1")]).Matches.Count);
    }

    [Fact]
    public void Episodes_of_one_show_are_never_one_work()
    {
        var libraries = new TwoLibraries(
            [Episode("s1", "S1E1", ids: "tvdb://1")], [Episode("t1", "S1E1", ids: "tvdb://1"), Episode("t2", "S1E2", ids: "tvdb://1")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Theory]
    [InlineData("S1E1", "copy")]
    [InlineData("S1E1", "show")]
    [InlineData("S1E2", "copy")]
    public void Copies_of_an_episode_may_have_one_number_or_be_of_another_copy_of_the_show(string number, string show) =>
        Assert.Equal(
            ["s1=t1", "s1=t2"],
            new TwoLibraries(
                [Episode("s1", "S1E1", ids: "tvdb://1")],
                [Episode("t1", "S1E1", ids: "tvdb://1"), Episode("t2", number, show: show, ids: "tvdb://1")]).Matches);

    [Fact]
    public void Episodes_without_a_known_show_are_not_of_one_show() =>
        Assert.Equal(
            2,
            new TwoLibraries(
                [Episode("s1", "S1E1", ids: "tvdb://1")],
                [Episode("t1", "S1E1", ids: "tvdb://1") with { ShowKey = default },
                 Episode("t2", "S1E2", ids: "tvdb://1") with { ShowKey = default }]).Matches.Count);

    [Fact]
    public void Items_on_one_server_that_plex_tells_apart_are_never_one_work()
    {
        var libraries = new TwoLibraries(
            [Movie("s1", "imdb://tt1")], [Movie("t1", "plex://movie/a", "imdb://tt1"), Movie("t2", "plex://movie/b", "imdb://tt1")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void Two_servers_may_differ_on_plexs_identifier() =>
        Assert.Equal(
            ["s1=t1"],
            new TwoLibraries([Movie("s1", "plex://movie/a", "imdb://tt1")], [Movie("t1", "plex://movie/b", "imdb://tt1")]).Matches);

    [Fact]
    public void Episodes_of_one_show_that_share_plexs_identifier_are_in_doubt()
    {
        var libraries = new TwoLibraries(
            [Episode("s1", "S1E1", ids: "plex://episode/a")],
            [Episode("t1", "S1E1", ids: "plex://episode/a"), Episode("t2", "S1E2", ids: "plex://episode/a")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Doubtful);
    }

    [Fact]
    public void What_leads_to_something_in_doubt_is_in_doubt_too()
    {
        var libraries = new TwoLibraries(
            [Movie("s1", "plex://movie/a"), Movie("s2", "imdb://tt1")],
            [Movie("t1", "plex://movie/a", "imdb://tt1", "tmdb://1"), Movie("t2", "imdb://tt1", "tmdb://2")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1", "s2"], libraries.Doubtful);
    }

    [Fact]
    public void Item_without_identifiers_is_missing_and_not_in_doubt() =>
        Assert.Equal(["s1"], new TwoLibraries([Movie("s1")], [Movie("t1")]).Missing);

    [Fact]
    public void Unrelated_items_do_not_hang_together() =>
        Assert.Equal(
            ["s1=t1", "s2=t2"],
            new TwoLibraries(
                [Movie("s1", "imdb://tt1", "tmdb://1"), Movie("s2", "imdb://tt2", "tmdb://2")],
                [Movie("t2", "tmdb://2"), Movie("t1", "imdb://tt1"), Movie("t3", "imdb://tt3")]).Matches);
}
