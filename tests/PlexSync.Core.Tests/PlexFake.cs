using System.Net;
using Microsoft.Extensions.Logging;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests;

/// <summary>plex.tv and one server, answered by MockHttp; whatever is not expected fails the test.</summary>
internal sealed class PlexFake : IDisposable
{
    public const string Machine = "0123456789abcdef0123456789abcdef01234567";
    public const string OwnerToken = "owner-account-token0";
    public const string KidToken = "kid-server-token0000";

    private readonly HttpClient _http;

    /// <remarks>What comes before MockHttp is told, unlike MockHttp, when a request is cancelled.</remarks>
    public PlexFake(
        Action<PlexClientOptions>? configure = null, ILoggerFactory? loggers = null, TimeProvider? time = null,
        DelegatingHandler? before = null)
    {
        Http.Fallback.Throw(new InvalidOperationException("No request like this was expected."));
        before?.InnerHandler = Http;
        _http = new HttpClient((HttpMessageHandler?)before ?? Http);
        var options = new PlexClientOptions
        {
            ClientIdentifier = "test-client",
            AccountUrl = new Uri("http://plex.test"),
            RetryDelay = TimeSpan.Zero,
        };
        configure?.Invoke(options);
        Client = new PlexClient(_http, options, loggers, time);
    }

    public MockHttpMessageHandler Http { get; } = new();

    public PlexClient Client { get; }

    public static Uri ServerUrl { get; } = new("http://nas.test:32400");

    /// <summary>Signs the owner in.</summary>
    public async Task<PlexAccount> SignInAsync()
    {
        Account("/api/v2/user").RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner","username":"owner"}""");
        return await Client.SignInAsync(OwnerToken);
    }

    /// <summary>Signs a user in, the owner if no other is named, and connects as them.</summary>
    public async Task<PlexServer> ConnectAsync(long user = 1001, string machine = Machine)
    {
        Account("/api/v2/user").RespondJson($$"""{"id":{{user}},"uuid":"aaaa","title":"Owner","username":"owner"}""");
        Account("/api/v2/resources").RespondJson(Resources("owner-server-token00", owned: true, machine));
        Server("/identity").RespondJson($$$"""{"MediaContainer":{"size":0,"machineIdentifier":"{{{machine}}}","version":"1.43"}}""");
        Server("/")
            .RespondJson($$$"""{"MediaContainer":{"size":0,"machineIdentifier":"{{{machine}}}","friendlyName":"NAS","version":"1.43"}}""");
        Server("/:/prefs").RespondJson("""{"MediaContainer":{"size":1,"Setting":[{"id":"LibraryVideoPlayedThreshold","value":"90"}]}}""");
        return await Client.ConnectAsync(ServerUrl, await Client.SignInAsync(OwnerToken));
    }

    /// <summary>Connects with one movie library, listed as given.</summary>
    public async Task<(PlexServer Server, Library Library)> WithMoviesAsync()
    {
        var server = await ConnectAsync();
        Server("/library/sections").RespondJson(
            """{"MediaContainer":{"size":1,"Directory":[{"key":"1","type":"movie","title":"Movies"}]}}""");
        return (server, (await server.GetLibrariesAsync())[0]);
    }

    public MockedRequest Account(string path) => Http.When($"http://plex.test{path}");

    public MockedRequest Server(string path) => Http.When($"{ServerUrl.GetLeftPart(UriPartial.Authority)}{path}");

    /// <summary>A page of the movie library that starts at <paramref name="start"/>.</summary>
    public MockedRequest Page(int start) => Server("/library/sections/1/all").WithHeaders("X-Plex-Container-Start", $"{start}");

    public static string Resources(string accessToken, bool owned, string machine = Machine) =>
        $$"""
        [{"name":"NAS","clientIdentifier":"{{machine}}","provides":"server","owned":{{(owned ? "true" : "false")}},
        "accessToken":"{{accessToken}}","connections":[{"protocol":"http","address":"nas.test","port":32400,"uri":"{{ServerUrl}}",
        "local":true}]}]
        """;

    public static string Movies(int first, int count, string container)
    {
        var items = Enumerable.Range(first, count)
            .Select(key => $$"""{"ratingKey":"{{key}}","type":"movie","title":"Movie {{key}}","duration":6000000}""");
        return Container(container, items);
    }

    /// <summary>A container with these fields and items; as Plex does, without the list when it is empty.</summary>
    public static string Container(string fields, IEnumerable<string> items)
    {
        var list = string.Join(',', items);
        return $$$"""{"MediaContainer":{{{{fields}}}{{{(list.Length == 0 ? "" : $",\"Metadata\":[{list}]")}}}}}""";
    }

    public void Dispose()
    {
        _http.Dispose();
        Http.Dispose();
    }
}

internal static class MockedRequestExtensions
{
    public static MockedRequest RespondJson(this MockedRequest request, string json) => request.Respond("application/json", json);

    public static MockedRequest RespondHtml(this MockedRequest request, HttpStatusCode status) =>
        request.Respond(status, "text/html", $"<html><head><title>{status}</title></head><body><h1>{(int)status}</h1></body></html>");
}
