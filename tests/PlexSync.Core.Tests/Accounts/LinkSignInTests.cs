using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

public sealed class LinkSignInTests : IDisposable
{
    private const string Typed = "/api/v2/pins/111222333";
    private const string Strong = "/api/v2/pins/111222334";
    private const string Gone = """{"errors":[{"code":1020,"message":"Code not found or expired"}]}""";

    private readonly JumpingTime _time = new();
    private readonly PlexFake _fake;

    public LinkSignInTests() => _fake = new PlexFake(time: _time);

    [Fact]
    public async Task Link_asks_for_a_code_to_type_and_one_for_the_page_without_a_token()
    {
        var typed = Create("false", """{"id":111222333,"code":"AB12","expiresIn":900,"authToken":null}""");
        var strong = Create("true", """{"id":"111222334","code":"strong code&","expiresIn":"1800","authToken":null}""");

        var link = await _fake.Client.RequestLinkAsync();

        Assert.Equal("AB12", link.Code);
        Assert.Equal("https://plex.tv/link", link.LinkUrl.AbsoluteUri);
        Assert.Equal(
            "https://app.plex.tv/auth#?clientID=test-client&code=strong%20code%26&context%5Bdevice%5D%5Bproduct%5D=PlexSync",
            link.SignInUrl.AbsoluteUri);
        Assert.Equal(_time.Now.AddMinutes(15), link.ExpiresAt);
        Assert.Equal((1, 1), (_fake.Http.GetMatchCount(typed), _fake.Http.GetMatchCount(strong)));
    }

    [Fact]
    public async Task Link_shows_no_code_when_it_is_printed()
    {
        var text = $"{await RequestAsync()}";

        Assert.Equal("A link code, until 2026-01-01 12:15:00Z", text);
    }

    [Theory]
    [InlineData("""{"code":"AB12"}""", "id")]
    [InlineData("""{"id":0,"code":"AB12"}""", "id")]
    [InlineData("""{"id":111222333,"code":" "}""", "code")]
    [InlineData(
        """{"id":111222333,"code":"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"""
        + """89012345678901234567890123456789"}""", "code")]
    public async Task Link_is_refused_when_the_answer_lacks_what_it_must_have(string answer, string field)
    {
        Create("false", answer);

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.RequestLinkAsync());

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
        Assert.Contains($"'{field}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", 15 * 60)]
    [InlineData("-5", 1)]
    [InlineData("9000000000000000000", 24 * 60 * 60)]
    public async Task Link_lives_no_longer_and_no_shorter_than_makes_sense(string expiresIn, int seconds)
    {
        foreach (var strong in new[] { "false", "true" })
        {
            Create(strong, $$"""{"id":111222333,"code":"AB12","expiresIn":{{expiresIn}}}""");
        }

        Assert.Equal(_time.Now.AddSeconds(seconds), (await _fake.Client.RequestLinkAsync()).ExpiresAt);
    }

    [Fact]
    public async Task Wait_looks_less_and_less_often_until_the_code_is_confirmed()
    {
        var link = await RequestAsync();
        Poll(Strong, Pending);
        Poll(Typed, Pending, Pending, Pending, Pending, Pending, Pending, Confirmed);
        User();

        var account = await _fake.Client.WaitForLinkAsync(link);

        Assert.Equal("Owner", account.User.Title);
        Assert.Equal(PlexFake.OwnerToken, account.RevealToken());
        Assert.Equal("Owner", account.ToString());
        Assert.Equal([1, 2, 3, 4, 5, 5, 5], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Wait_is_over_when_the_page_confirmed_instead()
    {
        var link = await RequestAsync();
        Poll(Typed, Pending);
        Poll(Strong, Pending, Confirmed);
        User();

        Assert.Equal(new UserId(1001), (await _fake.Client.WaitForLinkAsync(link)).User.Id);
    }

    [Fact]
    public async Task Wait_goes_on_with_the_other_code_when_one_is_gone()
    {
        var link = await RequestAsync();
        var typed = Poll(Typed, NotThere);
        Poll(Strong, Pending, Pending, Confirmed);
        User();

        await _fake.Client.WaitForLinkAsync(link);

        Assert.Equal(1, _fake.Http.GetMatchCount(typed));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, Gone)]
    [InlineData(HttpStatusCode.NotFound, "")]
    [InlineData(HttpStatusCode.UnprocessableEntity, """{"errors":[{"code":1069,"message":"Code expired","status":422}]}""")]
    public async Task Wait_ends_when_plex_tv_knows_neither_code_any_more(HttpStatusCode status, string body)
    {
        var link = await RequestAsync();
        Poll(Typed, () => Json(status, body));
        Poll(Strong, () => Json(status, body));

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.WaitForLinkAsync(link));

        Assert.Equal(PlexErrorKind.LinkExpired, error.Kind);
        Assert.Single(_time.Waits);
    }

    [Fact]
    public async Task Wait_ends_when_the_time_is_over_and_not_before()
    {
        var link = await RequestAsync();
        Poll(Typed, Pending);
        Poll(Strong, Pending);

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.WaitForLinkAsync(link));

        Assert.Equal(PlexErrorKind.LinkExpired, error.Kind);
        Assert.Equal(link.ExpiresAt, _time.Now);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("web page")]
    [InlineData("cut")]
    [InlineData("reset")]
    public async Task Wait_goes_on_when_a_failure_may_pass(string failure)
    {
        Func<HttpResponseMessage> fail = failure switch
        {
            "500" => static () => new HttpResponseMessage(HttpStatusCode.InternalServerError),
            "503" => static () => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable),
            "web page" =>
                static () =>
                    new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html></html>", Encoding.UTF8, "text/html") },
            "cut" => static () => Json(HttpStatusCode.OK, """{"id":1112"""),
            _ => static () => throw new HttpRequestException(HttpRequestError.ConnectionError),
        };
        var link = await RequestAsync();
        Poll(Typed, fail, fail, Confirmed);
        Poll(Strong, fail);
        User();

        await _fake.Client.WaitForLinkAsync(link);

        // One look each time: waiting is the retry.
        Assert.Equal([1, 2, 3], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Wait_tells_what_stood_in_the_way_when_it_ends_in_trouble()
    {
        var link = await RequestAsync();
        Poll(Typed, () => new HttpResponseMessage(HttpStatusCode.BadGateway));
        Poll(Strong, () => new HttpResponseMessage(HttpStatusCode.BadGateway));

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.WaitForLinkAsync(link));

        Assert.Equal(PlexErrorKind.LinkExpired, error.Kind);
        Assert.Equal(PlexErrorKind.ServerError, Assert.IsType<PlexException>(error.InnerException).Kind);
        Assert.DoesNotContain("11122233", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_keeps_the_pause_that_plex_tv_asks_for()
    {
        var link = await RequestAsync();
        Poll(Typed, () => RateLimited(TimeSpan.FromSeconds(40)), Confirmed);
        var strong = Poll(Strong, Pending);
        User();

        await _fake.Client.WaitForLinkAsync(link);

        Assert.Equal([1, 40], _time.Waits.Select(wait => wait.TotalSeconds));
        Assert.Equal(0, _fake.Http.GetMatchCount(strong));
    }

    [Fact]
    public async Task Wait_ends_when_plex_tv_asks_for_a_longer_pause_than_the_code_lives()
    {
        var link = await RequestAsync();
        Poll(Typed, () => RateLimited(TimeSpan.FromHours(1)));

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.WaitForLinkAsync(link));

        Assert.Equal((PlexErrorKind.RateLimited, TimeSpan.FromHours(1)), (error.Kind, error.RetryAfter));
        Assert.Single(_time.Waits);
    }

    [Fact]
    public async Task Wait_asks_again_whose_token_it_is_when_that_failed_for_now()
    {
        using var fake = new PlexFake(options => options.MaxRetries = 0, time: _time);
        var link = await RequestAsync(fake);
        var typed = Poll(fake, Typed, Confirmed);
        Poll(fake, "/api/v2/user", () => new HttpResponseMessage(HttpStatusCode.BadGateway), () => Json(
            HttpStatusCode.OK, """{"id":1001,"title":"Owner"}"""));

        await fake.Client.WaitForLinkAsync(link);

        Assert.Equal(1, fake.Http.GetMatchCount(typed));
    }

    [Fact]
    public async Task Wait_is_cancelled_when_the_caller_cancels()
    {
        using var cancellation = new CancellationTokenSource();
        var link = await RequestAsync();
        Poll(Typed, Pending);
        Poll(Strong, () =>
        {
            cancellation.Cancel();
            return Pending();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fake.Client.WaitForLinkAsync(link, cancellation.Token));

        Assert.Single(_time.Waits);
    }

    [Fact]
    public async Task Wait_exchanges_a_jwt_that_plex_tv_hands_out()
    {
        var link = await RequestAsync();
        Poll(Typed, static () => Json(
            HttpStatusCode.OK, """{"id":111222333,"code":"AB12","authToken":"eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJwbGV4In0.c2lnbmF0dXJl"}"""));
        const string Jwt = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJwbGV4In0.c2lnbmF0dXJl";
        _fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", Jwt).RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        _fake.Account("/api/v2/home/users/aaaa/switch").RespondJson($$"""{"id":1001,"authToken":"{{PlexFake.OwnerToken}}"}""");
        User();

        var account = await _fake.Client.WaitForLinkAsync(link);

        Assert.Equal((PlexFake.OwnerToken, Jwt), (account.Token, account.RevealToken()));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, PlexErrorKind.InvalidToken)]
    [InlineData(HttpStatusCode.BadRequest, PlexErrorKind.Rejected)]
    public async Task Wait_ends_when_plex_tv_refuses_to_say(HttpStatusCode status, PlexErrorKind kind)
    {
        var link = await RequestAsync();
        Poll(Typed, () => Json(status, """{"errors":[{"code":1000,"message":"No to 111222333"}]}"""));

        var error = await Assert.ThrowsAsync<PlexException>(() => _fake.Client.WaitForLinkAsync(link));

        Assert.Equal(kind, error.Kind);
        // The number of a code opens its token.
        Assert.DoesNotContain("111222333", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("plex.test/api/v2/pins/***", error.Path);
    }

    public void Dispose() => _fake.Dispose();

    private static HttpResponseMessage Pending() =>
        Json(HttpStatusCode.OK, """{"id":111222333,"code":"AB12","expiresIn":900,"authToken":null}""");

    private static HttpResponseMessage Confirmed() =>
        Json(HttpStatusCode.OK, $$"""{"id":111222333,"code":"AB12","expiresIn":900,"authToken":"{{PlexFake.OwnerToken}}"}""");

    private static HttpResponseMessage NotThere() => Json(HttpStatusCode.NotFound, Gone);

    private static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage RateLimited(TimeSpan retryAfter)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(retryAfter);
        return answer;
    }

    private Task<LinkCode> RequestAsync() => RequestAsync(_fake);

    private static async Task<LinkCode> RequestAsync(PlexFake fake)
    {
        Create(fake, "false", """{"id":111222333,"code":"AB12","expiresIn":900,"authToken":null}""");
        Create(fake, "true", """{"id":111222334,"code":"strongcodestrongcode","expiresIn":900,"authToken":null}""");
        return await fake.Client.RequestLinkAsync();
    }

    private MockedRequest Create(string strong, string json) => Create(_fake, strong, json);

    private static MockedRequest Create(PlexFake fake, string strong, string json) =>
        fake.Http.When(HttpMethod.Post, "http://plex.test/api/v2/pins")
        .WithQueryString("strong", strong)
        .WithHeaders("X-Plex-Client-Identifier", "test-client")
        .WithHeaders("X-Plex-Product", "PlexSync")
        .With(static request => !request.Headers.Contains("X-Plex-Token"))
        .Respond(HttpStatusCode.Created, "application/json", json);

    private MockedRequest Poll(string path, params Func<HttpResponseMessage>[] answers) => Poll(_fake, path, answers);

    /// <summary>One answer after the other; the last one again and again.</summary>
    private static MockedRequest Poll(PlexFake fake, string path, params Func<HttpResponseMessage>[] answers)
    {
        var count = 0;
        return fake.Http.When(HttpMethod.Get, $"http://plex.test{path}")
            .WithHeaders("X-Plex-Client-Identifier", "test-client")
            .Respond(_ => answers[Math.Min(count++, answers.Length - 1)]());
    }

    private MockedRequest User() =>
        _fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", PlexFake.OwnerToken).RespondJson("""{"id":1001,"title":"Owner"}""");
}
