using System.Net;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

public sealed class BulkReadTests
{
    [Fact]
    public async Task Bulk_read_names_at_most_200_items_a_request()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var asked = new List<int>();
        fake.Server("/library/metadata/*").Respond(request => Answer(request, asked, keys => keys));

        var items = await server.GetItemsAsync(Keys(450));

        Assert.Equal(450, items.Count);
        Assert.Equal([200, 200, 50], asked);
    }

    [Fact]
    public async Task Bulk_read_leaves_out_items_when_the_server_does()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var asked = new List<int>();
        fake.Server("/library/metadata/*").Respond(request => Answer(request, asked, keys => keys.Where(key => key != "2")));

        var items = await server.GetItemsAsync(Keys(3));

        Assert.Equal(["1", "3"], items.Keys.Select(key => key.ToString()));
        Assert.Equal([3], asked);
    }

    [Fact]
    public async Task Bulk_read_is_empty_when_no_item_resolves()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/library/metadata/*").RespondHtml(HttpStatusCode.NotFound);

        Assert.Empty(await server.GetItemsAsync(Keys(100)));
        // Asked once more, in halves, before it is believed of so many.
        Assert.Equal(3, fake.Http.GetMatchCount(request));
    }

    [Fact]
    public async Task Bulk_read_halves_the_batch_when_a_large_one_comes_back_empty()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var asked = new List<int>();
        fake.Server("/library/metadata/*").Respond(request => Answer(request, asked, keys => keys.Length > 60 ? [] : keys));

        var items = await server.GetItemsAsync(Keys(200));

        Assert.Equal(200, items.Count);
        Assert.Equal([200, 100, 50, 50, 100, 50, 50], asked);
    }

    [Fact]
    public async Task Bulk_read_is_refused_when_an_item_was_not_asked_for()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/metadata/*").Respond(request => Answer(request, [], _ => ["99"]));

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetItemsAsync(Keys(2)));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    private static IEnumerable<RatingKey> Keys(int count) => Enumerable.Range(1, count).Select(key => RatingKey.Parse($"{key}"));

    private static HttpResponseMessage Answer(HttpRequestMessage request, List<int> asked, Func<string[], IEnumerable<string>> listed)
    {
        var keys = request.RequestUri!.Segments[^1].Split(',');
        asked.Add(keys.Length);
        var items = listed(keys).Select(key => $$"""{"ratingKey":"{{key}}","type":"movie","title":"Movie"}""").ToList();
        return new HttpResponseMessage
        {
            Content = new StringContent(
                PlexFake.Container($"\"size\":{items.Count},\"totalSize\":{items.Count}", items), System.Text.Encoding.UTF8,
                "application/json"),
        };
    }
}
