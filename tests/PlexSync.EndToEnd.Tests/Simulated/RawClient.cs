using System.Net;
using System.Text;
using System.Text.Json;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>A simulated household, and requests to it that are not the library's.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private RawClient(PlexSimulator plex, LeapingTime clock)
    {
        Plex = plex;
        Clock = clock;
    }

    public PlexSimulator Plex { get; }

    public LeapingTime Clock { get; }

    public World World => Plex.World;

    public SimulatedServer Server => World.Server;

    public SimulatedUser Kid => World.User("Kid");

    /// <summary><see cref="Worlds.Small"/>, under a clock that only leaps when told to, but for the moments a test takes.</summary>
    public static async Task<RawClient> StartAsync(Func<TimeProvider, World>? world = null)
    {
        var clock = new LeapingTime();
        return new RawClient(await PlexSimulator.StartAsync(world?.Invoke(clock) ?? Worlds.Small(clock: clock)), clock);
    }

    public Task<Response> AskServerAsync(
        string path, string? token = null, HttpMethod? method = null, string? session = null, int? size = null) =>
        SendAsync(new Uri(Plex.ServerUrl, path), method ?? HttpMethod.Get, token ?? Server.TokenOf(World.Owner), session, size);

    public Task<Response> AskAccountAsync(string path, string? token = null, HttpMethod? method = null) =>
        SendAsync(new Uri(Plex.AccountUrl, path), method ?? HttpMethod.Get, token ?? World.Owner.AccountToken, null, null);

    /// <summary>Kid's player reports where it is.</summary>
    public async Task<ItemState> ReportAsync(string key, long time, long duration, string state, string? session = null)
    {
        var path = $"/:/timeline?ratingKey={key}&key=%2Flibrary%2Fmetadata%2F{key}&state={state}&time={time}&duration={duration}";
        var answer = await AskServerAsync(path, Server.TokenOf(Kid), HttpMethod.Post, session);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return Server.State(Kid, key);
    }

    /// <summary>Listens as a user, once the server has said that it is open.</summary>
    public async Task<RawEar> ListenAsync(SimulatedUser user, string? filters = "playing,timeline")
    {
        var query = filters is null ? "" : $"?filters={filters}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Plex.ServerUrl, $"/:/eventsource/notifications{query}"));
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("X-Plex-Token", Server.TokenOf(user));
        var cancellationToken = TestContext.Current.CancellationToken;
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new RawEar(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Plex.DisposeAsync();
    }

    private async Task<Response> SendAsync(Uri uri, HttpMethod method, string token, string? session, int? size)
    {
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Add("Accept", "application/json");
        request.Headers.Add("X-Plex-Client-Identifier", "raw");
        request.Headers.Add("X-Plex-Token", token);
        if (session is not null)
        {
            request.Headers.Add("X-Plex-Session-Identifier", session);
        }

        if (size is not null)
        {
            request.Headers.Add("X-Plex-Container-Start", "0");
            request.Headers.Add("X-Plex-Container-Size", $"{size}");
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var headers = response.Headers.ToDictionary(
            header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return new Response(
            response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    internal sealed record Response(HttpStatusCode Status, Dictionary<string, string> Headers, byte[] Bytes)
    {
        public string Body => Encoding.UTF8.GetString(Bytes);

        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        public JsonElement Container => Json.GetProperty("MediaContainer");

        public JsonElement[] Items => [.. Container.GetProperty("Metadata").EnumerateArray()];
    }
}
