using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

/// <summary>A listing is whole or it is not used.</summary>
public sealed class ListingTests
{
    [Fact]
    public async Task Listing_follows_pages_when_they_are_shorter_than_asked()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Movies(1, 2, "\"size\":2,\"totalSize\":3,\"offset\":0"));
        fake.Page(2).RespondJson(PlexFake.Movies(3, 1, "\"size\":1,\"totalSize\":3,\"offset\":2"));

        var items = await ReadAsync(server, library);

        Assert.Equal(["1", "2", "3"], items.Select(item => item.RatingKey.ToString()));
    }

    [Fact]
    public async Task Listing_asks_for_one_more_page_when_no_total_is_given()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Movies(1, 2, "\"size\":2"));
        var last = fake.Page(2).RespondJson(PlexFake.Movies(0, 0, "\"size\":0"));

        var items = await ReadAsync(server, library);

        Assert.Equal(2, items.Count);
        Assert.Equal(1, fake.Http.GetMatchCount(last));
    }

    [Fact]
    public async Task Listing_takes_the_total_from_the_header_when_the_body_has_none()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).Respond([new("X-Plex-Container-Total-Size", "2")], "application/json", PlexFake.Movies(1, 2, "\"size\":2"));

        Assert.Equal(2, (await ReadAsync(server, library)).Count);
    }

    [Fact]
    public async Task Listing_is_empty_when_the_library_is()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Movies(0, 0, "\"size\":0,\"totalSize\":0,\"offset\":0"));

        Assert.Empty(await ReadAsync(server, library));
    }

    [Theory]
    [InlineData("an item is missing", "\"size\":3,\"totalSize\":2", 2, null)]
    [InlineData("the page starts elsewhere", "\"size\":2,\"totalSize\":2,\"offset\":1", 2, null)]
    [InlineData("more items than the total", "\"size\":2,\"totalSize\":1", 2, null)]
    [InlineData("an empty page before the total", "\"size\":0,\"totalSize\":2", 0, null)]
    [InlineData("header and body disagree", "\"size\":2,\"totalSize\":2", 2, "3")]
    public async Task Listing_is_refused_when_a_page_is_doubtful(string why, string container, int count, string? totalInHeader)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var headers = totalInHeader is null ? [] : new[] { new KeyValuePair<string, string>("X-Plex-Container-Total-Size", totalInHeader) };
        fake.Page(0).Respond(headers, "application/json", PlexFake.Movies(1, count, container));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.True(error.Kind is PlexErrorKind.IncompleteListing, why);
    }

    [Fact]
    public async Task Listing_is_refused_when_the_total_changes_between_pages()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Movies(1, 2, "\"size\":2,\"totalSize\":4"));
        fake.Page(2).RespondJson(PlexFake.Movies(3, 1, "\"size\":1,\"totalSize\":3"));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Fact]
    public async Task Listing_is_refused_when_a_page_repeats()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Server("/library/sections/1/all").RespondJson(PlexFake.Movies(1, 2, "\"size\":2,\"totalSize\":4"));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Theory]
    [InlineData("""{"type":"movie","title":"No key"}""")]
    [InlineData("""{"ratingKey":"../../:/prefs","type":"movie"}""")]
    [InlineData("""{"ratingKey":"1,2","type":"movie"}""")]
    [InlineData("""{"ratingKey":{},"type":"movie"}""")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public async Task Listing_is_refused_when_an_item_has_no_rating_key(string item)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Container("\"size\":1,\"totalSize\":1", [item]));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    [Theory]
    [InlineData("\"lastViewedAt\":9223372036854775807")]
    [InlineData("\"lastViewedAt\":-1")]
    [InlineData("\"userRating\":11")]
    [InlineData("\"duration\":400000000000")]
    public async Task Listing_takes_a_damaged_date_rating_or_length_for_absent(string damage)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(
            PlexFake.Container("\"size\":1,\"totalSize\":1", [$$"""{"ratingKey":"1","type":"movie","viewCount":1,{{damage}}}"""]));

        var item = Assert.Single(await ReadAsync(server, library));

        Assert.Equal((new WatchState { ViewCount = 1 }, null), (item.State, item.Duration));
    }

    [Fact]
    public async Task Listing_that_never_ends_is_refused()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Movies(1, 1, "\"size\":1,\"totalSize\":999999999999"));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Fact]
    public async Task Listing_with_more_elements_than_memory_should_hold_is_refused()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Container("\"size\":60000", Enumerable.Repeat("{}", 60_000)));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    [Fact]
    public async Task Listing_reads_the_state_when_types_drift()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(
            """
            {"MediaContainer":{"size":"1","totalSize":"1","offset":"0","allowSync":"1","Metadata":[{"ratingKey":7,"type":"movie",
            "title":1984,"year":"1984","duration":"6000000","viewCount":"2","viewOffset":90000.0,"lastViewedAt":"1700000000",
            "userRating":"8"}]}}
            """);

        var item = Assert.Single(await ReadAsync(server, library));

        Assert.Equal("7", item.RatingKey.ToString());
        Assert.Equal("1984 (1984)", item.DisplayTitle);
        Assert.Equal(TimeSpan.FromMinutes(100), item.Duration);
        Assert.Equal(
            new WatchState
            {
                ViewCount = 2,
                Position = TimeSpan.FromSeconds(90),
                LastViewedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
                UserRating = 8,
            },
            item.State);
    }

    [Fact]
    public async Task Listing_asks_for_both_container_headers_a_stable_order_and_less_detail()
    {
        using var fake = new PlexFake(options => options.PageSize = 250);
        var (server, library) = await fake.WithMoviesAsync();
        var expected = fake.Page(0)
            .WithHeaders("X-Plex-Container-Size", "250")
            .WithHeaders("Accept", "application/json")
            .WithHeaders("X-Plex-Client-Identifier", "test-client")
            .WithHeaders("X-Plex-Token", PlexFake.OwnerToken)
            .WithQueryString("type", "1")
            .WithQueryString("sort", "id")
            .With(request => request.RequestUri!.Query.Contains("excludeElements=Media,", StringComparison.Ordinal)
                && !request.RequestUri.Query.Contains("Guid", StringComparison.Ordinal)
                && !request.RequestUri.Query.Contains("oken", StringComparison.Ordinal))
            .RespondJson(PlexFake.Movies(1, 1, "\"size\":1,\"totalSize\":1"));

        await ReadAsync(server, library);

        Assert.Equal(1, fake.Http.GetMatchCount(expected));
    }

    [Fact]
    public async Task Listing_keeps_no_ids_when_a_server_sends_them_unasked()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(PlexFake.Container("\"size\":1,\"totalSize\":1", [WithIds]));

        var item = Assert.Single(await ReadAsync(server, library));

        Assert.Null(item.PlexGuid);
        Assert.Empty(item.ExternalIds);
    }

    [Fact]
    public async Task Listing_with_ids_asks_for_them_and_takes_what_is_sent()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).WithQueryString("includeGuids", "1")
            .RespondJson(
                PlexFake.Container("\"size\":2,\"totalSize\":2", [WithIds, """{"ratingKey":"2","type":"movie","guid":"local://2"}"""]));

        var items = new List<MediaItem>();
        await foreach (var page in server.GetPagesAsync(library, withIds: true))
        {
            items.AddRange(page.TakeItems(new TextPool()));
        }

        Assert.Equal(["plex://movie/1", "local://2"], items.Select(item => item.PlexGuid));
        Assert.Equal(["imdb://tt1", "tmdb://1"], items[0].ExternalIds);
        Assert.Empty(items[1].ExternalIds);
    }

    private const string WithIds =
        """{"ratingKey":"1","type":"movie","guid":"plex://movie/1","Guid":[{"id":"imdb://tt1"},{"id":"tmdb://1"},{"other":"x"}]}""";

    private static async Task<List<MediaItem>> ReadAsync(PlexServer server, Library library)
    {
        var items = new List<MediaItem>();
        await foreach (var item in server.GetItemsAsync(library))
        {
            items.Add(item);
        }

        return items;
    }
}
