using System.Net;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

public sealed class WriteTests
{
    private static readonly RatingKey Key = RatingKey.Parse("42");

    [Fact]
    public async Task Mark_watched_scrobbles_the_item()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/:/scrobble")
            .WithExactQueryString("identifier=com.plexapp.plugins.library&key=42")
            .WithHeaders("X-Plex-Client-Identifier", "test-client")
            .Respond(HttpStatusCode.OK, "text/html", "");

        await server.MarkWatchedAsync(Key);

        Assert.Equal(1, fake.Http.GetMatchCount(request));
        Assert.Equal(1, fake.Client.Requests.Writes);
    }

    [Fact]
    public async Task Mark_unwatched_unscrobbles_the_item()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/:/unscrobble").WithExactQueryString("identifier=com.plexapp.plugins.library&key=42")
            .Respond(HttpStatusCode.NoContent);

        await server.MarkUnwatchedAsync(Key);

        Assert.Equal(1, fake.Http.GetMatchCount(request));
    }

    [Fact]
    public async Task Set_position_posts_a_stopped_timeline_with_the_duration()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Http.When(HttpMethod.Post, $"{PlexFake.ServerUrl}:/timeline")
            .WithExactQueryString("ratingKey=42&key=%2Flibrary%2Fmetadata%2F42&state=stopped&time=2700000&duration=6000000")
            .RespondJson("""{"MediaContainer":{"size":0,"viewOffset":2700000}}""");

        await server.SetPositionAsync(Key, TimeSpan.FromMinutes(45), TimeSpan.FromMinutes(100));

        Assert.Equal(1, fake.Http.GetMatchCount(request));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<MediaContainer size=\"0\"/>")]
    [InlineData("<?xml version=\"1.0\"?>\n<MediaContainer size=\"0\" viewOffset=\"1\">\n</MediaContainer>\n")]
    [InlineData("{\"MediaContainer\":{\"size\":0,\"viewOffset\":2700000}}\n")]
    public async Task Set_position_takes_every_answer_that_servers_give(string body)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/:/timeline").Respond("text/xml", body);

        await server.SetPositionAsync(Key, TimeSpan.FromMinutes(45), TimeSpan.FromMinutes(100));
    }

    [Theory]
    [InlineData("<MediaContainer size=\"0\"")]
    [InlineData("<MediaContainer size=\"0\"><Video/>")]
    [InlineData("{\"MediaContainer\":{\"size\":0,")]
    [InlineData("<html>Please sign in</html>")]
    public async Task Position_is_in_doubt_when_its_answer_is_cut_off(string body)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/:/timeline").Respond("text/xml", body);

        var error = await Assert.ThrowsAsync<PlexException>(
            () => server.SetPositionAsync(Key, TimeSpan.FromMinutes(45), TimeSpan.FromMinutes(100)));

        Assert.True(error.MayHaveTakenEffect);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(11, 10)]
    public async Task Set_position_refuses_a_position_outside_the_item(int minutes, int duration)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => server.SetPositionAsync(Key, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(duration)));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    public async Task Mark_is_not_sent_again_when_the_server_fails(HttpStatusCode status)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/:/scrobble").Respond(status);

        var error = await Assert.ThrowsAsync<PlexException>(() => server.MarkWatchedAsync(Key));

        Assert.True(error.MayHaveTakenEffect);
        Assert.Equal(1, fake.Http.GetMatchCount(request));
    }

    [Fact]
    public async Task Mark_is_sent_again_when_the_server_refused_to_look_at_it()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var calls = 0;
        fake.Server("/:/scrobble").Respond(_ => new HttpResponseMessage(++calls < 3 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK));

        await server.MarkWatchedAsync(Key);

        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Position_is_sent_again_when_the_server_fails()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var calls = 0;
        fake.Server("/:/timeline").Respond(_ => new HttpResponseMessage(++calls < 3 ? HttpStatusCode.BadGateway : HttpStatusCode.OK));

        await server.SetPositionAsync(Key, TimeSpan.FromMinutes(45), TimeSpan.FromMinutes(100));

        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Mark_is_in_doubt_when_a_web_page_answers()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/:/scrobble").Respond("text/html", "<html>Please sign in</html>");

        var error = await Assert.ThrowsAsync<PlexException>(() => server.MarkWatchedAsync(Key));

        Assert.True(error.MayHaveTakenEffect);
    }
}
