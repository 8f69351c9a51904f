namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>
/// What identifies an item beyond its server: catalogue ids by whatever agent wrote them, and nothing that is not certain.
/// </summary>
public sealed class WorkIdTests
{
    [Theory]
    [InlineData("imdb://tt0111161", "com.plexapp.agents.imdb://tt0111161?lang=en")]
    [InlineData("imdb://tt0111161", "com.plexapp.agents.xbmcnfo://tt0111161?lang=xn")]
    [InlineData("imdb://tt0111161", "com.plexapp.agents.xbmcnfo://tt0111161")]
    [InlineData("imdb://tt0111161", "com.plexapp.agents.hama://imdb-tt0111161?lang=en")]
    [InlineData("imdb://tt0111161", "com.plexapp.agents.themoviedb://tt0111161?lang=en")]
    [InlineData("imdb://tt0111161", "IMDB://TT0111161")]
    [InlineData("imdb://tt0111161", "imdb://tt111161")]
    [InlineData("tmdb://278", "com.plexapp.agents.themoviedb://278?lang=en")]
    [InlineData("tmdb://278", "com.plexapp.agents.hama://tmdb-278?lang=en")]
    public void Movie_is_the_same_by_whatever_agent_its_catalogue_id_comes(string external, string agent) =>
        AssertSame(MediaType.Movie, external, agent);

    [Theory]
    [InlineData("tvdb://121361", "com.plexapp.agents.thetvdb://121361?lang=en")]
    [InlineData("tvdb://121361", "com.plexapp.agents.hama://tvdb-121361?lang=en")]
    [InlineData("tmdb://1399", "com.plexapp.agents.themoviedb://1399?lang=en")]
    [InlineData("tmdb://1399", "com.plexapp.agents.hama://tsdb-1399?lang=en")]
    [InlineData("imdb://tt0944947", "com.plexapp.agents.xbmcnfotv://tt0944947?lang=xn")]
    [InlineData("imdb://tt0944947", "com.plexapp.agents.hama://imdb-tt0944947")]
    public void Show_is_the_same_by_whatever_agent_its_catalogue_id_comes(string external, string agent) =>
        AssertSame(MediaType.Show, external, agent);

    [Theory]
    [InlineData("com.plexapp.agents.xbmcnfo://278?lang=xn")]
    [InlineData("com.plexapp.agents.xbmcnfo://tt?lang=xn")]
    [InlineData("com.plexapp.agents.xbmcnfo://tt12ab?lang=xn")]
    [InlineData("com.plexapp.agents.hama://tsdb-1399")]
    [InlineData("com.plexapp.agents.hama://tvdb-121361")]
    [InlineData("com.plexapp.agents.imdb://?lang=en")]
    [InlineData("com.plexapp.agents.imdb://tt0000000?lang=en")]
    [InlineData("com.plexapp.agents.themoviedb://0?lang=en")]
    [InlineData("local://17")]
    [InlineData("tv.plex.agents.none://17")]
    [InlineData("com.plexapp.agents.none://17")]
    [InlineData("17")]
    [InlineData("?")]
    public void Movie_is_identified_by_nothing_that_is_not_certain(string agent) => Assert.Empty(Of(MediaType.Movie, agent));

    [Theory]
    [InlineData("com.plexapp.agents.xbmcnfotv://121361?lang=xn")]
    [InlineData("com.plexapp.agents.hama://tmdb-278")]
    public void Show_is_identified_by_nothing_that_is_not_certain(string agent) => Assert.Empty(Of(MediaType.Show, agent));

    [Theory]
    [InlineData("com.plexapp.agents.thetvdb://121361/1/2?lang=en")]
    [InlineData("com.plexapp.agents.thetvdb://71256/2013/2013-05-20?lang=en")]
    [InlineData("com.plexapp.agents.themoviedb://1399/1/2?lang=en")]
    [InlineData("com.plexapp.agents.xbmcnfotv://121361/1/2?lang=xn")]
    [InlineData("com.plexapp.agents.xbmcnfotv://tt0944947/1/2?lang=xn")]
    [InlineData("com.plexapp.agents.hama://tvdb-121361/1/2?lang=en")]
    [InlineData("com.plexapp.agents.hama://tvdb4-121361/1/2?lang=en")]
    [InlineData("com.plexapp.agents.hama://imdb-tt0944947/1/2?lang=en")]
    [InlineData("com.plexapp.agents.hama://anidb-17494/1/7?lang=en")]
    [InlineData("com.plexapp.agents.youtube://channel/2024/2024-03-05")]
    [InlineData("local://17")]
    public void Episode_is_not_identified_by_its_show_and_its_number(string agent) => Assert.Empty(Of(MediaType.Episode, agent));

    [Theory]
    [InlineData("com.plexapp.agents.hama://anidb-345?lang=en", "com.plexapp.agents.hama://anidb-345?lang=de")]
    [InlineData("com.plexapp.agents.hama://tvdb4-345", "com.plexapp.agents.hama://tvdb4-345")]
    public void Other_agents_identify_a_show_among_themselves(string one, string other) => AssertSame(MediaType.Show, one, other);

    [Theory]
    [InlineData("com.plexapp.agents.hama://anidb-121361", "tvdb://121361")]
    [InlineData("com.plexapp.agents.hama://tvdb2-121361", "tvdb://121361")]
    [InlineData("com.plexapp.agents.hama://anidb-1", "com.plexapp.agents.hama://anidb-2")]
    [InlineData("com.plexapp.agents.hama://anidb2-1", "com.plexapp.agents.hama://anidb-1")]
    [InlineData("plex://show/1", "plex://show/2")]
    [InlineData("tmdb://1", "tvdb://1")]
    [InlineData("tmdb://1", "imdb://tt1")]
    [InlineData("tvdb://1a", "tvdb://1b")]
    [InlineData("mbid://tt1", "imdb://tt1")]
    [InlineData("imdb://36028797018963968", "imdb://0")]
    [InlineData("imdb://18014398509481984", "imdb://18014398509481985")]
    public void Different_identifiers_are_different_works(string one, string other) =>
        Assert.Empty(Of(MediaType.Show, one).Intersect(Of(MediaType.Show, other)));

    [Theory]
    [InlineData("imdb://tt1")]
    [InlineData("tmdb://1")]
    [InlineData("com.example.agent://1")]
    [InlineData("plex://movie/1")]
    public void Identifiers_of_two_types_have_nothing_to_do_with_each_other(string id) =>
        Assert.Empty(Of(MediaType.Movie, id).Intersect(Of(MediaType.Show, id)));

    [Fact]
    public void Identifiers_know_their_catalogue()
    {
        Assert.Equal(
            4,
            Of(MediaType.Track, "imdb://tt1", "tmdb://1", "tvdb://1", "mbid://f-1").Select(static id => id.Catalogue).Distinct().Count());
        Assert.All(
            Of(MediaType.Movie, "imdb://tt1", "tmdb://1", "tvdb://1", "mbid://f-1"),
            static id => Assert.True(id is { IsExternal: true, IsPlex: false }));
        Assert.All(Of(MediaType.Movie, "plex://movie/1"), static id => Assert.True(id is { IsExternal: false, IsPlex: true }));
        Assert.All(Of(MediaType.Movie, "com.example.agent://1"), static id => Assert.True(id is { IsExternal: false, IsPlex: false }));
    }

    [Fact]
    public void Same_identifier_counts_once() =>
        Assert.Single(Of(MediaType.Movie, "imdb://tt1", "imdb://tt0000001", "com.plexapp.agents.imdb://tt1?lang=en"));

    [Fact]
    public void Order_of_the_schemes_and_long_identifiers_do_no_harm() =>
        Assert.Equal(2, Of(MediaType.Movie, "mbid://" + new string('a', 500), "mbid://" + new string('a', 501)).Distinct().Count());

    private static void AssertSame(MediaType type, string one, string other)
    {
        Assert.Single(Of(type, one));
        Assert.Equal(Of(type, one), Of(type, other));
    }

    /// <summary>Guids of agents stand in the server's own field, of which there is one; the others are external ids.</summary>
    private static WorkId[] Of(MediaType type, params string[] ids)
    {
        string[] schemes = ["imdb://", "tmdb://", "tvdb://", "mbid://"];
        return WorkId.Of(new MediaItem
        {
            RatingKey = RatingKey.Parse("1"),
            Type = type,
            Title = "Title",
            ExternalIds = Array.FindAll(
                ids, id => Array.Exists(schemes, scheme => id.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))),
            PlexGuid = Array.Find(ids, id => !Array.Exists(schemes, scheme => id.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))),
        });
    }
}
