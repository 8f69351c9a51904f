using System.Net;
using System.Net.Http.Headers;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Http;

/// <summary>Who refused a request, and whether it may be sent again.</summary>
public sealed class RefusalTests
{
    private const string PlexPage = "<html><head><title>Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>";

    private const string NginxPage = "<html><head><title>403 Forbidden</title></head><body><center>nginx</center></body></html>";

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "", null, null, PlexErrorKind.InvalidToken)]
    [InlineData(HttpStatusCode.Forbidden, PlexPage, null, null, PlexErrorKind.Forbidden)]
    [InlineData(HttpStatusCode.Forbidden, "anything", "X-Plex-Protocol", "1.0", PlexErrorKind.Forbidden)]
    [InlineData(HttpStatusCode.Unauthorized, "", "WWW-Authenticate", "Basic realm=\"nas\"", PlexErrorKind.GatewayRefused)]
    [InlineData(HttpStatusCode.Forbidden, "", "CF-RAY", "1", PlexErrorKind.GatewayRefused)]
    [InlineData(HttpStatusCode.Forbidden, "", "Server", "Caddy", PlexErrorKind.GatewayRefused)]
    [InlineData(HttpStatusCode.Forbidden, NginxPage, null, null, PlexErrorKind.GatewayRefused)]
    [InlineData(HttpStatusCode.Forbidden, "Access denied | Cloudflare", null, null, PlexErrorKind.GatewayRefused)]
    [InlineData(HttpStatusCode.ProxyAuthenticationRequired, "", "Proxy-Authenticate", "Basic", PlexErrorKind.GatewayRefused)]
    public async Task Refusal_is_the_servers_own_or_that_of_a_gateway(
        HttpStatusCode status, string body, string? header, string? value, PlexErrorKind expected)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections").Respond(_ => Answer(status, body, header, value));

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.Equal((expected, "Owner"), (error.Kind, error.UserName));
    }

    [Fact]
    public async Task Refusal_of_what_needs_no_token_is_that_of_a_gateway()
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/resources").RespondJson(PlexFake.Resources("owner-server-token00", owned: true));
        fake.Server("/identity").Respond(HttpStatusCode.Forbidden);

        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.ConnectAsync(PlexFake.ServerUrl, account));

        Assert.Equal(PlexErrorKind.GatewayRefused, error.Kind);
    }

    [Theory]
    [InlineData("<h1>400 Bad Request</h1><p>Plex Media Server is still starting up</p>", true)]
    [InlineData("""{"errors":[{"message":"The server is currently running startup maintenance tasks"}]}""", true)]
    [InlineData("<h1>400 Bad Request</h1>", false)]
    [InlineData("Missing X-Plex-Container-Start", false)]
    public async Task Mark_refused_while_the_server_starts_is_sent_again_and_no_other_is(string body, bool isStarting)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/:/scrobble").Respond(_ => Answer(HttpStatusCode.BadRequest, body, null, null));

        var error = await Assert.ThrowsAsync<PlexException>(() => server.MarkWatchedAsync(RatingKey.Parse("42")));

        Assert.Equal(isStarting ? PlexErrorKind.Unavailable : PlexErrorKind.Rejected, error.Kind);
        Assert.Equal(isStarting ? 1 + PlexClientOptions.DefaultMaxRetries : 1, fake.Http.GetMatchCount(request));
        // It was refused before anything was done.
        Assert.False(error.MayHaveTakenEffect);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    public async Task Web_server_that_does_not_know_the_question_is_not_Plex(HttpStatusCode status)
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/resources").RespondJson(PlexFake.Resources("owner-server-token00", owned: true));
        fake.Server("/identity").RespondHtml(status);

        var byAddress = await Assert.ThrowsAsync<PlexException>(() => fake.Client.ConnectAsync(PlexFake.ServerUrl, account));
        var listed = await fake.Client.FindServerAsync(account);
        var byName = await Assert.ThrowsAsync<PlexException>(() => fake.Client.ConnectAsync(listed, account));

        Assert.Equal((PlexErrorKind.NotPlex, PlexErrorKind.NotPlex), (byAddress.Kind, byName.Kind));
    }

    [Fact]
    public void Request_shows_neither_token_nor_PIN()
    {
        var request = new PlexRequest(HttpMethod.Post, PlexFake.ServerUrl, "/switch")
        {
            Token = "secret-token",
            Pin = "4321",
            SecretSegment = "secret-code",
        };

        Assert.Equal("POST nas.test:32400/switch/***", $"{request}");
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, string? header, string? value)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, new MediaTypeHeaderValue("text/html")) };
        if (header is not null)
        {
            answer.Headers.TryAddWithoutValidation(header, value);
        }

        return answer;
    }
}
