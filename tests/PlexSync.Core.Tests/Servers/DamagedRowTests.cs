using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

/// <summary>What is wrong in one row costs at most that row, and what comes the same again is not asked for again.</summary>
public sealed class DamagedRowTests
{
    [Theory]
    [InlineData("\"lastViewedAt\":\"124349-163875600\"")]
    [InlineData("\"lastViewedAt\":\"2024-01-01T00:00:00Z\"")]
    [InlineData("\"lastViewedAt\":18446744073709551615")]
    [InlineData("\"lastViewedAt\":1e999")]
    [InlineData("\"lastViewedAt\":{\"a\":[1,{}]}")]
    [InlineData("\"year\":\"1997-98\"")]
    [InlineData("\"duration\":\"NaN\"")]
    [InlineData("\"duration\":\"1234567.5\"")]
    [InlineData("\"duration\":1234567.5")]
    [InlineData("\"index\":\"7a\"")]
    [InlineData("\"userRating\":\"n/a\"")]
    [InlineData("\"userRating\":[]")]
    [InlineData("\"lastRatedAt\":\"2024-01-01\"")]
    [InlineData("\"title\":[\"a\"]")]
    [InlineData("\"Guid\":{\"id\":\"imdb://tt1\"}")]
    [InlineData("\"Guid\":\"imdb://tt1\"")]
    [InlineData("\"Guid\":[null,5,[\"x\"],{\"id\":{}}]")]
    [InlineData("\"User\":\"somebody\"")]
    public async Task Damaged_field_counts_as_absent(string damage)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var page = fake.Page(0).RespondJson(
            Page($$"""{"ratingKey":"1","type":"movie","viewCount":1,{{damage}}}""", """{"ratingKey":"2","type":"movie","viewCount":2}"""));

        var items = await ReadAsync(server, library);

        Assert.Equal(
            [(new WatchState { ViewCount = 1 }, (TimeSpan?)null, (int?)null), (new WatchState { ViewCount = 2 }, null, null)],
            items.Select(item => (item.State, item.Duration, item.Year)));
        Assert.All(items, item => Assert.False(item.IsStateDamaged));
        Assert.Equal(1, fake.Http.GetMatchCount(page));
    }

    [Theory]
    [InlineData("\"viewCount\":-1")]
    [InlineData("\"viewCount\":\"many\"")]
    [InlineData("\"viewCount\":{}")]
    [InlineData("\"viewCount\":2147483648")]
    [InlineData("\"viewCount\":18446744073709551615")]
    [InlineData("\"viewCount\":true")]
    [InlineData("\"viewCount\":1,\"viewOffset\":-5")]
    [InlineData("\"viewCount\":1,\"viewOffset\":1.5")]
    [InlineData("\"viewCount\":1,\"viewOffset\":9223372036854775807")]
    [InlineData("\"viewCount\":1,\"viewOffset\":[60000]")]
    public async Task Damaged_state_is_known_for_such(string damage)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0)
            .RespondJson(Page($$"""{"ratingKey":"1","type":"movie",{{damage}}}""", """{"ratingKey":"2","type":"movie","viewCount":2}"""));

        var items = await ReadAsync(server, library);

        Assert.Equal([true, false], items.Select(item => item.IsStateDamaged));
        Assert.Equal([0, 2], items.Select(item => item.State.ViewCount));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("7")]
    public async Task Row_without_a_usable_type_is_listed_as_damaged(string type)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(
            Page($$"""{"ratingKey":"1","title":"Alien","type":{{type}},"viewCount":1}""", """{"ratingKey":"2","type":"clip"}"""));

        var item = Assert.Single(await ReadAsync(server, library));

        Assert.Equal((true, "Alien", MediaType.Movie, 0), (item.IsStateDamaged, item.Title, item.Type, item.State.ViewCount));
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { (byte)'\\', (byte)'u', (byte)'d', (byte)'8', (byte)'0', (byte)'0' })]
    [InlineData(new byte[] { (byte)'\\', (byte)'u', (byte)'D', (byte)'C', (byte)'0', (byte)'0' })]
    public async Task Text_that_is_no_unicode_is_mended(byte[] damage)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var page = fake.Page(0).Respond(_ => Raw(
        [
            .. "{\"MediaContainer\":{\"size\":1,\"totalSize\":1,\"Metadata\":[{\"ratingKey\":\"1\",\"type\":\"movie\",\"title\":\"a\\\"é"u8,
            .. damage, .. "b\"}]}}"u8,
        ]));

        var title = Assert.Single(await ReadAsync(server, library)).Title;

        Assert.StartsWith("a\"é\uFFFD", title, StringComparison.Ordinal);
        Assert.EndsWith("\uFFFDb", title, StringComparison.Ordinal);
        Assert.Equal(1, fake.Http.GetMatchCount(page));
    }

    [Fact]
    public async Task Control_characters_are_mended_and_the_server_is_remembered_for_them()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var page = fake.Page(0).RespondJson(Page("{\"ratingKey\":\"1\",\"type\":\"movie\",\"title\":\"a\u0001\n\\\"b\"}"));

        var title = Assert.Single(await ReadAsync(server, library)).Title;

        Assert.Equal("a\uFFFD\uFFFD\"b", title);
        Assert.Equal(2, fake.Http.GetMatchCount(page));
        await ReadAsync(server, library);
        Assert.Equal(3, fake.Http.GetMatchCount(page));
    }

    [Fact]
    public async Task Listing_that_is_no_json_twice_is_not_asked_for_again()
    {
        using var fake = new PlexFake();
        var (server, _) = await fake.WithMoviesAsync();
        var page = fake.Page(0).RespondJson("""{"MediaContainer":{"size":1,"Metadata":[{"ratingKey":NaN}]}}""");

        await Assert.ThrowsAsync<PlexException>(() => new WatchStateSynchronizer().SaveSnapshotAsync(server, Stream.Null));

        Assert.Equal(2, fake.Http.GetMatchCount(page));
    }

    [Fact]
    public async Task Listing_that_is_cut_elsewhere_each_time_is_asked_for_again()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var whole = PlexFake.Movies(1, 3, "\"size\":3,\"totalSize\":3");
        var attempt = 0;
        fake.Page(0).Respond(_ => Raw(Encoding.UTF8.GetBytes(++attempt < 4 ? whole[..(40 * attempt)] : whole)));

        Assert.Equal(3, (await ReadAsync(server, library)).Count);
        Assert.Equal(4, attempt);
    }

    [Fact]
    public async Task Values_that_are_passed_over_may_lie_across_what_has_come_of_a_page()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var rows = Enumerable.Range(1, 900).Select(key => $$$"""
            {"ratingKey":"{{{key}}}","type":"movie","title":{"a":["{{{new string('x', key)}}}"]},"Guid":[{"other":{"deep":[1,2]}},"text"],
            "User":["x"],"year":{"from":1,"to":2}}
            """);
        fake.Page(0).RespondJson(PlexFake.Container("\"size\":900,\"totalSize\":900", rows));

        Assert.Equal(900, (await ReadAsync(server, library)).Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(23, true)]
    [InlineData(25, false)]
    [InlineData(1_000_000, false)]
    public async Task View_later_than_the_servers_clock_counts_as_undated(int hoursAhead, bool isDated)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var now = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var row = $$"""{"ratingKey":"1","type":"movie","viewCount":1,"lastViewedAt":{{now.AddHours(hoursAhead).ToUnixTimeSeconds()}}}""";
        fake.Page(0).Respond(_ => Dated(Page(row), now));
        fake.Server("/library/metadata/1").Respond(_ => Dated(Page(row), now));

        var listed = Assert.Single(await ReadAsync(server, library)).State;
        var read = Assert.Single(await server.GetItemsAsync([RatingKey.Parse("1")])).Value.State;

        Assert.Equal((1, isDated), (listed.ViewCount, listed.LastViewedAt is not null));
        Assert.Equal(listed, read);
    }

    [Fact]
    public async Task View_in_the_future_is_dated_where_the_server_tells_no_time()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(Page("""{"ratingKey":"1","type":"movie","viewCount":1,"lastViewedAt":4000000000}"""));

        Assert.NotNull(Assert.Single(await ReadAsync(server, library)).State.LastViewedAt);
    }

    [Theory]
    [InlineData(1023, 1023)]
    [InlineData(1024, 1024)]
    [InlineData(30_000, 1024)]
    public async Task Title_is_cut_where_it_is_longer_than_any(int length, int kept)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(Page($$"""{"ratingKey":"1","type":"movie","title":"{{new string('x', length)}}"}"""));

        Assert.Equal(kept, Assert.Single(await ReadAsync(server, library)).Title.Length);
    }

    [Fact]
    public async Task Title_is_not_cut_within_a_surrogate_pair()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).RespondJson(Page($$"""{"ratingKey":"1","type":"movie","title":"x{{string.Concat(Enumerable.Repeat("🎬", 600))}}"}"""));

        var title = Assert.Single(await ReadAsync(server, library)).Title;

        Assert.Equal((1023, 'x'), (title.Length, title[0]));
        Assert.False(char.IsHighSurrogate(title[^1]));
    }

    [Fact]
    public async Task Titles_do_not_fill_the_memory()
    {
        const int Count = 4_000;
        using var fake = new PlexFake(options => options.PageSize = 200);
        var (server, library) = await fake.WithMoviesAsync();
        var title = new string('x', 30_000);
        fake.Server("/library/sections/1/all").Respond(request =>
        {
            var start = int.Parse(request.Headers.GetValues("X-Plex-Container-Start").Single(), null);
            var rows = Enumerable.Range(start, 200)
                .Select(key => $$"""{"ratingKey":"{{key}}","type":"movie","viewCount":1,"title":"{{title}}"}""");
            return Raw(Encoding.UTF8.GetBytes(PlexFake.Container($"\"size\":200,\"totalSize\":{Count},\"offset\":{start}", rows)));
        });
        var catalogue = new Catalogue(1);

        await foreach (var item in server.GetItemsAsync(library))
        {
            catalogue.Add(0, library, ItemRow.Of(item), []);
        }

        Assert.Equal(Count, catalogue.Items.Count());
        Assert.All(catalogue.Items, static item => Assert.Equal(1024, item.Title.Length));
    }

    [Fact]
    public async Task Listing_that_sends_far_more_than_it_lists_is_refused()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var summary = new string('x', 20_000_000);
        fake.Page(0).RespondJson(Page($$"""{"ratingKey":"1","type":"movie","summary":"{{summary}}"}"""));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal((PlexErrorKind.InvalidResponse, true), (error.Kind, error.IsFinal));
    }

    private static string Page(params string[] rows) => PlexFake.Container($"\"size\":{rows.Length},\"totalSize\":{rows.Length}", rows);

    private static HttpResponseMessage Raw(byte[] body)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = new("application/json");
        return answer;
    }

    private static HttpResponseMessage Dated(string body, DateTimeOffset now)
    {
        var answer = Raw(Encoding.UTF8.GetBytes(body));
        answer.Headers.Date = now;
        return answer;
    }

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
