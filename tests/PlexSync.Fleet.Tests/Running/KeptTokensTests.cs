using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Fleet.Running;

namespace PlexSync.Fleet.Tests.Running;

/// <summary>What is kept of tokens that were minted for members of a Home.</summary>
public sealed class KeptTokensTests : IDisposable
{
    private const string Owner = "the-token-of-the-owner";

    private readonly FakeTimeProvider _time = new();
    private readonly FleetOptions _options = new() { AccountRequestsPerSecond = 1000 };
    private readonly AccountAnswers _answers;
    private int _sent;

    public KeptTokensTests() => _answers = new AccountAnswers(Options.Create(_options), _time);

    [Fact]
    public async Task The_token_of_a_member_is_used_for_longer_than_names_are()
    {
        foreach (var _ in (int[])[1, 2])
        {
            await AskAsync(HttpMethod.Post, "/api/v2/home/users/7/switch", Owner);
            await AskAsync(HttpMethod.Get, "/api/v2/user", "the-token-of-a-member");
            await AskAsync(HttpMethod.Get, "/api/v2/resources", "the-token-of-a-member");
            await AskAsync(HttpMethod.Get, "/api/v2/resources", Owner);
            _time.Advance(_options.AccountAnswersFor);
        }

        Assert.Equal(5, _sent);
    }

    [Fact]
    public async Task What_is_too_old_takes_no_memory()
    {
        for (var minted = 0; minted < 10; minted++)
        {
            await AskAsync(HttpMethod.Get, "/api/v2/user", $"minted-{minted}");
        }

        _time.Advance(_options.AccountTokensFor);
        await AskAsync(HttpMethod.Get, "/api/v2/user", Owner);

        Assert.Equal(1, _answers.Count);
    }

    public void Dispose() => _answers.Dispose();

    private async Task AskAsync(HttpMethod method, string path, string token)
    {
        AccountAnswers.AskFor("one", Owner);
        using var request = new HttpRequestMessage(method, new Uri($"https://plex.tv{path}"));
        request.Headers.Add("X-Plex-Token", token);
        using var response = await _answers.AnswerAsync(request, SendAsync, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        Task<HttpResponseMessage> SendAsync()
        {
            _sent++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") });
        }
    }
}
