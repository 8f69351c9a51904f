using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Running;

/// <summary>
/// Spares plex.tv: hundreds of jobs ask it the same, and it refuses those who ask too much (plex-facts §3.1, §4.3). Answers are used again
/// for a while, and what is sent is spaced. All of it is in memory, and of one node.
/// </summary>
/// <remarks>
/// Who somebody is, is still proved at the server itself, with the token that would be written with. What a server refused, nothing of its
/// account is used again for.
/// </remarks>
internal sealed class AccountAnswers : IDisposable
{
    /// <summary>For so many seconds requests may wait for their turn; others are put off.</summary>
    private const int LongestQueue = 10;

    private const int LongestAnswer = 1024 * 1024;

    /// <summary>How often what is too old is dropped: a question about a token that was replaced is never asked again.</summary>
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);

    private static readonly AsyncLocal<(string Server, string Token)?> Asking = new();

    private readonly ConcurrentDictionary<string, Answer> _kept = new(StringComparer.Ordinal);
    private readonly TokenBucketRateLimiter _turns;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keepFor;
    private readonly TimeSpan _keepTokensFor;
    private long _sweptAt;

    public AccountAnswers(IOptions<FleetOptions> options, TimeProvider time)
    {
        var rate = options.Value.AccountRequestsPerSecond;
        (_time, _keepFor, _keepTokensFor) = (time, options.Value.AccountAnswersFor, options.Value.AccountTokensFor);
        _sweptAt = time.GetTimestamp();
        _turns = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = rate,
            TokensPerPeriod = rate,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = rate * LongestQueue,
        });
    }

    /// <summary>What is asked from here on is asked for a server of the fleet: its answers are its own.</summary>
    /// <param name="server">The server.</param>
    /// <param name="token">The token of its owner.</param>
    public static void AskFor(string server, string token) => Asking.Value = (server, token);

    /// <summary>How many answers are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Forgets what was asked for a server.</summary>
    public void Forget(string server)
    {
        foreach (var key in _kept.Keys.Where(key => key.StartsWith($"{server}\n", StringComparison.Ordinal)))
        {
            _kept.TryRemove(key, out _);
        }
    }

    /// <summary>The answer to a request of plex.tv, an earlier one if there is one.</summary>
    public async Task<HttpResponseMessage> AnswerAsync(
        HttpRequestMessage request, Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var key = await KeyOfAsync(request, cancellationToken).ConfigureAwait(false);
        if (key is not null && _kept.TryGetValue(key, out var kept) && !IsOld(kept))
        {
            return kept.ToResponse(request);
        }

        using var turn = await _turns.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        if (!turn.IsAcquired)
        {
            // As plex.tv would, so that the client waits and asks again.
            var later = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { RequestMessage = request };
            later.Headers.RetryAfter = new(TimeSpan.FromSeconds(LongestQueue));
            return later;
        }

        var response = await send().ConfigureAwait(false);
        if (key is null || _keepFor == TimeSpan.Zero || !response.IsSuccessStatusCode
            || response.Content.Headers.ContentLength > LongestAnswer)
        {
            return response;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        var answer = new Answer(
            response.StatusCode,
            response.Headers.Date,
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            $"{response.Content.Headers.ContentType}",
            _time.GetTimestamp(),
            IsOfMember(request) ? _keepTokensFor : _keepFor);
        Sweep();
        _kept[key] = answer;
        response.Dispose();
        return answer.ToResponse(request);
    }

    public void Dispose() => _turns.Dispose();

    private bool IsOld(Answer answer) => _time.GetElapsedTime(answer.At) >= answer.For;

    private void Sweep()
    {
        var last = Volatile.Read(ref _sweptAt);
        if (_time.GetElapsedTime(last) < BetweenSweeps || Interlocked.CompareExchange(ref _sweptAt, _time.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (key, answer) in _kept)
        {
            if (IsOld(answer))
            {
                _kept.TryRemove(KeyValuePair.Create(key, answer));
            }
        }
    }

    /// <summary>Whether it mints the token of a member, or asks with one who that is and what it opens.</summary>
    private static bool IsOfMember(HttpRequestMessage request) => IsSwitch(request)
        || (request.RequestUri!.AbsolutePath is "/api/v2/user" or "/api/v2/resources"
            && request.Headers.TryGetValues("X-Plex-Token", out var tokens) && !tokens.Contains(Asking.Value?.Token));

    private static bool IsSwitch(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/switch", StringComparison.Ordinal);

    /// <summary>By what a question is known; null if it must be asked each time. The token is in it as its hash.</summary>
    private static async Task<string?> KeyOfAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Switching to a user is a question, too: whoever asks again gets another token for the same.
        if (Asking.Value is not var (server, _) || (request.Method != HttpMethod.Get && !IsSwitch(request)))
        {
            return null;
        }

        var asked = new StringBuilder();
        foreach (var header in request.Headers.Where(static header => header.Key.StartsWith("X-Plex-", StringComparison.OrdinalIgnoreCase)))
        {
            asked.Append(header.Key).Append('=').AppendJoin(',', header.Value).Append('\n');
        }

        if (request.Content is { } content)
        {
            asked.Append(await content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{request.RequestUri}\n{asked}"));
        return $"{server}\n{request.Method} {Convert.ToHexString(hash)}";
    }

    private sealed record Answer(HttpStatusCode Status, DateTimeOffset? Date, byte[] Body, string ContentType, long At, TimeSpan For)
    {
        public HttpResponseMessage ToResponse(HttpRequestMessage request)
        {
            var response = new HttpResponseMessage(Status) { RequestMessage = request, Content = new ByteArrayContent(Body) };
            response.Headers.Date = Date;
            response.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            return response;
        }
    }
}

/// <summary>Sends what goes to plex.tv by way of <see cref="AccountAnswers"/>; what goes to servers passes.</summary>
internal sealed class AccountHandler(AccountAnswers answers, IOptions<PlexClientOptions> options) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        return address.Host.Equals("plex.tv", StringComparison.OrdinalIgnoreCase)
            || address.Host.EndsWith(".plex.tv", StringComparison.OrdinalIgnoreCase)
            || address.Authority.Equals(options.Value.AccountUrl.Authority, StringComparison.OrdinalIgnoreCase)
                ? answers.AnswerAsync(request, () => base.SendAsync(request, cancellationToken), cancellationToken)
                : base.SendAsync(request, cancellationToken);
    }
}
