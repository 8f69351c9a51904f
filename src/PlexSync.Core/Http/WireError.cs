using System.Net;

namespace PlexSync;

/// <summary>The failures of answers that lack a field.</summary>
internal static class WireError
{
    public static PlexException Missing(string path, string field) =>
        new(PlexErrorKind.InvalidResponse, $"{path} answered without a usable '{field}'.") { Path = path };

    public static PlexException Incomplete(string path, string why) =>
        new(PlexErrorKind.IncompleteListing, $"{path}: {why}.") { Path = path };

    public static PlexException NotPlex(PlexRequest request, HttpStatusCode status, Exception? inner) =>
        new(PlexErrorKind.NotPlex, $"{request.Redacted} answered, but not as Plex does.", request.CauseOf(inner))
        {
            Status = status,
            Method = request.Method.Method,
            Path = request.Redacted,
            Subject = request.Host.Authority,
            MayHaveTakenEffect = request.IsWrite,
        };

    /// <summary>What reading a body throws when it breaks off or does not unpack; Brotli has an exception of its own.</summary>
    public static bool IsBrokenBody(Exception e) => e is IOException or HttpRequestException or InvalidDataException
        || (e is InvalidOperationException and not ObjectDisposedException && e.Source == "System.IO.Compression.Brotli");
}
