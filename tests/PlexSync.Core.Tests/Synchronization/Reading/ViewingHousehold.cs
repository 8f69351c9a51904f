using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>
/// plex.tv and a server with Owner (1001), Kid (1002) and Teen (1003), and libraries of movies 1 to 9, of episodes 11 to 19 and of movies
/// 21 to 29. It lists by key or by the last view, reads in bulk, takes marks and positions, and dates them by its own clock.
/// </summary>
internal sealed class ViewingHousehold : HttpMessageHandler
{
    private const string Machine = "0123456789abcdef0123456789abcdef01234567";
    private static readonly string[] Names = ["Owner", "Kid", "Teen"];

    private readonly Dictionary<(long User, string Key), Viewing> _states = [];
    private readonly HttpClient _http;

    public ViewingHousehold()
    {
        _http = new HttpClient(this, disposeHandler: false);
        foreach (var number in Enumerable.Range(1, 9))
        {
            Items[$"{number}"] = "1";
            Items[$"{number + 10}"] = "2";
            Items[$"{number + 20}"] = "3";
        }
    }

    /// <summary>The library of each item.</summary>
    public Dictionary<string, string> Items { get; } = [];

    /// <summary>Items that a user does not see.</summary>
    public HashSet<(long User, string Key)> Hidden { get; } = [];

    public LeapingTime Time { get; } = new();

    /// <summary>By how much the server's clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Changes the order of what was viewed last, for a page that starts here.</summary>
    public Func<int, List<string>, List<string>> Order { get; set; } = static (_, keys) => keys;

    /// <summary>What identifies an item beyond the server: items with the same are copies.</summary>
    public Dictionary<string, string> Ids { get; } = [];

    /// <summary>Libraries that are not shared with a user.</summary>
    public HashSet<(long User, string Library)> Unshared { get; } = [];

    /// <summary>The server fails where more items are asked for at once.</summary>
    public int MostItems { get; set; } = int.MaxValue;

    public bool OmitsTotals { get; set; }

    /// <summary>Who asked for what on the server, the query included.</summary>
    public List<(long User, string What)> Requests { get; } = [];

    /// <summary>Who was marked or set to a position, and where.</summary>
    public List<(long User, string Key)> Writes { get; } = [];

    /// <summary>The time by the server's clock.</summary>
    public long Now => (Time.GetUtcNow() + Ahead).ToUnixTimeSeconds();

    public int Count(string part) => Requests.Count(request => request.What.Contains(part, StringComparison.Ordinal));

    public Viewing StateOf(long user, string key) => _states.GetValueOrDefault((user, key));

    /// <summary>The user views an item now, or at another time.</summary>
    public void View(long user, string key, int views, int minutes = 0, long? at = null) =>
        _states[(user, key)] = views == 0 && minutes == 0 ? default : new Viewing(views, minutes * 60_000L, at ?? Now);

    public void Set(long user, string key, Viewing state) => _states[(user, key)] = state;

    public async Task<IReadOnlyList<PlexServer>> ConnectAsync(int users = 2, int pageSize = 1000)
    {
        var client = new PlexClient(
            _http,
            new PlexClientOptions
            {
                ClientIdentifier = "viewing",
                AccountUrl = new Uri("http://plex.test"),
                RetryDelay = TimeSpan.Zero,
                PageSize = pageSize,
            },
            timeProvider: Time);
        var account = await client.SignInAsync("account-token-1001");
        var owner = await client.ConnectAsync(new Uri("http://nas.test:32400"), account);
        var servers = new List<PlexServer> { owner };
        for (var user = 1; user < users; user++)
        {
            servers.Add(await new HomeUserSwitcher(client, account).SwitchAsync(owner, $"id:{1001 + user}"));
        }

        return servers;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (_states)
        {
            var answer = Answer(request, long.Parse(TokenOf(request)[^4..], CultureInfo.InvariantCulture));
            answer.RequestMessage = request;
            answer.Headers.Date = DateTimeOffset.FromUnixTimeSeconds(Now);
            return Task.FromResult(answer);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _http.Dispose();
        base.Dispose(disposing);
    }

    private static string TokenOf(HttpRequestMessage request) =>
        request.Headers.TryGetValues("X-Plex-Token", out var tokens) ? tokens.Single() : "0000";

    private HttpResponseMessage Answer(HttpRequestMessage request, long user)
    {
        var uri = request.RequestUri!;
        var path = uri.AbsolutePath;
        if (uri.Host == "plex.test")
        {
            return path switch
            {
                "/api/v2/user" => Json(UserJson(user)),
                "/api/v2/home/users" => Json($$"""{"users":[{{string.Join(',', Names.Select((_, at) => UserJson(1001 + at)))}}]}"""),
                "/api/v2/resources" => Json($$"""
                    [{"name":"NAS","clientIdentifier":"{{Machine}}","provides":"server","owned":{{(user == 1001 ? "true" : "false")}},
                    "accessToken":"server-token-{{user}}","connections":[{"protocol":"http","address":"nas.test","port":32400,
                    "uri":"http://nas.test:32400","local":true}]}]
                    """),
                "/api/users" => new HttpResponseMessage(HttpStatusCode.NotFound),
                _ => Json(UserJson(1001 + Array.FindIndex(Names, name => path == $"/api/v2/home/users/uuid-{name}/switch"))),
            };
        }

        Requests.Add((user, $"{path}{uri.Query}"));
        return path switch
        {
            "/identity" or "/" => Json(
                $$$"""{"MediaContainer":{"size":0,"machineIdentifier":"{{{Machine}}}","friendlyName":"NAS","version":"1.43"}}"""),
            "/:/prefs" when user != 1001 => new HttpResponseMessage(HttpStatusCode.Unauthorized),
            "/:/prefs" =>
                Json("""{"MediaContainer":{"size":1,"Setting":[{"id":"LibraryVideoPlayedThreshold","value":"90"}]}}"""),
            "/status/sessions" => Json("""{"MediaContainer":{"size":0}}"""),
            "/library/sections" => Sections(user),
            "/library/sections/1/all" or "/library/sections/2/all" or "/library/sections/3/all" => List(request, user, path[18..19]),
            "/:/scrobble" or "/:/unscrobble" or "/:/timeline" => Write(user, uri),
            _ => Rows(user, path["/library/metadata/".Length..].Split(',').Where(key => IsSeen(user, key)).ToList(), 0, null),
        };
    }

    private HttpResponseMessage Sections(long user)
    {
        var libraries = new[] { ("1", "movie", "Movies"), ("2", "show", "Shows"), ("3", "movie", "More movies") }
            .Where(library => !Unshared.Contains((user, library.Item1)))
            .Select(static library => $$"""{"key":"{{library.Item1}}","type":"{{library.Item2}}","title":"{{library.Item3}}"}""").ToList();
        return Json($$$"""{"MediaContainer":{"size":{{{libraries.Count}}},"Directory":[{{{string.Join(',', libraries)}}}]} }""");
    }

    private HttpResponseMessage List(HttpRequestMessage request, long user, string library)
    {
        var keys = Items.Keys.Where(key => Items[key] == library && IsSeen(user, key)).OrderBy(int.Parse).ToList();
        var (start, size) = (Number("X-Plex-Container-Start"), Number("X-Plex-Container-Size"));
        if (size > MostItems)
        {
            return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        }

        if (request.RequestUri!.Query.Contains("sort=lastViewedAt:desc", StringComparison.Ordinal))
        {
            keys = Order(start, [.. keys.OrderByDescending(key => StateOf(user, key).At ?? 0)]);
        }

        return Rows(user, keys.Skip(start).Take(size).ToList(), start, OmitsTotals ? null : keys.Count);

        int Number(string header) => int.Parse(request.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);
    }

    private bool IsSeen(long user, string key) => Items.ContainsKey(key) && !Hidden.Contains((user, key));

    private HttpResponseMessage Rows(long user, List<string> keys, int start, int? total)
    {
        var rows = new JsonArray();
        foreach (var key in keys)
        {
            var row = new JsonObject { ["ratingKey"] = key, ["title"] = $"Item {key}", ["duration"] = 6_000_000 };
            row["type"] = Items[key] == "2" ? "episode" : "movie";
            if (Items[key] == "2")
            {
                (row["grandparentTitle"], row["parentIndex"], row["index"]) = ("Show", 1, int.Parse(key, CultureInfo.InvariantCulture));
            }

            if (Ids.TryGetValue(key, out var id))
            {
                row["Guid"] = new JsonArray(new JsonObject { ["id"] = id });
            }

            var state = StateOf(user, key);
            Add("viewCount", state.Views);
            Add("viewOffset", state.Offset);
            Add("lastViewedAt", state.At ?? 0);
            rows.Add(row);

            void Add(string field, long value)
            {
                if (value != 0)
                {
                    row[field] = value;
                }
            }
        }

        var container = new JsonObject { ["size"] = keys.Count, ["offset"] = start, ["Metadata"] = rows };
        if (total is { } all)
        {
            container["totalSize"] = all;
        }

        return Json(new JsonObject { ["MediaContainer"] = container }.ToJsonString());
    }

    private HttpResponseMessage Write(long user, Uri uri)
    {
        var query = uri.Query.TrimStart('?').Split('&').Select(static part => part.Split('='))
            .ToDictionary(static part => part[0], static part => part[1]);
        var key = query.GetValueOrDefault("ratingKey") ?? query["key"];
        Writes.Add((user, key));
        var views = StateOf(user, key).Views;
        _states[(user, key)] = uri.AbsolutePath switch
        {
            "/:/scrobble" => new Viewing(views + 1, 0, Now),
            "/:/unscrobble" => default,
            _ => new Viewing(views, long.Parse(query["time"], CultureInfo.InvariantCulture), Now),
        };
        return new HttpResponseMessage { Content = new ByteArrayContent([]) };
    }

    private static string UserJson(long user)
    {
        var name = user is >= 1001 and <= 1003 ? Names[user - 1001] : "Nobody";
        return $$"""
            {"id":{{user}},"uuid":"uuid-{{name}}","title":"{{name}}","username":{{(user == 1001 ? "\"owner\"" : "null")}},
            "admin":{{(user == 1001 ? "true" : "false")}},"authToken":"account-token-{{user}}"}
            """;
    }

    private static HttpResponseMessage Json(string json) =>
        new() { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };

    /// <summary>What a user has seen of an item.</summary>
    /// <param name="Views">How often.</param>
    /// <param name="Offset">The position in milliseconds.</param>
    /// <param name="At">The date, in unix seconds.</param>
    public readonly record struct Viewing(int Views, long Offset, long? At);
}
