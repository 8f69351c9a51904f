using System.Net;
using System.Security.Authentication;

namespace PlexSync;

/// <summary>Failures that no server reported: timeouts, broken connections, refused certificates.</summary>
internal static class AttemptFailure
{
    /// <summary>Turns what an attempt has thrown into the failure that the caller sees.</summary>
    public static Exception From(PlexRequest request, Exception e, TimeSpan timeout, CancellationToken cancellationToken) => e switch
    {
        OperationCanceledException when !cancellationToken.IsCancellationRequested =>
            Lost(PlexErrorKind.Timeout, request, $"no answer within {timeout.TotalSeconds:0.###} s{request.Advice}", e),
        HttpRequestException broken => Broken(request, broken),
        _ when WireError.IsBrokenBody(e) => Lost(PlexErrorKind.Unreachable, request, "the connection broke, or what came was damaged", e),
        _ => e,
    };

    private static PlexException Broken(PlexRequest request, HttpRequestException e)
    {
        // A refused certificate has no inner exception; a handshake that broke has.
        if (e.InnerException is AuthenticationException { InnerException: null } refused)
        {
            var (kind, what) = TlsFailureOf(refused.Message);
            return new(kind, $"{request.Host.Authority} {what}.", request.CauseOf(e))
            {
                Method = request.Method.Method,
                Path = request.Redacted,
                Subject = request.Host.Authority,
            };
        }

        if (e.HttpRequestError is HttpRequestError.InvalidResponse)
        {
            return WireError.NotPlex(request, HttpStatusCode.OK, e);
        }

        // Where no connection came about, nothing was sent: even a write that must not be repeated can be.
        var neverSent = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError;
        return neverSent
            ? new(PlexErrorKind.Unreachable, $"{request.Host.Authority} cannot be reached.", request.CauseOf(e))
            {
                Method = request.Method.Method,
                Path = request.Redacted,
                Subject = request.Host.Authority,
                MayRetry = true,
            }
            : Lost(PlexErrorKind.Unreachable, request, "the connection broke", e);
    }

    /// <summary>
    /// The framework tells the cause in its message only: by names of its own, or by that of the text where texts are trimmed away.
    /// </summary>
    private static (PlexErrorKind Kind, string What) TlsFailureOf(string message) =>
        message.Contains("frame", StringComparison.OrdinalIgnoreCase) ? (PlexErrorKind.TlsNotSpoken, "does not speak TLS")
        : message.Contains("NameMismatch", StringComparison.Ordinal)
            ? (PlexErrorKind.CertificateRejected, "did not present a certificate for that name")
        : message.Contains("NotTimeValid", StringComparison.Ordinal)
            ? (PlexErrorKind.CertificateExpired, "presented a certificate that is out of date")
        : message.Contains("Chain", StringComparison.Ordinal) || message.Contains("Untrusted", StringComparison.Ordinal)
            ? (PlexErrorKind.CertificateUntrusted, "presented a certificate of an authority that this machine does not trust")
        : (PlexErrorKind.CertificateRejected, "did not present a certificate for that name");

    private static PlexException Lost(PlexErrorKind kind, PlexRequest request, string what, Exception e) =>
        new(kind, $"{request.Redacted}: {what}.", request.CauseOf(e))
        {
            Method = request.Method.Method,
            Path = request.Redacted,
            Subject = request.Host.Authority,
            MayRetry = request.IsRepeatable && !(request.IsDivisible && kind is PlexErrorKind.Timeout),
            MayHaveTakenEffect = request.IsWrite,
        };
}
