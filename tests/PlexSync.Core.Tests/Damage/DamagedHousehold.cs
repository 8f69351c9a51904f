using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Damage;

/// <summary>One damaged value: in which answer, in which field, and the bytes that stand there; null leaves the field out.</summary>
internal sealed record Damage(string Answer, string Field, byte[]? Value)
{
    public override string ToString() =>
        $"{Answer} {Field} = {(Value is null ? "(absent)" : Encoding.Latin1.GetString(Value[..Math.Min(Value.Length, 60)]))}";
}

/// <summary>
/// plex.tv and a server with an owner, a managed user and a friend, in the shapes that real ones answer in (plex-facts §3 to §8). One value
/// of one answer can be damaged. What is written is kept and shown again.
/// </summary>
internal sealed class DamagedHousehold : HttpMessageHandler
{
    private const string Machine = "0123456789abcdef0123456789abcdef01234567";
    private const string Mark = "@damage@";

    private static readonly Dictionary<string, string> Rows = new()
    {
        ["1"] = Movie("1", "Solaris", 1972, "1972-03-20"),
        ["2"] = Movie("2", "Stalker", 1979, "1979-05-25"),
        ["3"] = Movie("3", "Mirror", 1975, "1975-03-07"),
        ["4"] = Movie("4", "Nostalghia", 1983, "1983-05-17"),
        ["11"] = Episode("11", "Pilot", 1),
        ["12"] = Episode("12", "Second", 2),
    };

    private Damage? _damage;
    private readonly Dictionary<string, (int Views, long Offset)> _owner = FirstStates("Owner");
    private readonly Dictionary<string, (int Views, long Offset)> _kid = FirstStates("Kid");

    private readonly HttpClient _http;

    public DamagedHousehold(Damage? damage = null)
    {
        _damage = damage;
        _http = new HttpClient(this, disposeHandler: false);
    }

    /// <summary>Path and rating key of each write, by whoever holds the managed user's token.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Writes with any other token.</summary>
    public List<string> Strays { get; } = [];

    /// <summary>Reads of the listings.</summary>
    public int Listings { get; private set; }

    /// <summary>The answers whose fields can be damaged, with what they look like undamaged.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Answers { get; } = AllAnswers();

    /// <summary>Damages an answer from now on, or mends it.</summary>
    public void Use(Damage? damage) => _damage = damage;

    /// <summary>What a user has watched and begun, by rating key.</summary>
    public Dictionary<string, (int Views, long Offset)> StatesOf(string user) => user == "Kid" ? _kid : _owner;

    public async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync()
    {
        var options =
            new PlexClientOptions { ClientIdentifier = "fuzz", AccountUrl = new Uri("http://plex.test"), RetryDelay = TimeSpan.Zero };
        var client = new PlexClient(_http, options, timeProvider: new HurriedTime());
        var account = await client.SignInAsync("owner-account-token0");
        var owner = await client.ConnectAsync(new Uri("http://nas.test:32400"), account);
        return (owner, await new HomeUserSwitcher(client, account).SwitchAsync(owner, "id:1002"));
    }

    /// <summary>Copies from the owner to Kid and returns what the user is told; throws what the library throws.</summary>
    public async Task<SyncReport> SyncAsync(IConflictPolicy policy)
    {
        var (owner, kid) = await ConnectAsync();
        var sync = new SyncOptions { Policy = policy, MaxRemovals = 100 };
        var synchronizer = new WatchStateSynchronizer();
        return await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, sync), kid, sync);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (_kid)
        {
            return Task.FromResult(Answer(request));
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        var token = request.Headers.TryGetValues("X-Plex-Token", out var tokens) ? tokens.Single() : "";
        var isKid = token is "kid-account-token000" or "kid-server-token0000";
        var start = request.Headers.TryGetValues("X-Plex-Container-Start", out var starts) ? int.Parse(starts.Single(), null) : 0;
        var answer = (request.RequestUri.Host, path) switch
        {
            ("plex.test", "/api/v2/user") => Json(isKid ? "user of Kid" : "user"),
            ("plex.test", "/api/v2/home/users") => Json("home/users"),
            ("plex.test", "/api/users") => Xml("api/users"),
            ("plex.test", "/api/v2/resources") => Json(isKid ? "resources of Kid" : "resources"),
            ("plex.test", "/api/v2/home/users/bbbb/switch" or "/api/v2/home/users/1002/switch") => Json("switch"),
            ("plex.test", _) => new HttpResponseMessage(HttpStatusCode.NotFound),
            (_, "/identity") => Json("identity"),
            (_, "/") => Json("about"),
            (_, "/:/prefs") => isKid ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : Json("prefs"),
            (_, "/status/sessions") => Json("sessions"),
            (_, "/library/sections") => Json("sections"),
            (_, "/library/sections/1/all") => List($"movies of {(isKid ? "Kid" : "Owner")}", start),
            (_, "/library/sections/2/all") when request.RequestUri.Query.Contains("type=2", StringComparison.Ordinal) =>
                List($"shows of {(isKid ? "Kid" : "Owner")}", start),
            (_, "/library/sections/2/all") => List($"episodes of {(isKid ? "Kid" : "Owner")}", start),
            (_, "/:/scrobble" or "/:/unscrobble" or "/:/timeline") => Write(request.RequestUri, isKid),
            _ when path.StartsWith("/library/metadata/", StringComparison.Ordinal) => Bulk(path[18..].Split(','), isKid),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
        answer.RequestMessage = request;
        return answer;
    }

    protected override void Dispose(bool disposing)
    {
        _http.Dispose();
        base.Dispose(disposing);
    }

    private HttpResponseMessage Write(Uri uri, bool isKid)
    {
        var query = uri.Query.TrimStart('?').Split('&').Select(static part => part.Split('='))
            .ToDictionary(static part => part[0], static part => part[1]);
        var key = query.GetValueOrDefault("ratingKey") ?? query["key"];
        (isKid ? Writes : Strays).Add($"{uri.AbsolutePath} {key}");
        var (views, _) = _kid.GetValueOrDefault(key);
        _kid[key] = uri.AbsolutePath switch
        {
            "/:/scrobble" => (views + 1, 0),
            "/:/unscrobble" => default,
            _ => (views, long.Parse(query["time"], System.Globalization.CultureInfo.InvariantCulture)),
        };
        return new HttpResponseMessage { Content = new ByteArrayContent([]) };
    }

    private HttpResponseMessage Bulk(string[] keys, bool isKid) =>
        Json(
            isKid ? "bulk of Kid" : "bulk of Owner",
            Container([.. keys.Where(Rows.ContainsKey).Select(key => Row(key, isKid ? _kid : _owner))]));

    private HttpResponseMessage List(string name, int start)
    {
        Listings++;
        var listing = Listing(name, _owner, _kid);
        if (start > 0)
        {
            (listing["MediaContainer"]!["size"], listing["MediaContainer"]!["offset"]) = (0, start);
            listing["MediaContainer"]!.AsObject().Remove("Metadata");
        }

        return Json(name, listing);
    }

    private HttpResponseMessage Json(string name, JsonNode? node = null) =>
        Answer(Render(name, node ?? Answers[name].DeepClone()), "application/json");

    private HttpResponseMessage Xml(string name)
    {
        var json = Render(name, Answers[name].DeepClone());
        if (_damage?.Answer == name && _damage.Value is { } value)
        {
            // What stands between the quotation marks of JSON stands between those of XML.
            return Answer(
                Splice(ToXml(Tree(name, mark: true)), Encoding.UTF8.GetBytes(Mark), value[0] == '"' ? value[1..^1] : value),
                "application/xml");
        }

        return Answer(Encoding.UTF8.GetBytes(ToXml(JsonNode.Parse(json)!)), "application/xml");
    }

    private static HttpResponseMessage Answer(byte[] body, string type)
    {
        var answer = new HttpResponseMessage { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = new(type);
        answer.Headers.Date = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
        return answer;
    }

    private JsonNode Tree(string name, bool mark)
    {
        var node = Answers[name].DeepClone();
        if (mark)
        {
            Set(node, _damage!.Field, Mark);
        }

        return node;
    }

    private byte[] Render(string name, JsonNode node)
    {
        if (_damage is null || _damage.Answer != name)
        {
            return Encoding.UTF8.GetBytes(node.ToJsonString());
        }

        Set(node, _damage.Field, _damage.Value is null ? null : Mark);
        return _damage.Value is null
            ? Encoding.UTF8.GetBytes(node.ToJsonString())
            : Splice(node.ToJsonString(), Encoding.UTF8.GetBytes($"\"{Mark}\""), _damage.Value);
    }

    private static byte[] Splice(string text, byte[] mark, byte[] value)
    {
        var whole = Encoding.UTF8.GetBytes(text);
        var at = whole.AsSpan().IndexOf(mark);
        return at < 0 ? whole : [.. whole[..at], .. value, .. whole[(at + mark.Length)..]];
    }

    /// <summary>Sets or removes the field at a path such as <c>Metadata/0/title</c>.</summary>
    private static void Set(JsonNode node, string path, string? value)
    {
        var steps = path.Split('/');
        JsonNode? parent = node;
        foreach (var step in steps[..^1])
        {
            parent = parent is JsonArray array ? int.Parse(step, null) < array.Count ? array[int.Parse(step, null)] : null : parent?[step];
        }

        if (parent is JsonObject fields && value is null)
        {
            fields.Remove(steps[^1]);
        }
        else if (parent is JsonObject container)
        {
            container[steps[^1]] = value;
        }
        else if (parent is JsonArray list && value is not null && int.Parse(steps[^1], null) < list.Count)
        {
            list[int.Parse(steps[^1], null)] = value;
        }
    }

    /// <summary>The path of every field, those of lists and objects themselves among them.</summary>
    public static IEnumerable<string> FieldsOf(JsonNode node, string prefix = "") => node switch
    {
        JsonObject fields => fields.SelectMany(field => Deeper(field.Key, field.Value)),
        JsonArray list => list.SelectMany((element, at) => Deeper($"{at}", element)),
        _ => [],
    };

    private static IEnumerable<string> Deeper(string step, JsonNode? value) =>
        value is null ? [step] : FieldsOf(value).Select(deeper => $"{step}/{deeper}").Prepend(step);

    private static string ToXml(JsonNode root)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?><MediaContainer");
        foreach (var (name, value) in root.AsObject().Where(static field => field.Value is not JsonArray))
        {
            xml.Append($" {name}=\"{value}\"");
        }

        xml.Append('>');
        foreach (var (name, list) in root.AsObject().Where(static field => field.Value is JsonArray))
        {
            foreach (var row in list!.AsArray())
            {
                var attributes = (row as JsonObject ?? []).Select(static field => $" {field.Key}=\"{field.Value}\"");
                xml.Append($"<{name}{string.Concat(attributes)}>{(row is JsonObject ? "" : row)}</{name}>");
            }
        }

        return xml.Append("</MediaContainer>").ToString();
    }

    private static Dictionary<string, (int Views, long Offset)> FirstStates(string user) => user == "Kid"
        ? new() { ["3"] = (1, 0), ["12"] = (1, 0) }
        : new() { ["1"] = (1, 0), ["2"] = (0, 1_800_000), ["11"] = (2, 0) };

    private static Dictionary<string, JsonNode> AllAnswers()
    {
        var (owner, kid) = (FirstStates("Owner"), FirstStates("Kid"));
        var answers = new Dictionary<string, JsonNode>
        {
            ["user"] = Parse("""
                {"id":1001,"uuid":"aaaa","username":"owner","title":"Owner","email":"owner@example.test","friendlyName":"",
                "protected":false,"thumb":"https://plex.tv/users/aaaa/avatar","authToken":"owner-account-token0",
                "subscription":{"active":true,"features":["home","pass"]},"entitlements":[]}
                """),
            ["user of Kid"] = Parse("""
                {"id":1002,"uuid":"bbbb","username":"","title":"Kid","email":"","friendlyName":"","restricted":true,"thumb":"",
                "authToken":"kid-account-token000"}
                """),
            ["switch"] = Parse("""{"id":1002,"uuid":"bbbb","username":"","title":"Kid","email":"","authToken":"kid-account-token000"}"""),
            ["home/users"] = Parse("""
                {"id":7,"name":"Home","guestUserID":null,"subscription":true,"users":[{"id":1001,"uuid":"aaaa","title":"Owner",
                "username":"owner","email":"owner@example.test","friendlyName":null,"admin":true,"guest":false,"restricted":false,
                "protected":true,"hasPassword":true},{"id":1002,"uuid":"bbbb","title":"Kid","username":null,"email":null,
                "friendlyName":"Kiddo","admin":false,"guest":false,"restricted":true,"protected":false,"hasPassword":false},{"id":1003,
                "uuid":"cccc","title":"Teen","username":null,"email":null,"friendlyName":null,"admin":false,"guest":false,"restricted":true,
                "protected":true,"hasPassword":false}]}
                """),
            ["api/users"] = Parse("""
                {"friendlyName":"myPlex","identifier":"com.plexapp.plugins.myplex","machineIdentifier":"x","totalSize":"2","size":"2",
                "User":[{"id":"2001","title":"Friend","username":"friend","email":"friend@example.test","recommendationsPlaylistId":"",
                "thumb":"https://plex.tv/users/dddd/avatar?c=1","protected":"0","home":"0","admin":"0","guest":"0","restricted":"0",
                "filterAll":""},{"id":"1002","title":"Kid","username":"","email":"","thumb":"https://plex.tv/users/bbbb/avatar?c=1",
                "protected":"0","home":"1","admin":"0","restricted":"1"}]}
                """),
            ["resources"] = Parse(Resources("owner-server-token00", owned: true)),
            ["resources of Kid"] = Parse(Resources("kid-server-token0000", owned: false)),
            ["identity"] = Parse(
                $$$"""{"MediaContainer":{"size":0,"claimed":true,"machineIdentifier":"{{{Machine}}}","version":"1.43.0"}}"""),
            ["about"] = Parse($$$"""
                {"MediaContainer":{"size":26,"allowSync":true,"friendlyName":"NAS","machineIdentifier":"{{{Machine}}}",
                "myPlexUsername":"owner","version":"1.43.0","Directory":[{"count":1,"key":"library","title":"library"}]}}
                """),
            ["prefs"] = Parse("""
                {"MediaContainer":{"size":2,"Setting":[{"id":"FriendlyName","label":"Friendly name","summary":"","type":"text","default":"",
                "value":"NAS","hidden":false,"advanced":false,"group":"general"},{"id":"LibraryVideoPlayedThreshold","label":"",
                "type":"int","default":90,"value":90,"hidden":false,"enumValues":"50:50%|95:95%"}]}}
                """),
            ["sessions"] = Parse("""
                {"MediaContainer":{"size":1,"Metadata":[{"ratingKey":"3","type":"movie","title":"Mirror","sessionKey":"5",
                "viewOffset":60000,"User":{"id":"2001","title":"Friend","thumb":""},"Player":{"state":"playing","machineIdentifier":"p"},
                "Session":{"id":"s","bandwidth":1}}]}}
                """),
            ["sections"] = Parse("""
                {"MediaContainer":{"size":2,"allowSync":false,"title1":"Plex Library","Directory":[{"allowSync":true,"art":"/:/a",
                "composite":"/c","filters":true,"refreshing":false,"key":"1","type":"movie","title":"Movies","agent":"tv.plex.agents.movie",
                "scanner":"Plex Movie","language":"en-US","uuid":"u1","updatedAt":1700000000,"scannedAt":1700000000,"hidden":0,
                "Location":[{"id":1,"path":"/m"}]},{"key":"2","type":"show","title":"Shows","uuid":"u2","Location":[{"id":2,
                "path":"/s"}]}]}}
                """),
            ["bulk of Kid"] = Container([Row("1", kid), Row("2", kid), Row("11", kid)]),
            ["bulk of Owner"] = Container([Row("3", owner), Row("12", owner)]),
        };
        foreach (var name in (string[])["movies of Owner", "movies of Kid", "episodes of Owner", "episodes of Kid"])
        {
            answers.Add(name, Listing(name, owner, kid));
        }

        return answers;
    }

    private static string Resources(string token, bool owned) =>
        $$"""
        [{"name":"Player","product":"Plex for Android","productVersion":"10","clientIdentifier":"player1","provides":"client,player",
        "owned":true,"accessToken":null,"presence":true,"connections":[]},{"name":"NAS","product":"Plex Media Server",
        "productVersion":"1.43.0","platform":"Linux","clientIdentifier":"{{Machine}}","createdAt":"2021-01-01T12:12:24Z",
        "provides":"server","ownerId":null,"accessToken":"{{token}}","owned":{{(owned ? "true" : "false")}},"home":false,"relay":true,
        "presence":true,"httpsRequired":false,"connections":[{"protocol":"http","address":"nas.test","port":32400,
        "uri":"http://nas.test:32400","local":true,"relay":false,"IPv6":false}]},{"name":"Other","product":"Plex Media Server",
        "clientIdentifier":"other1","provides":"server","accessToken":"other-server-token00","owned":true,"presence":false,
        "connections":[{"protocol":"https","address":"192.0.2.1","port":32400,"uri":"https://192-0-2-1.x.plex.direct:32400","local":false,
        "relay":true}]}]
        """;

    private static JsonObject Listing(
        string name, Dictionary<string, (int Views, long Offset)> owner, Dictionary<string, (int Views, long Offset)> kid)
    {
        var states = name.EndsWith("Kid", StringComparison.Ordinal) ? kid : owner;
        return name.StartsWith("shows", StringComparison.Ordinal)
            ? Container([Parse("""{"ratingKey":"10","type":"show","title":"The Show","guid":"plex://show/10"}""")])
            : Container([.. Rows.Keys.Where(key => key.Length == (name[0] == 'm' ? 1 : 2)).Select(key => Row(key, states))]);
    }

    private static JsonObject Container(JsonNode[] rows) => new()
    {
        ["MediaContainer"] = new JsonObject
        {
            ["size"] = rows.Length,
            ["totalSize"] = rows.Length,
            ["offset"] = 0,
            ["allowSync"] = true,
            ["identifier"] = "com.plexapp.plugins.library",
            ["librarySectionID"] = 1,
            ["librarySectionTitle"] = "Movies",
            ["viewGroup"] = "movie",
            ["Metadata"] = new JsonArray(rows),
        },
    };

    private static JsonNode Row(string key, Dictionary<string, (int Views, long Offset)> states)
    {
        var row = Parse(Rows[key]);
        if (states.TryGetValue(key, out var state) && state != default)
        {
            (row["viewCount"], row["viewOffset"], row["lastViewedAt"]) = (state.Views, state.Offset, 1_700_000_000 + key.Length);
        }

        return row;
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    private static string Movie(string key, string title, int year, string day) =>
        $$"""
        {"ratingKey":"{{key}}","key":"/library/metadata/{{key}}","guid":"plex://movie/{{key}}","slug":"s","studio":"S","type":"movie",
        "title":"{{title}}","titleSort":"{{title}}","contentRating":"G","summary":"","rating":6.2,"audienceRating":7.1,"userRating":8.0,
        "lastRatedAt":1690000000,"year":{{year}},"thumb":"/t","art":"/a","duration":6000000,"originallyAvailableAt":"{{day}}",
        "addedAt":1579514088,"updatedAt":1579514152,"skipCount":0,"Guid":[{"id":"imdb://tt{{key}}"},{"id":"tmdb://{{key}}"}],
        "Media":[{"id":46,"duration":6000000,"Part":[{"id":46,"file":"/f"}]}]}
        """;

    private static string Episode(string key, string title, int number) =>
        $$"""
        {"ratingKey":"{{key}}","key":"/library/metadata/{{key}}","parentRatingKey":"9","grandparentRatingKey":"10",
        "guid":"plex://episode/{{key}}","parentGuid":"plex://season/9","grandparentGuid":"plex://show/10","type":"episode",
        "title":"{{title}}","grandparentKey":"/library/metadata/10","grandparentTitle":"The Show","parentTitle":"Season 1","summary":"",
        "index":{{number}},"parentIndex":1,"year":2001,"duration":2400000,"originallyAvailableAt":"2001-02-0{{number}}",
        "addedAt":1579514088,"updatedAt":1579514152,"Guid":[{"id":"tvdb://{{key}}"}]}
        """;
}
