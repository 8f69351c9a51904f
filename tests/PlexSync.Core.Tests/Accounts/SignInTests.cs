using System.Net;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

public sealed class SignInTests
{
    [Fact]
    public async Task Sign_in_tells_whose_token_it_is()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user")
            .WithHeaders("X-Plex-Token", PlexFake.OwnerToken)
            .WithHeaders("X-Plex-Client-Identifier", "test-client")
            .WithHeaders("X-Plex-Product", "PlexSync")
            .RespondJson("""{"id":"1001","uuid":"aaaa","title":"Owner","username":"","email":null,"restricted":0}""");

        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);

        Assert.Equal(new UserId(1001), account.User.Id);
        Assert.Null(account.User.Username);
        Assert.Equal("Owner", account.ToString());
    }

    [Theory]
    [InlineData("eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJwbGV4In0.c2lnbmF0dXJl")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789+")]
    public async Task Sign_in_exchanges_a_jwt_by_switching_to_its_owner(string token)
    {
        using var fake = new PlexFake();
        ExpectExchange(fake, token, """{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        var account = await fake.Client.SignInAsync(token, "1234");

        Assert.Equal(new UserId(1001), account.User.Id);
        Assert.Equal(PlexFake.OwnerToken, account.Token);
        // The opaque token is for use, not for keeping.
        Assert.Equal(token, account.RevealToken());
    }

    [Fact]
    public async Task Sign_in_refuses_a_jwt_that_is_exchanged_for_the_token_of_another()
    {
        using var fake = new PlexFake();
        ExpectExchange(fake, Jwt, """{"id":1002,"uuid":"bbbb","title":"Kid"}""");

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync(Jwt));

        Assert.Equal(PlexErrorKind.IdentityNotProved, error.Kind);
    }

    [Fact]
    public async Task Sign_in_asks_for_the_PIN_that_the_exchange_of_a_jwt_needs()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", Jwt).RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/home/users/aaaa/switch").Respond(
            HttpStatusCode.Forbidden,
            "application/json",
            """{"errors":[{"code":1041,"message":"A valid PIN is required","status":403}]}""");

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync(Jwt));

        Assert.Equal((PlexErrorKind.PinRequired, "Owner"), (error.Kind, error.Subject));
    }

    [Theory]
    [InlineData(498, PlexErrorKind.TokenExpired)]
    [InlineData(401, PlexErrorKind.InvalidToken)]
    public async Task Sign_in_tells_a_token_that_expired_from_one_that_is_not_known(int status, PlexErrorKind expected)
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").Respond((HttpStatusCode)status);

        Assert.Equal(expected, (await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync(Jwt))).Kind);
    }

    [Fact]
    public async Task Sign_in_refuses_a_code_that_claims_a_server_before_any_request()
    {
        using var fake = new PlexFake();

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync("claim-abcdefghijklmnopqrst"));

        Assert.Equal(PlexErrorKind.UnusableToken, error.Kind);
        Assert.Equal(0, fake.Client.Requests.Reads);
    }

    [Fact]
    public async Task Jwt_that_a_switch_mints_tells_who_it_is_and_is_not_switched_again()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Http.Clear();
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", PlexFake.OwnerToken)
            .RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", Jwt).RespondJson("""{"id":1002,"uuid":"bbbb","title":"Kid"}""");
        fake.Account("/api/v2/home/users").RespondJson(
            """{"users":[{"id":1001,"uuid":"aaaa","title":"Owner"},{"id":1002,"uuid":"bbbb","title":"Kid","protected":true}]}""");
        fake.Account("/api/users").Respond("application/xml", "<MediaContainer size=\"0\"/>");
        fake.Account("/api/v2/home/users/bbbb/switch").WithQueryString("pin", "1234")
            .RespondJson($$"""{"id":1002,"authToken":"{{Jwt}}"}""");
        fake.Account("/api/v2/home/users/bbbb/switch")
            .Respond(
                HttpStatusCode.Forbidden,
                "application/json",
                """{"errors":[{"code":1041,"message":"A valid PIN is required","status":403}]}""");
        fake.Account("/api/v2/resources").WithHeaders("X-Plex-Token", Jwt).RespondJson(PlexFake.Resources(PlexFake.KidToken, owned: false));
        fake.Server("/:/prefs").WithHeaders("X-Plex-Token", PlexFake.KidToken).Respond(HttpStatusCode.Forbidden);

        var kid = await new HomeUserSwitcher(fake.Client, await fake.Client.SignInAsync(PlexFake.OwnerToken))
            .SwitchAsync(server, "Kid", "1234");

        Assert.Equal((new UserId(1002), IdentityProof.Proved), (kid.User.Id, kid.Identity));
    }

    private const string Jwt = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJwbGV4In0.c2lnbmF0dXJl";

    private static void ExpectExchange(PlexFake fake, string token, string holder)
    {
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", token).RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/home/users/aaaa/switch").WithHeaders("X-Plex-Token", token)
            .RespondJson($$"""{"id":1001,"authToken":"{{PlexFake.OwnerToken}}"}""");
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", PlexFake.OwnerToken).RespondJson(holder);
    }

    [Theory]
    [InlineData("bad\r\nX-Injected: 1")]
    [InlineData("clé")]
    public async Task Sign_in_refuses_a_token_that_cannot_be_one_before_any_request(string token)
    {
        using var fake = new PlexFake();

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync(token));

        Assert.Equal(PlexErrorKind.InvalidToken, error.Kind);
        Assert.DoesNotContain(token, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"pong":true}""")]
    [InlineData(HttpStatusCode.Unauthorized, """{"errors":[{"code":1001,"message":"User could not be authenticated","status":401}]}""")]
    public async Task The_time_at_plex_tv_is_that_of_its_answer(HttpStatusCode status, string body)
    {
        using var fake = new PlexFake();
        var time = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
        fake.Account("/api/v2/ping").Respond(_ =>
        {
            var answer =
                new HttpResponseMessage(status) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            answer.Headers.Date = time;
            return answer;
        });

        Assert.Equal(time, await fake.Client.GetTimeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_time_at_plex_tv_is_unknown_when_it_does_not_tell()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/ping").RespondJson("""{"pong":true}""");

        Assert.Null(await fake.Client.GetTimeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_web_page_does_not_tell_the_time_at_plex_tv()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/ping").RespondHtml(HttpStatusCode.OK);

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.GetTimeAsync(TestContext.Current.CancellationToken));

        Assert.Equal(PlexErrorKind.NotPlex, error.Kind);
    }

    [Fact]
    public async Task Home_users_are_empty_when_there_is_no_home()
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        fake.Account("/api/v2/home/users").Respond(HttpStatusCode.NotFound);

        Assert.Empty(await fake.Client.GetHomeUsersAsync(await fake.Client.SignInAsync(PlexFake.OwnerToken)));
    }

    [Fact]
    public async Task Friends_are_those_outside_the_home()
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[{"id":1001,"title":"Owner"},{"id":1002,"title":"Kid"}]}""");
        fake.Account("/api/users").Respond(
            "application/xml",
            """<MediaContainer size="2"><User id="1002" title="Kid" home="1"/>"""
            + """<User id="2001" title="Friend" username="friend" email="f@x" thumb="https://plex.tv/users/eeee/avatar?c=1"/>"""
            + """</MediaContainer>""");

        var friend = Assert.Single(await fake.Client.GetFriendsAsync(await fake.Client.SignInAsync(PlexFake.OwnerToken)));

        Assert.Equal((new UserId(2001), "Friend", "friend", "eeee"), (friend.Id, friend.Title, friend.Username, friend.Uuid));
    }

    [Fact]
    public async Task Servers_list_their_addresses_best_first()
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        fake.Http.Clear();
        fake.Account("/api/v2/resources").RespondJson(
            """
            [{"name":"NAS","clientIdentifier":"abc","provides":"client,server","owned":1,"httpsRequired":false,"connections":[
              {"protocol":"https","address":"203.0.113.5","port":32400,
               "uri":"https://203-0-113-5.h.plex.direct:32400","local":false,"relay":false},
              {"protocol":"https","address":"198.51.100.1","port":443,
               "uri":"https://198-51-100-1.h.plex.direct:443","local":false,"relay":true},
              {"protocol":"https","address":"192.168.1.5","port":32400,
               "uri":"https://192-168-1-5.h.plex.direct:32400","local":true,"relay":false},
              {"protocol":"https","address":"fd00::5","port":32400,"uri":"javascript:alert(1)","local":true,"relay":false,"IPv6":true}]},
             {"name":"TV","clientIdentifier":"def","provides":"player"}]
            """);

        var server = Assert.Single(await fake.Client.GetServersAsync(await AccountAsync(fake)));

        Assert.Equal(
            [
                "https://192-168-1-5.h.plex.direct:32400/", "http://192.168.1.5:32400/", "http://[fd00::5]:32400/",
                "https://203-0-113-5.h.plex.direct:32400/", "https://198-51-100-1.h.plex.direct/",
            ],
            server.Addresses.Select(address => address.ToString()));
        Assert.DoesNotContain("AccessToken", server.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_refuses_options_that_make_no_sense()
    {
        using var http = new HttpClient();

        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => new PlexClient(http, new PlexClientOptions()));
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(
            () => new PlexClient(http, new PlexClientOptions { ClientIdentifier = "x", PageSize = 0 }));
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(
            () => new PlexClient(http, new PlexClientOptions { ClientIdentifier = "x", Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(
            () => new PlexClient(http, new PlexClientOptions { ClientIdentifier = "x", AccountUrl = new Uri("ftp://plex.tv") }));
    }

    private static async Task<PlexAccount> AccountAsync(PlexFake fake)
    {
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"title":"Owner"}""");
        return await fake.Client.SignInAsync(PlexFake.OwnerToken);
    }
}
