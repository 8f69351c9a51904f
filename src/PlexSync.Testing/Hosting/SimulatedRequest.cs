using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing;

/// <summary>A request as it arrived; it outlives its connection, so that an effect can come late.</summary>
public sealed class SimulatedRequest
{
    private SimulatedRequest(
        string role, string method, string path, string queryString, IReadOnlyDictionary<string, string> headers, string body)
    {
        (Role, Method, Path, QueryString, Headers) = (role, method, path, queryString, headers);
        Query = Parse(queryString.TrimStart('?'));
        Form = Parse(body);
    }

    /// <summary>"plex.tv", or the machine identifier of the server asked.</summary>
    public string Role { get; }

    /// <summary>GET, PUT and so on.</summary>
    public string Method { get; }

    /// <summary>Decoded, without a trailing slash.</summary>
    public string Path { get; }

    /// <summary>As sent, with its question mark.</summary>
    public string QueryString { get; }

    /// <summary>In order; a filter's operator is part of the name (plex-facts §4.3).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; }

    /// <summary>The fields of a form that was posted.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Form { get; }

    /// <summary>By name, whatever its case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The user the token stands for, if any.</summary>
    public long? UserId { get; internal set; }

    /// <summary>The status that was sent; null when none was (yet).</summary>
    public int? Status { get; internal set; }

    /// <summary>Whether it asks a server to change a state.</summary>
    public bool IsWrite => Path is "/:/scrobble" or "/:/unscrobble" or "/:/timeline" or "/:/rate" or "/:/progress";
    /// <summary><c>X-Plex-Token</c>.</summary>
    public string? Token => HeaderOrQuery("X-Plex-Token");
    /// <summary><c>X-Plex-Client-Identifier</c>.</summary>
    public string? ClientIdentifier => HeaderOrQuery("X-Plex-Client-Identifier");

    /// <summary>Whether it accepts JSON; the answer is XML otherwise.</summary>
    public bool WantsJson =>
        Headers.TryGetValue("Accept", out var accept) && accept.Contains("application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>A query parameter's first value.</summary>
    public string? this[string name] => Find(Query, name);

    /// <summary>Any X-Plex-* header may be a query parameter instead (plex-facts §1.1).</summary>
    public string? HeaderOrQuery(string name) => Headers.TryGetValue(name, out var value) && value.Length > 0 ? value : this[name];

    /// <summary>A field of the form, or else of the query.</summary>
    public string? FormOrQuery(string name) => Find(Form, name) ?? this[name];

    /// <summary>Method, path and query.</summary>
    public override string ToString() => $"{Method} {Path}{QueryString}";

    internal Func<ListingPage, ListingPage>? ChangePage { get; set; }
    internal List<RawField> RawFields { get; } = [];
    internal List<Task> Awaited { get; } = [];
    internal Func<byte[], byte[]>? ChangeBody { get; set; }

    internal static async Task<SimulatedRequest> ReadAsync(HttpContext http, string role)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in http.Request.Headers) headers[name] = value.ToString();
        var body = "";
        if (http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
        {
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync(http.RequestAborted);
        }
        var path = http.Request.Path.Value!.TrimEnd('/');
        return new SimulatedRequest(
            role, http.Request.Method, path.Length == 0 ? "/" : path, http.Request.QueryString.Value ?? "", headers, body);
    }

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> pairs, string name)
    {
        foreach (var (key, value) in pairs)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    private static List<KeyValuePair<string, string>> Parse(string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            pairs.Add(at < 0
                ? new(WebUtility.UrlDecode(part), "")
                : new(WebUtility.UrlDecode(part[..at]), WebUtility.UrlDecode(part[(at + 1)..])));
        }
        return pairs;
    }
}

/// <summary>Every request received, in order of arrival, whatever became of it.</summary>
public sealed class RequestLog
{
    private readonly ConcurrentQueue<SimulatedRequest> _all = new();

    /// <summary>All of them until now.</summary>
    public IReadOnlyList<SimulatedRequest> All => [.. _all];

    /// <summary>How many there were.</summary>
    public int Count => _all.Count;

    /// <summary>How many asked a server to change a state.</summary>
    public int Writes => _all.Count(request => request.IsWrite);

    /// <summary>How many did not.</summary>
    public int Reads => _all.Count(request => !request.IsWrite);

    /// <summary>Those to this path, without their query.</summary>
    public IReadOnlyList<SimulatedRequest> To(string path) => [.. _all.Where(request => request.Path == path)];

    /// <summary>Forgets them.</summary>
    public void Clear() => _all.Clear();

    internal void Add(SimulatedRequest request) => _all.Enqueue(request);
}
