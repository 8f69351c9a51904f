using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Fleet.Running;

namespace PlexSync.Fleet.Tests.Running;

public sealed class AccountAnswersTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly AccountAnswers _answers;
    private int _sent;

    public AccountAnswersTests() => _answers = new AccountAnswers(
        Options.Create(new FleetOptions { AccountRequestsPerSecond = 3, AccountAnswersFor = TimeSpan.FromMinutes(10) }), _time);

    [Fact]
    public async Task Question_is_asked_once_for_each_server_and_token_until_its_answer_is_old()
    {
        await RequireAsync("one", "token", isAsked: true);
        await RequireAsync("one", "token", isAsked: false);
        await RequireAsync("one", "another", isAsked: true);
        await RequireAsync("two", "token", isAsked: true);

        _time.Advance(TimeSpan.FromMinutes(10));
        _answers.Forget("two");
        await RequireAsync("one", "token", isAsked: true);
    }

    [Fact]
    public async Task Answers_of_a_server_are_forgotten_when_it_refused_a_token()
    {
        await RequireAsync("one", "token", isAsked: true);
        await RequireAsync("two", "token", isAsked: true);
        _answers.Forget("one");
        await RequireAsync("one", "token", isAsked: true);
        await RequireAsync("two", "token", isAsked: false);
    }

    [Fact]
    public async Task Failures_are_asked_again()
    {
        AccountAnswers.AskFor("one", "token");
        for (var at = 0; at < 2; at++)
        {
            using var failed = await AskAsync("token", HttpStatusCode.ServiceUnavailable);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        }

        Assert.Equal(2, _sent);
    }

    [Fact]
    public async Task Requests_beyond_the_rate_wait_for_their_turn()
    {
        AccountAnswers.AskFor("one", "token");
        var asked = Enumerable.Range(0, 4).Select(number => AskAsync($"token {number}")).ToList();

        await Task.WhenAll(asked.Take(3));
        Assert.Equal(3, _sent);
        // The limiter has a clock of its own: the fourth comes within a second or so.
        await asked[3];
        Assert.Equal(4, _sent);
        asked.ForEach(static answer => answer.Result.Dispose());
    }

    public void Dispose() => _answers.Dispose();

    private async Task RequireAsync(string server, string token, bool isAsked)
    {
        AccountAnswers.AskFor(server, token);
        var before = _sent;
        using var answer = await AskAsync(token);
        Assert.Equal(isAsked ? 1 : 0, _sent - before);
        Assert.Equal("body", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", $"{answer.Content.Headers.ContentType}");
    }

    private async Task<HttpResponseMessage> AskAsync(string token, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://plex.tv/api/v2/user")
        {
            Headers = { { "X-Plex-Token", token } },
        };
        return await _answers.AnswerAsync(
            request,
            () =>
            {
                Interlocked.Increment(ref _sent);
                return Task.FromResult(new HttpResponseMessage(status)
                {
                    Content = new StringContent("body", new MediaTypeHeaderValue("application/json")),
                });
            },
            TestContext.Current.CancellationToken);
    }
}
