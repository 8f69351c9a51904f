using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Running;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests.Running;

public sealed class AccountAnswersTests(PostgresServer postgres) : IAsyncLifetime
{
    private const string Owner = "the-token-of-the-owner";

    private readonly IDataProtectionProvider _keys = new EphemeralDataProtectionProvider();
    private readonly FleetOptions _options = new() { AccountRequestsPerSecond = 1000 };
    private readonly List<AccountAnswers> _opened = [];
    private TestDatabase _database = null!;
    private AccountAnswers _answers = null!;

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(postgres);
        await ExecuteAsync(
            "insert into servers (name, definition, token, pins, origin) select unnest(array['one', 'two']), '', '', '', 'api'");
        _answers = Open();
    }

    [Fact]
    public async Task Question_is_asked_once_for_each_server_and_token_until_its_answer_is_old()
    {
        Assert.Equal(1, await AskAsync("one", "token"));
        Assert.Equal(0, await AskAsync("one", "token"));
        Assert.Equal(1, await AskAsync("one", "another"));
        Assert.Equal(1, await AskAsync("two", "token"));

        await AgeAsync(_options.AccountTokensFor);
        Assert.Equal(1, await AskAsync("one", "token"));
    }

    [Fact]
    public async Task Other_nodes_and_later_ones_do_not_ask_again()
    {
        await AskAsync("one", "token");

        _answers = Open();

        Assert.Equal(0, await AskAsync("one", "token"));
    }

    [Fact]
    public async Task Token_of_a_member_is_used_for_longer_than_names_are()
    {
        Assert.Equal(4, await AskAllAsync());
        Assert.Equal(0, await AskAllAsync());
        await AgeAsync(_options.AccountAnswersFor);
        Assert.Equal(1, await AskAllAsync());

        async Task<int> AskAllAsync() =>
            await AskAsync("one", Owner, "/api/v2/home/users/7/switch", HttpMethod.Post)
            + await AskAsync("one", "the-token-of-a-member")
            + await AskAsync("one", "the-token-of-a-member", "/api/v2/resources")
            + await AskAsync("one", Owner, "/api/v2/resources");
    }

    [Fact]
    public async Task Answers_of_a_server_are_forgotten_when_it_refused_a_token()
    {
        await AskAsync("one", "token");
        await AskAsync("two", "token");
        await _answers.ForgetAsync("one", Stopping);
        Assert.Equal(1, await AskAsync("one", "token"));
        Assert.Equal(0, await AskAsync("two", "token"));
    }

    [Fact]
    public async Task Failures_are_asked_again()
    {
        Assert.Equal(1, await AskAsync("one", "token", status: HttpStatusCode.ServiceUnavailable));
        Assert.Equal(1, await AskAsync("one", "token", status: HttpStatusCode.ServiceUnavailable));
    }

    [Fact]
    public async Task Nothing_is_kept_where_answers_may_not_be_used_again()
    {
        _options.AccountAnswersFor = TimeSpan.Zero;
        _answers = Open();
        Assert.Equal(1, await AskAsync("one", "token"));
        Assert.Equal(1, await AskAsync("one", "token"));
    }

    [Fact]
    public async Task Answers_are_those_of_their_own_server_and_question_whatever_the_database_says()
    {
        await AskAsync("one", "token");
        await AskAsync("one", "another");
        await AskAsync("two", "token");
        await ExecuteAsync(
            """
            update answers set answer = (
                select answer from answers as other where (other.server, other.question) <> (answers.server, answers.question) limit 1)
            """);

        Assert.Equal(3, await AskAsync("one", "token") + await AskAsync("one", "another") + await AskAsync("two", "token"));
    }

    [Fact]
    public async Task Lost_keys_cost_a_question()
    {
        await AskAsync("one", "token");
        _answers = Open(keys: new EphemeralDataProtectionProvider());
        Assert.Equal(1, await AskAsync("one", "token"));
        Assert.Equal(0, await AskAsync("one", "token"));
    }

    [Fact]
    public async Task Database_that_is_away_costs_a_question()
    {
        await using var away = new Database("Host=127.0.0.1;Port=1;Username=nobody", TimeProvider.System);
        _answers = Open(away);
        Assert.Equal(1, await AskAsync("one", "token"));
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData(null)]
    public async Task What_is_not_an_answer_of_plex_tv_is_not_kept(string? type)
    {
        Assert.Equal(1, await AskAsync("one", "token", type: type));
        Assert.Equal(1, await AskAsync("one", "token", type: type));
    }

    [Fact]
    public async Task Answer_without_measure_is_handed_on_and_not_kept()
    {
        var padding = new string(' ', 1024 * 1024);
        Assert.Equal(1, await AskAsync("one", "token", padding: padding));
        Assert.Equal(1, await AskAsync("one", "token", padding: padding));
    }

    [Fact]
    public async Task Another_version_of_the_client_need_not_ask_again()
    {
        await AskAsync("one", "token", version: "0.1.0");
        Assert.Equal(0, await AskAsync("one", "token", version: "0.2.0"));
    }

    [Fact]
    public async Task Requests_beyond_the_rate_wait_and_those_beyond_the_queue_are_put_off()
    {
        _options.AccountRequestsPerSecond = 1;
        _answers = Open();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        AccountAnswers.AskFor("one", Owner);
        var putOff = 0;
        var asked = Enumerable.Range(0, 60).Select(async number =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://plex.tv/{number}");
            using var answer = await _answers.AnswerAsync(
                request, static () => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)), stop.Token);
            if (answer is { StatusCode: HttpStatusCode.TooManyRequests, Headers.RetryAfter.Delta: not null }
                && Interlocked.Increment(ref putOff) == 30)
            {
                await stop.CancelAsync();
            }
        }).ToList();

        // Without a limit each of them would be answered.
        await Task.WhenAll(asked).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.True(putOff >= 30);
    }

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(static answers => answers.Dispose());
        await _database.DisposeAsync();
    }

    private AccountAnswers Open(Database? database = null, IDataProtectionProvider? keys = null)
    {
        var answers = new AccountAnswers(
            new StoredAnswers(database ?? _database.Open(), keys ?? _keys), Options.Create(_options));
        _opened.Add(answers);
        return answers;
    }

    /// <summary>Asks, and gives how often plex.tv was asked for it.</summary>
    private async Task<int> AskAsync(
        string server, string token, string path = "/api/v2/user", HttpMethod? method = null, HttpStatusCode status = HttpStatusCode.OK,
        string? type = "application/json", string padding = "", string version = "0.1.0")
    {
        AccountAnswers.AskFor(server, Owner);
        var sent = 0;
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"https://plex.tv{path}")
        {
            Headers = { { "X-Plex-Token", token }, { "X-Plex-Version", version } },
        };
        var text = $"{server} {token} {path}{padding}";
        using var answer = await _answers.AnswerAsync(
            request,
            () =>
            {
                sent++;
                return Task.FromResult(new HttpResponseMessage(status)
                {
                    Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text))
                    {
                        Headers = { ContentType = type is null ? null : new MediaTypeHeaderValue(type) },
                    },
                });
            },
            Stopping);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(text, await answer.Content.ReadAsStringAsync(Stopping));
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        return sent;
    }

    private Task<int> AgeAsync(TimeSpan by) => ExecuteAsync("update answers set ends_at = ends_at - $1", by);

    private Task<int> ExecuteAsync(string sql, params object?[] values) => _database.Open().ExecuteAsync(sql, values, Stopping);
}
