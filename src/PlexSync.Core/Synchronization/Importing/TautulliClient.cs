using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PlexSync;

/// <summary>Where Tautulli is, and the bounds.</summary>
public sealed class TautulliOptions
{
    /// <summary>The default of <see cref="PageSize"/>: 1000 rows.</summary>
    public const int DefaultPageSize = 1000;

    /// <summary>The longest <see cref="ApiKey"/> that is taken.</summary>
    internal const int LongestKey = 256;

    /// <summary>The address, with its path if it has one: <c>http://nas:8181</c>, <c>https://home.example/tautulli</c>.</summary>
    public required Uri Address { get; set; }

    /// <summary>The key, from Tautulli's settings, Web Interface; sent in the header <c>X-Api-Key</c> and nowhere else.</summary>
    public required string ApiKey { get; set; }

    /// <summary>How many rows are asked for at once (1 to 10,000, default 1000).</summary>
    public int PageSize { get; set; } = DefaultPageSize;

    /// <summary>How often a failed request is sent again (0 to 10, default 4).</summary>
    public int MaxRetries { get; set; } = PlexClientOptions.DefaultMaxRetries;

    /// <summary>The wait before the first retry; it doubles, with jitter (default half a second).</summary>
    public TimeSpan RetryDelay { get; set; } = PlexClientOptions.DefaultRetryDelay;

    /// <summary>How long one attempt may take, its answer included (default 30 seconds).</summary>
    public TimeSpan Timeout { get; set; } = PlexClientOptions.DefaultTimeout;

    /// <summary>Where it is; the key is not shown.</summary>
    public override string ToString() => $"{Address}";
}

/// <summary>Reads the history that Tautulli (2.18 or later) has recorded.</summary>
/// <remarks>Thread-safe. The <see cref="HttpClient"/> stays the caller's; let it use <see cref="PlexClient.CreateHttpHandler"/>.</remarks>
/// <example><code>
/// var tautulli = new TautulliClient(httpClient, new TautulliOptions { Address = new Uri("http://nas:8181"), ApiKey = key });
/// ImportedStates states = await tautulli.ReadHistoryAsync($"id:{kid.User.Id}");
/// SyncPlan plan = await synchronizer.PlanImportAsync(states, kid);
/// </code></example>
public sealed class TautulliClient
{
    /// <summary>Far more than a page of the largest size.</summary>
    private const long LongestPage = 256L * 1024 * 1024;

    /// <summary>So many pages of nothing but known rows come from no history that only grows while it is read.</summary>
    private const int MaxRepeatedPages = 10;

    private readonly PlexTransport _transport;
    private readonly TautulliOptions _options;

    /// <summary>A client that sends with <paramref name="httpClient"/>.</summary>
    /// <param name="httpClient">Sends the requests; never disposed here.</param>
    /// <param name="options">Where Tautulli is, and the bounds.</param>
    /// <param name="loggerFactory">Receives logs without the key; none if null.</param>
    /// <param name="timeProvider">The clock for timeouts and waits; the system's if null.</param>
    /// <exception cref="ArgumentException">
    /// The address is no http or https URL, or has a user name or a query; the key is not printable; or a bound is out of range.
    /// </exception>
    public TautulliClient(
        HttpClient httpClient, TautulliOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        ArgumentNullException.ThrowIfNull(options);
        PlexAddress.Require(options.Address, nameof(options));
        if (!IsKey(options.ApiKey) || options.PageSize is < 1 or > 10_000 || options.MaxRetries is < 0 or > 10
            || options.RetryDelay < TimeSpan.Zero || options.Timeout <= TimeSpan.Zero)
        {
            throw new ArgumentException("The key is not printable, or a bound is out of range.", nameof(options));
        }

        _options = options;
        _transport = new PlexTransport(
            httpClient,
            new PlexClientOptions { MaxRetries = options.MaxRetries, RetryDelay = options.RetryDelay, Timeout = options.Timeout },
            (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<TautulliClient>(),
            timeProvider ?? TimeProvider.System);
    }

    /// <summary>Every HTTP attempt so far, retries included.</summary>
    public RequestCounts Requests => _transport.Counts;

    /// <summary>Reads the rows of one user, and makes one state of each item.</summary>
    /// <param name="user"><inheritdoc cref="TautulliHistory.ReadAsync" path="/param[@name='user']"/></param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What the user has seen, as of now: what is being played is left out.</returns>
    /// <remarks>By id, only the rows of that user are asked for; by name, all rows.</remarks>
    /// <exception cref="PlexException">
    /// Tautulli cannot be reached, refused the key (<see cref="PlexErrorKind.TautulliKeyRefused"/>) or failed
    /// (<see cref="PlexErrorKind.TautulliFailed"/>); what answers is not Tautulli (<see cref="PlexErrorKind.NotTautulli"/>); the history
    /// came incomplete twice (<see cref="PlexErrorKind.IncompleteListing"/>); or it has nothing of the user
    /// (<see cref="PlexErrorKind.HistoryUserNotFound"/>, <see cref="PlexErrorKind.HistoryUserAmbiguous"/>).
    /// </exception>
    public async Task<ImportedStates> ReadHistoryAsync(string user, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        var fold = await ReadAsync(user.Trim(), cancellationToken).ConfigureAwait(false)
            ?? await ReadAsync(user.Trim(), cancellationToken).ConfigureAwait(false)
            ?? throw new PlexException(
                PlexErrorKind.IncompleteListing, $"{_options.Address.Authority} sent fewer rows than it has, twice.")
            {
                Subject = _options.Address.Authority,
            };
        if (fold is { Id: not null, HasRowsOfUser: false })
        {
            // Who there is instead shows among the rows of everybody.
            await ReadPageAsync(fold, start: 0, id: null, cancellationToken).ConfigureAwait(false);
        }

        return fold.ToStates();
    }

    internal static bool IsKey(string? text) =>
        text is { Length: > 0 and <= TautulliOptions.LongestKey } && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>
    /// Reads all pages. New rows come first, so that known ones move on to later pages while they are read: those are dropped. Null if not
    /// all rows were seen that there were in the beginning, as when some were deleted meanwhile.
    /// </summary>
    private async Task<TautulliFold?> ReadAsync(string user, CancellationToken cancellationToken)
    {
        var fold = new TautulliFold(user);
        var (start, first, repeated) = (0L, (long?)null, 0);
        while (true)
        {
            var known = fold.Rows;
            var page = await ReadPageAsync(fold, start, fold.Id, cancellationToken).ConfigureAwait(false);
            first ??= page.Total;
            start += page.Rows;
            repeated = fold.Rows > known ? 0 : repeated + 1;
            if (repeated > MaxRepeatedPages)
            {
                return null;
            }

            if (page.Rows == 0 || start >= page.Total + fold.Playing)
            {
                return first is null || fold.Rows >= first ? fold : null;
            }
        }
    }

    private async Task<TautulliAnswer> ReadPageAsync(TautulliFold fold, long start, long? id, CancellationToken cancellationToken)
    {
        var ofUser = id is { } known ? string.Create(CultureInfo.InvariantCulture, $"&user_id={known}") : "";
        var request = new PlexRequest(HttpMethod.Get, _options.Address, "/api/v2")
        {
            // Rows that were put together would change while they are read, and what is being played is not over.
            Query = string.Create(
                CultureInfo.InvariantCulture,
                $"cmd=get_history&grouping=0&include_activity=0&start={start}&length={_options.PageSize}{ofUser}"),
            ApiKey = _options.ApiKey,
            MaxLength = LongestPage,
        };
        var page = await SendAsync(request, fold, cancellationToken).ConfigureAwait(false);
        return page.Failure is { } message ? throw Failed(request, message, null)
            : page.IsTautullis ? page : throw NotTautulli(request, null);
    }

    private async Task<TautulliAnswer> SendAsync(PlexRequest request, TautulliFold fold, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.SendAsync(request, (response, token) => ReadAsync(request, response, fold, token), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden or PlexErrorKind.GatewayRefused)
        {
            throw Refused(e);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotPlex or PlexErrorKind.NotFound)
        {
            throw NotTautulli(request, e);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.Rejected)
        {
            throw Failed(request, e.Message, e);
        }
    }

    private static async Task<TautulliAnswer> ReadAsync(
        PlexRequest request, HttpResponseMessage response, TautulliFold fold, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType?.Contains("html", StringComparison.OrdinalIgnoreCase) is true)
        {
            throw NotTautulli(request, null);
        }

        var answer = new TautulliAnswer(fold);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            try
            {
                await answer.ReadAsync(new BoundedStream(body, request.MaxLength), cancellationToken).ConfigureAwait(false);
                return answer;
            }
            catch (JsonException e) when (!answer.IsTautullis)
            {
                throw NotTautulli(request, e);
            }
            catch (JsonException e)
            {
                // Rows that were read before it broke off are known by their numbers when they come again.
                throw new PlexException(PlexErrorKind.InvalidResponse, $"{request.Redacted} answered with JSON that cannot be used.", e)
                {
                    Path = request.Redacted,
                    Subject = request.Host.Authority,
                    MayRetry = true,
                };
            }
        }
    }

    /// <summary>Tautulli says what is wrong in words only.</summary>
    private static PlexException Failed(PlexRequest request, string message, PlexException? cause)
    {
        message = request.Clean(message);
        var isOfKey = message.Contains("apikey", StringComparison.OrdinalIgnoreCase)
            || message.Contains("api key", StringComparison.OrdinalIgnoreCase);
        var host = request.Host.Authority;
        return isOfKey
            ? Refused(cause ?? new PlexException(PlexErrorKind.Rejected, message) { Path = request.Redacted, Subject = host })
            : new PlexException(PlexErrorKind.TautulliFailed, $"{request.Redacted} failed: {message}", cause)
            {
                Status = cause?.Status,
                Path = request.Redacted,
                Subject = host,
                Candidates = message.Length > 0 ? [message] : [],
            };
    }

    private static PlexException Refused(PlexException e) =>
        new(PlexErrorKind.TautulliKeyRefused, $"{e.Subject} refused the key.", e) { Status = e.Status, Path = e.Path, Subject = e.Subject };

    private static PlexException NotTautulli(PlexRequest request, Exception? cause) =>
        new(PlexErrorKind.NotTautulli, $"{request.Redacted} answered, but not as Tautulli does.", cause)
        {
            Path = request.Redacted,
            Subject = request.Host.Authority,
        };
}
