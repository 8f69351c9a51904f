using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.PlexTv;

/// <summary>The error bodies of plex-facts §3.1.</summary>
internal static class Errors
{
    public static Answer ClientIdentifierMissing(SimulatedRequest request) =>
        Error(request, 400, 1000, "X-Plex-Client-Identifier is missing");

    /// <summary>The older addresses answer 422 without a code.</summary>
    public static Answer Unauthorized(SimulatedRequest request) => IsOld(request)
        ? Answer.Text(422, "application/xml; charset=utf-8", "<errors><error>Invalid token</error></errors>")
        : Error(request, 401, 1001, "User could not be authenticated");

    /// <summary>Only a JWT expires (plex-facts §3.5).</summary>
    public static Answer TokenExpired(SimulatedRequest request) => Error(request, 498, null, "Token expired");

    /// <summary>What an old address answers that is no more (plex-facts §14.3).</summary>
    public static Answer Gone() =>
        Answer.Xml(new Element("errors").Add(new Element("error").Set("message", "Gone").Set("status", 410)), 410);

    public static Answer NotFound(SimulatedRequest request) => Error(request, 404, 1002, "Not found");

    public static Answer NotForManagedUsers(SimulatedRequest request) =>
        Error(request, 403, 1009, "Managed users are not allowed to perform this action");

    public static Answer PinRequired(SimulatedRequest request) =>
        Error(request, 403, 1041, "A valid PIN is required to perform this action");

    public static Answer LinkCodeNotFound(SimulatedRequest request) =>
        Error(request, 404, 1020, "Code not found or expired", withStatus: false);

    public static Answer RateLimited(SimulatedRequest request, TimeSpan? retryAfter)
    {
        var answer = Error(request, 429, 1003, "API rate limit exceeded");
        return retryAfter is { } after ? answer.With("Retry-After", Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture))
            : answer;
    }

    private static bool IsOld(SimulatedRequest request) => !request.Path.StartsWith("/api/v2/", StringComparison.Ordinal);

    private static Answer Error(SimulatedRequest request, int status, int? code, string message, bool withStatus = true)
    {
        var error = new Element("error").Set("code", code).Set("message", message).Set("status", withStatus ? status : null);
        return request.WantsJson && !IsOld(request)
            ? Answer.Of(new Element("").List("errors", [error]), request, status)
            : Answer.Xml(new Element("errors").Add(error), status);
    }
}
