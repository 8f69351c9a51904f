using System.Net;
using Microsoft.Extensions.Time.Testing;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Http;

/// <summary>
/// Whatever a server sends, what comes out is a value or a <see cref="PlexException"/>, without secrets and control characters.
/// </summary>
public sealed class HostileAnswerTests
{
    public static TheoryData<string> Bodies() =>
    [
        "null", "\"\"", "", "\0", new string('[', 100_000), """{"MediaContainer":[]}""", """{"MediaContainer":{}}""",
        """{"MediaContainer":{"size":1,"Directory":[null]}}""", """{"MediaContainer":{"size":1,"Directory":{}}}""",
        """{"MediaContainer":{"size":1,"totalSize":2,"Directory":[{"key":"1","type":"movie"}]}}""",
        """{"MediaContainer":{"size":2,"Directory":[{"key":"1","type":"movie"},{"key":"1","type":"movie"}]}}""",
        """{"MediaContainer":{"size":1,"Directory":[{"key":"../prefs","type":"movie"}]}}""",
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Libraries_are_refused_when_their_list_makes_no_sense(string body)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections").RespondJson(body);

        await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());
    }

    [Theory]
    [InlineData("/api/v2/home/users", "{}")]
    [InlineData("/api/v2/home/users", """{"users":{}}""")]
    [InlineData("/api/v2/resources", "{}")]
    [InlineData("/api/v2/resources", "\"text\"")]
    public async Task Account_lists_are_refused_when_they_make_no_sense(string path, string body)
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);
        fake.Http.Clear();
        fake.Account(path).RespondJson(body);

        await Assert.ThrowsAsync<PlexException>(() =>
            path.EndsWith("users", StringComparison.Ordinal) ? fake.Client.GetHomeUsersAsync(account)
                : fake.Client.GetServersAsync(account));
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"a lot\"")]
    [InlineData("500")]
    public async Task Threshold_is_the_default_when_the_servers_makes_no_sense(string value)
    {
        using var fake = new PlexFake();
        fake.Server("/:/prefs")
            .RespondJson($$$"""{"MediaContainer":{"size":1,"Setting":[{"id":"LibraryVideoPlayedThreshold","value":{{{value}}}}]}}""");

        try
        {
            Assert.Equal(OwnerPreferences.DefaultPlayedThreshold, (await fake.ConnectAsync()).PlayedThreshold);
        }
        catch (PlexException e)
        {
            Assert.Equal(PlexErrorKind.InvalidResponse, e.Kind);
        }
    }

    [Theory]
    [InlineData("""{"errors":[null]}""")]
    [InlineData("""{"errors":[{"code":99999999999999,"message":"\ud800"}]}""")]
    [InlineData("""{"errors":""")]
    public async Task Error_body_that_makes_no_sense_is_passed_over(string body)
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);
        fake.Http.Clear();
        fake.Account("/api/v2/resources").Respond(HttpStatusCode.BadRequest, "application/json", body);

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.GetServersAsync(account));

        Assert.Equal(PlexErrorKind.Rejected, error.Kind);
    }

    [Fact]
    public async Task Control_characters_of_a_server_do_not_reach_messages()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections").Respond(HttpStatusCode.BadRequest, "text/plain", "x\u001b]0;owned\u0007\nfake: log line");

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("kid\\nserver-token")]
    [InlineData("a.b.c")]
    public async Task Server_token_that_cannot_be_one_is_refused(string token)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Http.Clear();
        fake.Account("/api/v2/home/users").RespondJson(
            """{"users":[{"id":1001,"uuid":"aaaa","title":"Owner"},{"id":1002,"uuid":"bbbb","title":"Kid","restricted":true}]}""");
        fake.Account("/api/users").Respond("application/xml", "<MediaContainer size=\"0\"/>");
        fake.Account("/api/v2/home/users/bbbb/switch")
            .RespondJson("""{"id":1002,"uuid":"bbbb","title":"Kid","authToken":"kid-account-token000"}""");
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", "kid-account-token000")
            .RespondJson("""{"id":1002,"uuid":"bbbb","title":"Kid"}""");
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/resources").RespondJson(PlexFake.Resources(token, owned: false));
        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);

        await Assert.ThrowsAsync<PlexException>(() => new HomeUserSwitcher(fake.Client, account).SwitchAsync(server, "Kid"));
    }

    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT")]
    public async Task Date_that_no_clock_shows_is_none(string date)
    {
        var time = new FakeTimeProvider();
        using var fake = new PlexFake(time: time);
        var (server, library) = await fake.WithMoviesAsync();
        var page = PlexFake.Container(
            "\"size\":1,\"totalSize\":1", ["""{"ratingKey":"1","type":"movie","title":"A","viewCount":1,"lastViewedAt":1700000000}"""]);
        fake.Page(0).Respond(_ => Dated(page, date));

        Assert.NotNull(Assert.Single(await server.GetItemsAsync(library).ToListAsync()).State.LastViewedAt);
        Assert.Null(server.Clock.Now);
    }

    [Fact]
    public async Task Date_of_a_refusal_may_be_a_proxys()
    {
        using var fake = new PlexFake(time: new FakeTimeProvider());
        var (server, library) = await fake.WithMoviesAsync();
        fake.Page(0).Respond(_ => Dated("<html>Bad Gateway</html>", "Fri, 27 Nov 2026 03:00:00 GMT", HttpStatusCode.BadGateway));

        await Assert.ThrowsAsync<PlexException>(async () => await server.GetItemsAsync(library).ToListAsync());

        Assert.Null(server.Clock.Now);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(900)]
    [InlineData(1005)]
    [InlineData(1010)]
    [InlineData(1022)]
    public async Task Token_that_a_long_refusal_echoes_does_not_reach_messages_in_part(int before)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var body = $"{new string('x', before)}{PlexFake.OwnerToken} {new string('y', 2000)}";
        fake.Server("/library/sections").Respond(HttpStatusCode.BadRequest, "text/plain", body);

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.DoesNotContain("owner-acc", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("xo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_that_damaged_json_echoes_does_not_reach_what_the_failure_came_of()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections").RespondJson($$$"""{"MediaContainer":{"{{{PlexFake.OwnerToken}}}":[1,,]} }""");

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.DoesNotContain(PlexFake.OwnerToken, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_that_a_damaged_header_echoes_does_not_reach_what_the_failure_came_of()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var why = $"Received an invalid header line: 'Token {PlexFake.OwnerToken}'.";
        fake.Server("/library/sections").Throw(new HttpRequestException(HttpRequestError.InvalidResponse, why));

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.Equal(PlexErrorKind.NotPlex, error.Kind);
        Assert.DoesNotContain(PlexFake.OwnerToken, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_that_begins_with_two_slashes_leads_to_no_other_host()
    {
        using var fake = new PlexFake();
        var account = fake.Account("//evil.test/api/v2/user").RespondJson("""{"id":1001,"title":"Owner"}""");

        Assert.Throws<ArgumentException>(() => new PlexFake(options => options.AccountUrl = new Uri("http://plex.test//evil.test/")));
        Assert.Equal(
            "http://plex.test/evil.test/api",
            new PlexRequest(HttpMethod.Get, new Uri("http://plex.test/evil.test/"), "/api").Uri.ToString());
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await fake.Client.ConnectAsync(new Uri("http://nas.test//evil.test"), null!));
        Assert.Equal(0, fake.Http.GetMatchCount(account));
    }

    [Fact]
    public async Task Item_without_a_key_is_the_callers_mistake()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => server.MarkWatchedAsync(default));
    }

    private static HttpResponseMessage Dated(string body, string date, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        Assert.True(answer.Headers.TryAddWithoutValidation("Date", date));
        return answer;
    }
}
