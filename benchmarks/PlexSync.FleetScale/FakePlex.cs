using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace PlexSync.FleetScale;

/// <summary>
/// plex.tv and all servers, in this process. Each server has an owner with managed users, and one library of movies. All nodes agree on who
/// has watched what, since it follows from the clock; in the current interval a user has what the owner watched last once this node has
/// written it.
/// </summary>
internal sealed class FakePlex(ScaleOptions options, TimeProvider time) : HttpMessageHandler
{
    /// <summary>So many of the movies have been watched by everybody before.</summary>
    private const double WatchedBefore = 0.5;

    private readonly ConcurrentDictionary<(int Server, int User, long Interval), long> _written = new();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, int> _accountSeconds = new();
    private long _tokens;

    /// <summary>How many requests there were, by kind.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>The most requests to plex.tv in one second.</summary>
    public int MostInASecond => _accountSeconds.Values.DefaultIfEmpty().Max();

    public static string OwnerToken(int server) => $"owner-{server}";

    public static string UserName(int user) => $"Kid {user}";

    public void Clear()
    {
        _counts.Clear();
        _accountSeconds.Clear();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Delay(options.Latency, time, cancellationToken).ConfigureAwait(false);
        var response = Answer(request);
        response.RequestMessage = request;
        response.Headers.Date = time.GetUtcNow();
        return response;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        var token = request.Headers.TryGetValues("X-Plex-Token", out var values) ? values.First() : "";
        if (address.Host == "plex.tv")
        {
            _accountSeconds.AddOrUpdate(time.GetUtcNow().ToUnixTimeSeconds(), 1, static (_, count) => count + 1);
            return AnswerAccount(request, address, token);
        }

        var server = NumberAt(address.Host[..address.Host.IndexOf('.', StringComparison.Ordinal)], 1);
        // An owner comes with the token of the account.
        var isOwner = token == OwnerToken(server);
        if (address.AbsolutePath is not "/identity" && !isOwner && !token.StartsWith($"server-{server}-", StringComparison.Ordinal))
        {
            return Refuse();
        }

        return AnswerServer(request, address, server, isOwner || token.Length == 0 ? 0 : NumberAt(token, 2));
    }

    private HttpResponseMessage AnswerAccount(HttpRequestMessage request, Uri address, string token)
    {
        // owner-SERVER, or user-SERVER-USER-NUMBER.
        var (server, user) = (NumberAt(token, 1), token.StartsWith("user-", StringComparison.Ordinal) ? NumberAt(token, 2) : 0);
        switch (address.AbsolutePath)
        {
            case "/api/v2/user":
                Count("plex.tv user");
                return Json(User(server, user, token));
            case "/api/v2/resources":
                Count("plex.tv resources");
                return Json(
                    $$"""
                    [{"name":"Server {{server}}","product":"Plex Media Server","productVersion":"1.41.0.1-abc",
                    "clientIdentifier":"{{Machine(server)}}","provides":"server","owned":{{Word(user == 0)}},"home":{{Word(user != 0)}},
                    "presence":true,"accessToken":"server-{{server}}-{{user}}","httpsRequired":false,
                    "connections":[{"protocol":"https","address":"server-{{server}}.fake","port":32400,
                    "uri":"https://server-{{server}}.fake:32400","local":false,"relay":false}]}]
                    """);
            case "/api/v2/home/users":
                Count("plex.tv home");
                return Json($$"""{"id":{{server}},"name":"Home","users":[{{string.Join(
                    ',', Enumerable.Range(0, options.Jobs + 1).Select(one => User(server, one, token: null)))}}]}""");
            case "/api/users":
                Count("plex.tv friends");
                return Text(
                    $"<MediaContainer size=\"{options.Jobs}\">{string.Concat(Enumerable.Range(1, options.Jobs).Select(one =>
                        $"<User id=\"{Id(server, one)}\" title=\"{UserName(one)}\" username=\"\" email=\"\" home=\"1\" restricted=\"1\" "
                        + $"thumb=\"https://plex.tv/users/{Uuid(server, one)}/avatar\" />"))}</MediaContainer>",
                    "application/xml");
            case var path when path.EndsWith("/switch", StringComparison.Ordinal) && request.Method == HttpMethod.Post:
                Count("plex.tv switch");
                var to = Enumerable.Range(1, options.Jobs).First(one => path.Contains($"/{Uuid(server, one)}/", StringComparison.Ordinal));
                // Another one each time, as plex.tv gives.
                return Json(User(server, to, $"user-{server}-{to}-{Interlocked.Increment(ref _tokens)}"), HttpStatusCode.Created);
            default:
                return Unknown(request);
        }
    }

    private HttpResponseMessage AnswerServer(HttpRequestMessage request, Uri address, int server, int user)
    {
        switch (address.AbsolutePath)
        {
            case "/identity":
                Count("identity");
                return Container($"\"claimed\":true,\"machineIdentifier\":\"{Machine(server)}\",\"version\":\"1.41.0.1-abc\"");
            case "/":
                Count("root");
                return Container(
                    $"\"friendlyName\":\"Server {server}\",\"machineIdentifier\":\"{Machine(server)}\",\"version\":\"1.41.0.1-abc\"");
            case "/:/prefs":
                Count("preferences");
                return user == 0
                    ? Container("\"size\":1,\"Setting\":[{\"id\":\"LibraryVideoPlayedThreshold\",\"type\":\"int\",\"value\":90}]")
                    : Refuse();
            case "/status/sessions":
                Count("sessions");
                return user == 0 ? Container("\"size\":0") : Refuse();
            case "/library/sections":
                Count("libraries");
                return Container("\"size\":1,\"Directory\":[{\"key\":\"1\",\"type\":\"movie\",\"title\":\"Movies\"}]");
            case "/library/sections/1/all":
                Count("listings");
                var start = HeaderOf(request, "X-Plex-Container-Start") ?? 0;
                var size = Math.Clamp(HeaderOf(request, "X-Plex-Container-Size") ?? options.Movies, 0, Math.Max(0, options.Movies - start));
                return Items(server, user, Enumerable.Range(start, size), $"\"totalSize\":{options.Movies},\"offset\":{start},");
            case "/:/scrobble":
                Count("writes");
                var movie = int.Parse(address.Query.AsSpan(1).ToString().Split('&').First(
                    static part => part.StartsWith("key=", StringComparison.Ordinal)).AsSpan(4), CultureInfo.InvariantCulture) - 1;
                _written[(server, user, IntervalOf(movie))] = time.GetUtcNow().ToUnixTimeSeconds();
                return Text("", "text/html");
            case var path when path.StartsWith("/library/metadata/", StringComparison.Ordinal):
                Count("items");
                return Items(server, user, path["/library/metadata/".Length..].Split(',').Select(
                    static key => int.Parse(key, CultureInfo.InvariantCulture) - 1), "");
            default:
                return Unknown(request);
        }
    }

    private HttpResponseMessage Items(int server, int user, IEnumerable<int> movies, string head)
    {
        var text = new StringBuilder();
        var count = 0;
        foreach (var movie in movies)
        {
            text.Append(count++ == 0 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $$"""
                {"ratingKey":"{{movie + 1}}","guid":"plex://movie/{{Machine(movie)}}","type":"movie","title":"Movie {{movie + 1}}",
                "year":2001,"duration":6000000,"Guid":[{"id":"imdb://tt{{movie + 1000000}}"},{"id":"tmdb://{{movie + 1000}}"}]
                """);
            if (WatchedAt(server, user, movie) is { } at)
            {
                text.Append(CultureInfo.InvariantCulture, $",\"viewCount\":1,\"lastViewedAt\":{at}");
            }

            text.Append('}');
        }

        return Container($"\"size\":{count},{head}\"librarySectionID\":1,\"Metadata\":[{text}]");
    }

    /// <summary>When a user watched a movie, in seconds since 1970; null if they have not.</summary>
    private long? WatchedAt(int server, int user, int movie)
    {
        if (movie < options.Movies * WatchedBefore)
        {
            return 1_700_000_000 + (movie * 3600);
        }

        var interval = IntervalOf(movie);
        var current = Current;
        var began = (long)(interval * options.Every.TotalSeconds);
        if (interval > current || !Watches(server, interval))
        {
            return null;
        }

        return user == 0 || interval < current ? began : _written.TryGetValue((server, user, interval), out var at) ? at : null;
    }

    private long Current => (long)(time.GetUtcNow().ToUnixTimeSeconds() / options.Every.TotalSeconds);

    /// <summary>
    /// In which interval a movie was or will be watched: the later half of the library stands for the intervals around now.
    /// </summary>
    private long IntervalOf(int movie)
    {
        var later = options.Movies - (int)Math.Ceiling(options.Movies * WatchedBefore);
        var period = Current / later * later;
        return period + movie - (options.Movies - later);
    }

    private bool Watches(int server, long interval) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{server} {interval}")) / (double)ulong.MaxValue < options.Writes;

    private static string User(int server, int user, string? token) =>
        $$"""
        {"id":{{Id(server, user)}},"uuid":"{{Uuid(server, user)}}","title":"{{(user == 0 ? $"Owner {server}" : UserName(user))}}",
        "username":{{(user == 0 ? $"\"owner{server}\"" : "null")}},"email":null,"friendlyName":null,"restricted":{{Word(user != 0)}},
        "admin":{{Word(user == 0)}},"guest":false,"protected":false{{(token is null ? "" : $",\"authToken\":\"{token}\"")}}}
        """;

    private static string Word(bool value) => value ? "true" : "false";

    private static string Machine(int server) => server.ToString("x40", CultureInfo.InvariantCulture);

    private static string Uuid(int server, int user) => Id(server, user).ToString("x16", CultureInfo.InvariantCulture);

    private static long Id(int server, int user) => 10_000_000 + (server * 100L) + user;

    private static int NumberAt(string token, int part) => int.Parse(token.Split('-')[part], CultureInfo.InvariantCulture);

    private static int? HeaderOf(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) ? int.Parse(values.First(), CultureInfo.InvariantCulture) : null;

    private static HttpResponseMessage Container(string content) => Json($"{{\"MediaContainer\":{{{content}}}}}");

    private static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) =>
        Text(text, "application/json", status);

    private static HttpResponseMessage Text(string text, string type, HttpStatusCode status = HttpStatusCode.OK)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return new HttpResponseMessage(status) { Content = content };
    }

    private static HttpResponseMessage Refuse() => Text(
        "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>",
        "text/html",
        HttpStatusCode.Unauthorized);

    private HttpResponseMessage Unknown(HttpRequestMessage request)
    {
        Count($"unknown: {request.Method} {request.RequestUri!.AbsolutePath}");
        return Text("<html><head><title>Not Found</title></head></html>", "text/html", HttpStatusCode.NotFound);
    }

    private void Count(string kind) => _counts.AddOrUpdate(kind, 1, static (_, count) => count + 1);
}
