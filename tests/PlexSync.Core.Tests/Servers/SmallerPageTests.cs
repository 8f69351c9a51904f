using System.Globalization;
using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

/// <summary>A server, or a proxy before it, that fails when much is asked for at once is asked for less.</summary>
public sealed class SmallerPageTests
{
    private const int Count = 360;

    [Theory]
    [InlineData(500, 200)]
    [InlineData(502, 200)]
    [InlineData(504, 130)]
    [InlineData(500, 125)]
    public async Task Pages_are_halved_until_the_server_can_answer_and_the_size_is_kept(int status, int most)
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var asked = new List<int>();
        fake.Server("/library/sections/1/all")
            .Respond(request => Answer(request, asked, most, () => new HttpResponseMessage((HttpStatusCode)status)));

        var items = await ReadAsync(server, library);

        Assert.Equal(Count, items.Count);
        Assert.Equal([1000, 500, 250, 125, 125, 125], asked);
        asked.Clear();
        // Another user of the server, in the same run.
        await ReadAsync(
            server.As(new PlexUser { Id = new UserId(1002), Title = "Kid", Uuid = "" }, PlexFake.KidToken, IdentityProof.Proved), library);
        Assert.Equal([125, 125, 125], asked);
    }

    [Fact]
    public async Task Pages_are_halved_when_the_server_takes_too_long()
    {
        using var fake = new PlexFake(options => options.Timeout = TimeSpan.FromMilliseconds(200));
        var (server, library) = await fake.WithMoviesAsync();
        var asked = new List<int>();
        fake.Server("/library/sections/1/all").Respond(async request =>
        {
            if (SizeOf(request) > 300)
            {
                asked.Add(SizeOf(request));
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            }

            return Answer(request, asked, int.MaxValue, () => throw new InvalidOperationException());
        });

        Assert.Equal(Count, (await ReadAsync(server, library)).Count);
        Assert.Equal([1000, 500, 250, 250], asked);
    }

    [Theory]
    [InlineData(200, new[] { 200, 125, 125, 125, 125, 125 })]
    [InlineData(100, new[] { 100, 100, 100, 100, 100 })]
    public async Task Smallest_page_is_asked_for_as_often_as_anything_and_the_error_says_what_sets_the_size(int pageSize, int[] expected)
    {
        using var fake = new PlexFake(options => options.PageSize = pageSize);
        var (server, library) = await fake.WithMoviesAsync();
        var asked = new List<int>();
        fake.Server("/library/sections/1/all")
            .Respond(request => Answer(request, asked, 0, static () => new HttpResponseMessage(HttpStatusCode.InternalServerError)));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(expected, asked);
        Assert.Equal(PlexErrorKind.ServerError, error.Kind);
        Assert.Contains(nameof(PlexClientOptions.PageSize), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_stay_as_they_are_when_the_server_is_not_there_for_a_moment()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var (asked, isFirst) = (new List<int>(), true);
        fake.Server("/library/sections/1/all").Respond(request =>
        {
            var fails = isFirst;
            isFirst = false;
            return Answer(
                request, asked, fails ? 0 : int.MaxValue, static () => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        });

        Assert.Equal(Count, (await ReadAsync(server, library)).Count);
        Assert.Equal([1000, 1000], asked);
    }

    [Fact]
    public async Task Total_still_has_to_add_up_when_pages_are_halved()
    {
        using var fake = new PlexFake();
        var (server, library) = await fake.WithMoviesAsync();
        var asked = new List<int>();
        fake.Server("/library/sections/1/all").Respond(request => Answer(
            request, asked, 125, static () =>
                new HttpResponseMessage(HttpStatusCode.InternalServerError), total: asked.Count > 4 ? Count - 1 : Count));

        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(server, library));

        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Fact]
    public async Task Bulk_reads_are_halved_too()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var asked = new List<int>();
        fake.Server("/library/metadata/*").Respond(request =>
        {
            var keys = request.RequestUri!.Segments[^1].Split(',');
            asked.Add(keys.Length);
            return keys.Length > 60 ? new HttpResponseMessage(HttpStatusCode.GatewayTimeout)
                : Json(
                    PlexFake.Container(
                        $"\"size\":{keys.Length},\"totalSize\":{keys.Length}",
                        keys.Select(static key => $$"""{"ratingKey":"{{key}}","type":"movie"}""")));
        });
        var keys = Enumerable.Range(1, 400).Select(static key => RatingKey.Parse($"{key}")).ToList();

        Assert.Equal(400, (await server.GetItemsAsync(keys)).Count);

        Assert.Equal([200, 100, .. Enumerable.Repeat(50, 8)], asked);
    }

    private static HttpResponseMessage Answer(
        HttpRequestMessage request, List<int> asked, int most, Func<HttpResponseMessage> fail, int total = Count)
    {
        var (start, size) = (
            int.Parse(request.Headers.GetValues("X-Plex-Container-Start").Single(), CultureInfo.InvariantCulture), SizeOf(request));
        asked.Add(size);
        var count = Math.Min(size, Count - start);
        return size > most ? fail() : Json(PlexFake.Movies(start + 1, count, $"\"size\":{count},\"totalSize\":{total},\"offset\":{start}"));
    }

    private static int SizeOf(HttpRequestMessage request) =>
        int.Parse(request.Headers.GetValues("X-Plex-Container-Size").Single(), CultureInfo.InvariantCulture);

    private static HttpResponseMessage Json(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

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
