using System.Globalization;

namespace PlexSync.Cli.Configuration;

/// <summary>Tells the address of a server from its name, and reads addresses as people paste them.</summary>
internal static class ServerAddress
{
    /// <summary>An address rather than a name; also one without its scheme, which may hold what must not be repeated.</summary>
    public static bool Is(Given given) => given.Value.AsSpan().ContainsAny("?=")
        || given.Value.Replace(" @ ", "", StringComparison.Ordinal).Replace(" / ", "", StringComparison.Ordinal).AsSpan()
            .ContainsAny("/@")
        || IsHostWithPort(given.Value);

    /// <summary>The same, where the servers of the account are known: one of them can have a name that looks like HOST:PORT.</summary>
    public static bool Is(Given given, IEnumerable<ServerResource> servers) => Is(given)
        && (!MayBeName(given) || !servers.Any(
            server => string.Equals(server.Name.Trim(), given.Value, StringComparison.OrdinalIgnoreCase)));

    /// <summary>What looks like an address could be the name of a server all the same.</summary>
    public static bool MayBeName(Given given) => !given.Value.AsSpan().ContainsAny("/?@=");

    /// <summary>
    /// An address that Core takes, made of what people paste: without a scheme http is meant, and what the browser shows from <c>/web</c>
    /// on is the web app's. It is not repeated in the message: it may hold a token.
    /// </summary>
    public static Uri Parse(Given given)
    {
        var text = given.Value.Trim();
        text = text.Contains("://", StringComparison.Ordinal) ? text : $"{Uri.UriSchemeHttp}://{text}";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url is { Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0 })
        {
            if (url.Host is "app.plex.tv" or "www.plex.tv" or "watch.plex.tv")
            {
                throw new CliException(CliException.Usage, "Invalid_Url_WebApp", given.Origin);
            }

            // A proxy may have a path of that name itself, so only what the app puts behind it is cut off.
            var web = Array.FindLastIndex(url.Segments, static segment => segment.TrimEnd('/') == "web");
            if (web > 0 && (web == url.Segments.Length - 1 || url.Segments[web + 1].TrimEnd('/') is "index.html" or "tv"))
            {
                return new Uri(url.GetLeftPart(UriPartial.Authority) + string.Concat(url.Segments.Take(web)).TrimEnd('/'));
            }

            if (url.Fragment.Length == 0 || (url.AbsolutePath == "/" && url.Fragment.StartsWith("#!", StringComparison.Ordinal)))
            {
                return url.Fragment.Length == 0 ? url : new Uri(url.GetLeftPart(UriPartial.Authority));
            }
        }

        throw new CliException(CliException.Usage, "Invalid_Url", given.Origin);
    }

    /// <summary>An address with its scheme: nothing is guessed where the token of the account would be sent in clear.</summary>
    public static Uri ParseWhole(Given given) =>
        LacksScheme(given) ? throw new CliException(CliException.Usage, "Invalid_Url", given.Origin) : Parse(given);

    /// <summary>The address lacks http:// or https://.</summary>
    public static bool LacksScheme(Given given) => !given.Value.Contains("://", StringComparison.Ordinal);

    private static bool IsHostWithPort(string text) =>
        text.LastIndexOf(':') is > 0 and var colon
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is > 0 and <= 65535 && !text.Contains(' ', StringComparison.Ordinal);
}
