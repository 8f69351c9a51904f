using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>
/// Spares plex.tv: hundreds of jobs ask it the same, and it refuses those who ask too much (plex-facts §3.1, §4.3). Answers are used again
/// for a while, by all nodes, and what a node sends is spaced.
/// </summary>
/// <remarks>
/// Each run still proves at the server whose token it writes with. After a server refused a token, no answer about that account is used
/// again.
/// </remarks>
internal sealed class AccountAnswers : IDisposable
{
    /// <summary>For so many seconds requests may wait for their turn; others are put off.</summary>
    private const int LongestQueue = 10;

    /// <summary>Of an answer that is kept.</summary>
    private const int LongestAnswer = 1024 * 1024;

    private const int LongestInMemory = 64 * 1024 * 1024;

    /// <summary>What answers depend on; the version of the client, for one, is no reason to ask anew.</summary>
    private static readonly string[] Telling = ["X-Plex-Client-Identifier", "X-Plex-Token"];

    private static readonly AsyncLocal<(string Server, string Token)?> Asking = new();

    private readonly StoredAnswers _stored;
    private readonly TokenBucketRateLimiter _turns;
    private readonly TimeSpan _keepFor;
    private readonly TimeSpan _keepTokensFor;

    public AccountAnswers(StoredAnswers stored, IOptions<FleetOptions> options)
    {
        var rate = options.Value.AccountRequestsPerSecond;
        (_stored, _keepFor, _keepTokensFor) = (stored, options.Value.AccountAnswersFor, options.Value.AccountTokensFor);
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

    /// <summary>Forgets what was asked for a server.</summary>
    public Task ForgetAsync(string server, CancellationToken cancellationToken) => _stored.ForgetAsync(server, cancellationToken);

    /// <summary>The answer to a request of plex.tv, an earlier one if there is one.</summary>
    public async Task<HttpResponseMessage> AnswerAsync(
        HttpRequestMessage request, Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var (server, owner) = Asking.Value ?? ("", "");
        // Switching to a user is a question, too: a second switch would only give another token of the same user.
        var question = server.Length > 0 && _keepFor > TimeSpan.Zero && (request.Method == HttpMethod.Get || IsSwitch(request))
            ? await HashAsync(request, cancellationToken).ConfigureAwait(false) : null;
        if (question is not null && await _stored.FindAsync(server, question, cancellationToken).ConfigureAwait(false) is { } kept)
        {
            return ToResponse(kept, request);
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
        // A page in HTML is not plex.tv's, whatever its status.
        if (question is null || !response.IsSuccessStatusCode
            || response.Content.Headers.ContentType?.MediaType is not ("application/json" or "application/xml" or "text/xml"))
        {
            return response;
        }

        await response.Content.LoadIntoBufferAsync(LongestInMemory, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (body.Length <= LongestAnswer)
        {
            var answer = new KeptAnswer(response.StatusCode, response.Headers.Date, $"{response.Content.Headers.ContentType}", body);
            await _stored.KeepAsync(server, question, answer, IsOfMember(request, owner) ? _keepTokensFor : _keepFor).ConfigureAwait(false);
        }

        return response;
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>Whether it mints the token of a member, or asks with one who that is and what it opens.</summary>
    private static bool IsOfMember(HttpRequestMessage request, string owner) => IsSwitch(request)
        || (request.RequestUri!.AbsolutePath is "/api/v2/user" or "/api/v2/resources"
            && request.Headers.TryGetValues("X-Plex-Token", out var tokens) && !tokens.Contains(owner));

    private static bool IsSwitch(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/switch", StringComparison.Ordinal);

    /// <summary>By what a question is known: where it goes, what it says, and the token, which nobody can guess.</summary>
    private static async Task<byte[]> HashAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = new StringBuilder($"{request.Method} {request.RequestUri}\n");
        foreach (var header in Telling.Where(request.Headers.Contains))
        {
            asked.Append(header).Append('=').AppendJoin(',', request.Headers.GetValues(header)).Append('\n');
        }

        if (request.Content is { } content)
        {
            asked.Append(await content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes($"{asked}"));
    }

    private static HttpResponseMessage ToResponse(KeptAnswer answer, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(answer.Status) { RequestMessage = request, Content = new ByteArrayContent(answer.Body) };
        response.Headers.Date = answer.Date;
        response.Content.Headers.TryAddWithoutValidation("Content-Type", answer.ContentType);
        return response;
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
