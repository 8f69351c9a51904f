using System.Net;
using System.Net.Http.Headers;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Http;

/// <summary>Every client meets every failure in the same way.</summary>
public sealed class FailureTests
{
    private sealed record Call(
        string Path, bool IsAccount, Func<PlexFake, PlexServer, PlexAccount, CancellationToken, Task> Invoke, bool IsMark = false);

    private static readonly Dictionary<string, Call> Calls = new()
    {
        ["sign in"] = new("/api/v2/user", true, (fake, _, _, token) => fake.Client.SignInAsync(PlexFake.KidToken, token)),
        ["link code"] = new("/api/v2/pins", true, (fake, _, _, token) => fake.Client.RequestLinkAsync(token)),
        ["Home users"] = new("/api/v2/home/users", true, (fake, _, account, token) => fake.Client.GetHomeUsersAsync(account, token)),
        ["servers"] = new("/api/v2/resources", true, (fake, _, account, token) => fake.Client.GetServersAsync(account, token)),
        ["libraries"] = new("/library/sections", false, (_, server, _, token) => server.GetLibrariesAsync(token)),
        ["bulk read"] = new("/library/metadata/42", false, (_, server, _, token) => server.GetItemsAsync([RatingKey.Parse("42")], token)),
        ["mark watched"] = new(
            "/:/scrobble", false, (_, server, _, token) => server.MarkWatchedAsync(RatingKey.Parse("42"), token), IsMark: true),
        ["mark unwatched"] = new(
            "/:/unscrobble", false, (_, server, _, token) => server.MarkUnwatchedAsync(RatingKey.Parse("42"), token), IsMark: true),
        ["set position"] = new(
            "/:/timeline",
            false,
            (_, server, _, token) =>
                server.SetPositionAsync(RatingKey.Parse("42"), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(50), token)),
    };

    public static TheoryData<string> All() => [.. Calls.Keys];

    public static TheoryData<string> Reads() => [.. Calls.Where(call => call.Value.Path[1] != ':').Select(call => call.Key)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_says_the_token_is_not_valid_when_it_is_refused(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.RespondHtml(HttpStatusCode.Unauthorized));

        Assert.Equal(PlexErrorKind.InvalidToken, error.Kind);
        Assert.Equal(HttpStatusCode.Unauthorized, error.Status);
        Assert.Equal(1, sent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_retries_and_gives_up_when_it_is_rate_limited(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.Respond(_ => RateLimited(TimeSpan.Zero)));

        Assert.Equal(PlexErrorKind.RateLimited, error.Kind);
        Assert.Equal(TimeSpan.Zero, error.RetryAfter);
        Assert.Equal(1 + PlexClientOptions.DefaultMaxRetries, sent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_does_not_wait_when_the_server_asks_for_longer_than_it_will(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.Respond(_ => RateLimited(TimeSpan.FromMinutes(10))));

        Assert.Equal(TimeSpan.FromMinutes(10), error.RetryAfter);
        Assert.Equal(1, sent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_retries_a_failing_server_unless_that_could_count_twice(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.RespondHtml(HttpStatusCode.ServiceUnavailable));

        Assert.Equal(PlexErrorKind.Unavailable, error.Kind);
        Assert.Equal(Calls[call].IsMark ? 1 : 1 + PlexClientOptions.DefaultMaxRetries, sent);
        Assert.Equal(Calls[call].Path[1] == ':', error.MayHaveTakenEffect);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_says_timeout_when_no_answer_comes(string call)
    {
        var (error, _) = await FailAsync(
            call,
            request => request.Respond(HangAsync),
            options => (options.Timeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(20), 0));

        Assert.Equal(PlexErrorKind.Timeout, error.Kind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_is_cancelled_when_the_caller_cancels(string call)
    {
        using var fake = new PlexFake();
        var (server, account) = await ConnectAsync(fake);
        using var cancellation = new CancellationTokenSource();
        Expect(fake, call).Respond(async () =>
        {
            await cancellation.CancelAsync();
            return await HangAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Calls[call].Invoke(fake, server, account, cancellation.Token));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Client_says_it_is_not_plex_when_a_web_page_answers(string call)
    {
        var (error, _) = await FailAsync(call, request => request.Respond("text/html", "<!DOCTYPE html><html></html>"));

        Assert.Equal(PlexErrorKind.NotPlex, error.Kind);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Client_says_the_answer_is_unusable_when_its_json_is_cut(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.RespondJson("""[{"MediaContainer":{"size":1,"""));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
        Assert.True(sent > 1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_does_not_follow_when_it_is_redirected(string call)
    {
        var (error, sent) = await FailAsync(call, request => request.Respond(_ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.Found);
            answer.Headers.Location = new Uri("http://elsewhere.test/?X-Plex-Token=leak");
            return answer;
        }));

        Assert.Equal(PlexErrorKind.Redirected, error.Kind);
        Assert.Contains("http://elsewhere.test", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("leak", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, sent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Error_never_shows_the_token(string call)
    {
        var (error, _) = await FailAsync(call, request => request.RespondHtml(HttpStatusCode.BadRequest));

        Assert.Equal(HttpStatusCode.BadRequest, error.Status);
        Assert.DoesNotContain(PlexFake.OwnerToken, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(PlexFake.KidToken, error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(PlexException Error, int Sent)> FailAsync(
        string call, Action<MockedRequest> answer, Action<PlexClientOptions>? configure = null)
    {
        using var fake = new PlexFake(configure);
        var (server, account) = await ConnectAsync(fake);
        var request = Expect(fake, call);
        answer(request);

        var error = await Assert.ThrowsAsync<PlexException>(() => Calls[call].Invoke(fake, server, account, CancellationToken.None));

        return (error, fake.Http.GetMatchCount(request));
    }

    private static async Task<(PlexServer Server, PlexAccount Account)> ConnectAsync(PlexFake fake)
    {
        var server = await fake.ConnectAsync();
        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);
        // What connecting needed is answered; from here on the failure is.
        fake.Http.Clear();
        return (server, account);
    }

    private static MockedRequest Expect(PlexFake fake, string call) =>
        Calls[call].IsAccount ? fake.Account(Calls[call].Path) : fake.Server(Calls[call].Path);

    private static async Task<HttpResponseMessage> HangAsync()
    {
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
        throw new InvalidOperationException("Nobody waits forever.");
    }

    private static HttpResponseMessage RateLimited(TimeSpan retryAfter)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(retryAfter);
        return answer;
    }
}
