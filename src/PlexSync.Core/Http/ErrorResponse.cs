using System.Net;
using System.Text;
using System.Text.Json;

namespace PlexSync;

/// <summary>Turns an answer that is not a success into the exception that says what it means.</summary>
internal static class ErrorResponse
{
    private const int QuotedLength = 1024;

    /// <summary>Codes of plex.tv (plex-facts §3.1).</summary>
    private const int PinInvalid = 1041;
    private const int LinkNotFound = 1020;
    private const int LinkExpired = 1069;

    public static async Task<PlexException> ReadAsync(
        PlexRequest request, HttpResponseMessage response, TimeProvider time, TimeSpan longestWait, CancellationToken cancellationToken)
    {
        var (body, isCut) = await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        var (code, text) = ParseError(body);
        var status = response.StatusCode;
        var kind = IsOfGateway(request, response, body) ? PlexErrorKind.GatewayRefused
            // Reads work already, and nothing was done (plex-facts §14.1).
            : status is HttpStatusCode.BadRequest && IsStarting(request, body) ? PlexErrorKind.Unavailable
            : KindOf(request, status, code);
        var retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        if (retryAfter < TimeSpan.Zero)
        {
            retryAfter = TimeSpan.Zero;
        }

        var transient = kind is PlexErrorKind.RateLimited or PlexErrorKind.Unavailable or PlexErrorKind.ServerError;
        // 429, and 400 while starting, are sent before anything is done; after a 5xx, only reading tells whether a mark took effect.
        var refused = kind is PlexErrorKind.RateLimited || status is HttpStatusCode.BadRequest;
        return new PlexException(kind, Describe(request, status, text, body, isCut))
        {
            Status = status,
            Method = request.Method.Method,
            Path = request.Redacted,
            Subject = request.Host.Authority,
            UserName = request.UserName,
            RetryAfter = retryAfter,
            AnsweredAt = ServerClock.DateOf(response),
            MayRetry = transient && (request.IsRepeatable || refused) && !(retryAfter > longestWait)
                && !(request.IsDivisible && kind is PlexErrorKind.ServerError),
            MayHaveTakenEffect = request.IsWrite && transient && !refused,
        };
    }

    private static bool IsStarting(PlexRequest request, string body) => !IsForPlexTv(request)
        && (body.Contains("starting", StringComparison.OrdinalIgnoreCase) || body.Contains("startup", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// A refusal by a proxy or firewall. The server's own carries X-Plex-Protocol and a short page of its own (plex-facts §2.3), names no
    /// other software, and comes only where a token was sent: <c>/identity</c> is open to everybody.
    /// </summary>
    private static bool IsOfGateway(PlexRequest request, HttpResponseMessage response, string body) =>
        response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired
        && !IsForPlexTv(request) && !response.Headers.Contains("X-Plex-Protocol")
        && (request.Token is null || response.Headers.WwwAuthenticate.Count > 0 || response.Headers.ProxyAuthenticate.Count > 0
            || response.Headers.Server.Count > 0 || response.Headers.Contains("CF-RAY") || !IsPlexPage(body));

    private static bool IsPlexPage(string body) => string.IsNullOrWhiteSpace(body)
        || body.Contains("<title>Unauthorized</title>", StringComparison.OrdinalIgnoreCase)
        || body.Contains("<title>Forbidden</title>", StringComparison.OrdinalIgnoreCase);

    private static bool IsForPlexTv(PlexRequest request) => request.Path.StartsWith("/api/", StringComparison.Ordinal);

    private static PlexErrorKind KindOf(PlexRequest request, HttpStatusCode status, int? code) => (int)status switch
    {
        401 => PlexErrorKind.InvalidToken,
        403 when code == PinInvalid => PlexErrorKind.PinRejected,
        403 => PlexErrorKind.Forbidden,
        404 or 422 when code is LinkNotFound or LinkExpired => PlexErrorKind.LinkExpired,
        404 => PlexErrorKind.NotFound,
        // Older plex.tv endpoints say "Invalid token" with 422 (plex-facts §3.1).
        422 when request.Gate is null && request.Method == HttpMethod.Get => PlexErrorKind.InvalidToken,
        429 => PlexErrorKind.RateLimited,
        498 => PlexErrorKind.TokenExpired,
        503 => PlexErrorKind.Unavailable,
        >= 500 => PlexErrorKind.ServerError,
        _ => PlexErrorKind.Rejected,
    };

    private static string Describe(PlexRequest request, HttpStatusCode status, string? text, string body, bool isCut)
    {
        var quoted = text ?? (body.Contains('<', StringComparison.Ordinal) ? null : body.Trim());
        var advice = (int)status >= 500 && status is not HttpStatusCode.ServiceUnavailable ? request.Advice : "";
        var said = string.IsNullOrEmpty(quoted) ? "" : $": {request.Clean(quoted, isCut && text is null)}";
        return $"{request.Method} {request.Redacted} answered {(int)status}{said}{advice}.";
    }

    /// <summary>The beginning of the body, and whether there is more of it.</summary>
    private static async Task<(string Text, bool IsCut)> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                var buffer = new byte[QuotedLength];
                var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                    .ConfigureAwait(false);
                return (Encoding.UTF8.GetString(buffer, 0, count), count == buffer.Length);
            }
        }
        catch (Exception e) when (WireError.IsBrokenBody(e))
        {
            // Best effort: the status is what counts, and the body is only quoted in the message.
            return ("", false);
        }
    }

    private static (int? Code, string? Message) ParseError(string body)
    {
        try
        {
            var error = body.StartsWith('{')
                ? JsonSerializer.Deserialize(body, ErrorJsonContext.Default.AccountErrors)?.Errors?.FirstOrDefault() : null;
            return (error?.Code is >= 0 and <= int.MaxValue and var code ? (int)code : null, error?.Message);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }
}
