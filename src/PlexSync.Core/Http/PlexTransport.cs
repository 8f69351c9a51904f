using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace PlexSync;

/// <summary>
/// Sends every request of the library: headers, bounds, one timeout per attempt, retries, and failures as <see cref="PlexException"/>.
/// </summary>
internal sealed partial class PlexTransport
{
    /// <summary>If a server asks for a longer wait, there is none; the exception tells the caller how long it asked for.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private readonly PlexClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _retry;
    private long _reads;
    private long _writes;

    public PlexTransport(HttpClient http, PlexClientOptions options, ILogger logger, TimeProvider time)
    {
        _http = http;
        _options = options;
        _logger = logger;
        _time = time;
        _retry = options.MaxRetries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is PlexException { MayRetry: true }),
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = LongestWait,
                DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as PlexException)?.RetryAfter),
                OnRetry = arguments =>
                {
                    if (arguments.Outcome.Exception is PlexException failure)
                    {
                        PlexSyncDiagnostics.Retrying(failure);
                        Log.Retrying(
                            _logger, failure.Method, failure.Path, failure.Kind, arguments.AttemptNumber + 1, arguments.RetryDelay);
                    }

                    return default;
                },
            })
            .Build();
    }

    /// <summary>The servers whose last answer was no JSON until it was cleaned, so that the next one is cleaned at once.</summary>
    public ConcurrentDictionary<string, bool> Unclean { get; } = new(StringComparer.Ordinal);

    public RequestCounts Counts => new(Interlocked.Read(ref _reads), Interlocked.Read(ref _writes));

    /// <summary>Sends a request whose answer is JSON.</summary>
    public Task<T> SendAsync<T>(PlexRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(request, new JsonAnswer<T>(Unclean, request, type).ReadAsync, cancellationToken);

    /// <summary>Sends a request, retrying where that is safe, and hands the successful answer to <paramref name="read"/>.</summary>
    /// <remarks>Reading is part of the attempt: a body that breaks off is a fault like any other.</remarks>
    public async Task<T> SendAsync<T>(
        PlexRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var isInDoubt = false;
        PlexException? failed = null;
        try
        {
            return await (request.IsRetried ? _retry : ResiliencePipeline.Empty).ExecuteAsync(AttemptAsync, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (isInDoubt && !e.MayHaveTakenEffect)
        {
            // The last attempt was refused, but an earlier one may have been carried out.
            throw e.InDoubt();
        }

        async ValueTask<T> AttemptAsync(CancellationToken token)
        {
            try
            {
                return await this.AttemptAsync(request, failed, read, token).ConfigureAwait(false);
            }
            catch (PlexException e)
            {
                failed = e;
                isInDoubt |= e.MayHaveTakenEffect;
                throw;
            }
        }
    }

    /// <summary>
    /// Asks once for an answer without an end, to be disposed; the timeout counts until it begins. How to wait for more is the caller's.
    /// </summary>
    public Task<HttpResponseMessage> OpenAsync(PlexRequest request, CancellationToken cancellationToken) =>
        ExchangeAsync(request, static (response, _) => Task.FromResult(response), cancellationToken);

    private async Task<T> AttemptAsync<T>(
        PlexRequest request, PlexException? failed, Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        if (request.Gate is not null)
        {
            await request.Gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            if (request.Sending is not null)
            {
                await request.Sending(failed).ConfigureAwait(false);
            }

            return await ExchangeAsync(request, read, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.Gate?.Leave();
        }
    }

    private async Task<T> ExchangeAsync<T>(
        PlexRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        var started = _time.GetTimestamp();
        HttpStatusCode? status = null;
        Exception? failure = null;
        HttpResponseMessage? response = null;
        Interlocked.Increment(ref request.IsWrite ? ref _writes : ref _reads);
        try
        {
            using var message = CreateMessage(request);
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            status = response.StatusCode;
            Log.Answered(
                _logger, request.Method, request.Redacted, (int)response.StatusCode, _time.GetElapsedTime(started).TotalMilliseconds);
            RefuseRedirect(request, response);
            if (!response.IsSuccessStatusCode)
            {
                throw await ErrorResponse.ReadAsync(request, response, _time, LongestWait, either.Token).ConfigureAwait(false);
            }

            // A proxy that answers in the server's place has a clock of its own.
            request.Clock?.Note(ServerClock.DateOf(response));
            var answer = await read(response, either.Token).ConfigureAwait(false);
            if (ReferenceEquals(answer, response))
            {
                // Handed on: to be disposed by whoever asked for it.
                response = null;
            }

            return answer;
        }
        catch (Exception e)
        {
            failure = AttemptFailure.From(request, e, _options.Timeout, cancellationToken);
            if (failure == e)
            {
                throw;
            }

            throw failure;
        }
        finally
        {
            response?.Dispose();
            var elapsed = _time.GetElapsedTime(started);
            request.Gate?.Note(elapsed, failure);
            PlexSyncDiagnostics.Requested(request.IsWrite, status, failure, elapsed);
        }
    }

    private HttpRequestMessage CreateMessage(PlexRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Uri);
        var headers = message.Headers;
        headers.Accept.Add(new MediaTypeWithQualityHeaderValue(request.Accept));
        if (request.ApiKey is not null)
        {
            headers.Add("X-Api-Key", request.ApiKey);
            return message;
        }

        headers.Add("X-Plex-Client-Identifier", _options.ClientIdentifier);
        headers.Add("X-Plex-Product", AsciiOnly(_options.Product));
        headers.Add("X-Plex-Version", PlexClientOptions.ProductVersion);
        if (!string.IsNullOrWhiteSpace(_options.DeviceName))
        {
            headers.Add("X-Plex-Device-Name", AsciiOnly(_options.DeviceName));
        }

        if (request.Token is not null)
        {
            headers.Add("X-Plex-Token", request.Token);
        }

        if (request.Session is not null)
        {
            headers.Add("X-Plex-Session-Identifier", request.Session);
        }

        // Only one of the two is undefined on some servers (plex-facts §1.3).
        if (request.Page is { } page)
        {
            headers.Add("X-Plex-Container-Start", page.Start.ToString(System.Globalization.CultureInfo.InvariantCulture));
            headers.Add("X-Plex-Container-Size", page.Size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        // SocketsHttpHandler sends a request again, unasked, when a kept-alive connection closes before the first byte of the answer.
        // It does not once content was sent; an empty body therefore makes "never twice" hold below us too, and "may have taken effect".
        if (request.IsWrite)
        {
            message.Content = new ByteArrayContent([]);
        }

        return message;
    }

    private static void RefuseRedirect(PlexRequest request, HttpResponseMessage response)
    {
        var followed = response.RequestMessage?.RequestUri is { } final && final.Authority != request.Host.Authority ? final : null;
        if (followed is null && (int)response.StatusCode is < 300 or >= 400)
        {
            return;
        }

        var to = followed ?? response.Headers.Location;
        // Without user information, which could hold a secret.
        var host = request.Clean(to is { IsAbsoluteUri: true } ? $"{to.Scheme}://{to.Authority}" : "another address");
        throw new PlexException(
            PlexErrorKind.Redirected, $"{request.Redacted} redirects to {host}; use that address if it is the server's.")
        {
            Status = response.StatusCode,
            Method = request.Method.Method,
            Path = request.Redacted,
            Subject = request.Host.Authority,
            Candidates = to is { IsAbsoluteUri: true } ? [host] : [],
            MayHaveTakenEffect = request.IsWrite,
        };
    }

    private static string AsciiOnly(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
            }
        });

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Debug, "{Method} {Path} answered {Status} after {Milliseconds:0.0} ms")]
        public static partial void Answered(ILogger logger, HttpMethod method, string path, int status, double milliseconds);

        [LoggerMessage(1001, LogLevel.Debug, "{Method} {Path} failed ({Kind}); retry {Attempt} in {Delay}")]
        public static partial void Retrying(ILogger logger, string? method, string? path, PlexErrorKind kind, int attempt, TimeSpan delay);
    }
}
