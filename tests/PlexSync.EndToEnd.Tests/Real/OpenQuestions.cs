using System.Globalization;
using System.Net;
using System.Text.Json;

namespace PlexSync.EndToEnd.Tests.Real;

/// <summary>
/// Asks a server what docs/plex-facts.md (§13) leaves open and its owner can find out without an account, and what PlexSync relies on.
/// Requests are written out, not those of the library: the page is about the server.
/// </summary>
/// <param name="server">Its address. Each question takes a film of its own, of five minutes or more, and marks it.</param>
/// <param name="token">Null for a server that nobody has signed in to.</param>
/// <param name="pause">Lets two seconds pass on the server's clock, which counts in seconds.</param>
internal sealed class OpenQuestions(Uri server, string? token, Func<Task> pause) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
    private readonly Queue<Film> _films = [];

    public Dictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public async Task AskAllAsync(CancellationToken cancellationToken)
    {
        Answers["version"] = (await GetAsync("/identity", cancellationToken)).GetProperty("version").GetString() ?? "unknown";
        await FindFilmsAsync(cancellationToken);
        await ReliedUponAsync(cancellationToken);
        await ScrobbleAndPositionAsync(cancellationToken);
        await NearTheEndAsync(cancellationToken);
        await NearTheBeginningAsync(cancellationToken);
        await DateSentAlongAsync(cancellationToken);
        await SamePositionAsync(cancellationToken);
        await VerbsAsync(cancellationToken);
        await PagesAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task FindFilmsAsync(CancellationToken cancellationToken)
    {
        var sections = await GetAsync("/library/sections", cancellationToken);
        foreach (var section in sections.GetProperty("Directory").EnumerateArray())
        {
            if (section.GetProperty("type").GetString() != "movie") continue;
            var key = section.GetProperty("key").GetString();
            var page = await GetAsync($"/library/sections/{key}/all?type=1", cancellationToken, size: "200");
            foreach (var item in page.GetProperty("Metadata").EnumerateArray())
            {
                if (item.TryGetProperty("duration", out var length) && length.GetInt64() >= 300_000)
                    _films.Enqueue(new Film(item.GetProperty("ratingKey").GetString()!, length.GetInt64()));
            }
        }

        Assert.True(_films.Count >= 9, $"Only {_films.Count} films of five minutes or more.");
    }

    // A failure here is one of PlexSync: it needs these answers on every server.
    private async Task ReliedUponAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        await ReportAsync(film, film.Length / 2, cancellationToken);
        Assert.Equal((0, film.Length / 2), await StateAsync(film, cancellationToken));
        await MarkAsync("unscrobble", film, cancellationToken);
        Assert.Equal((0, 0), await StateAsync(film, cancellationToken));
        await MarkAsync("scrobble", film, cancellationToken);
        await MarkAsync("scrobble", film, cancellationToken);
        Assert.Equal((2, 0), await StateAsync(film, cancellationToken));
        await MarkAsync("unscrobble", film, cancellationToken);
        Assert.Equal((0, 0), await StateAsync(film, cancellationToken));
    }

    private async Task ScrobbleAndPositionAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        await ReportAsync(film, film.Length / 2, cancellationToken);
        await MarkAsync("scrobble", film, cancellationToken);
        var (_, position) = await StateAsync(film, cancellationToken);
        Answers["Does scrobble keep the position?"] = position > 0 ? "yes" : "no";
    }

    private async Task NearTheEndAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        await ReportAsync(film, film.Length * 95 / 100, cancellationToken);
        var (views, position) = await StateAsync(film, cancellationToken);
        Answers["Is a lone position at or above the threshold kept?"] = $"{(position > 0 ? "yes" : "no")}, {views} views";
    }

    private async Task NearTheBeginningAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        foreach (var time in new long[] { 30_000, 60_000, 61_000 })
        {
            await MarkAsync("unscrobble", film, cancellationToken);
            await ReportAsync(film, time, cancellationToken);
            var position = (await StateAsync(film, cancellationToken)).Position;
            Answers[$"Is a position of {time / 1000} seconds kept?"] = position > 0 ? "yes" : "no";
        }
    }

    private async Task DateSentAlongAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        var sent = DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeSeconds();
        await ReportAsync(film, film.Length / 2, cancellationToken, $"&updated={sent}&offline=1");
        Answers["Does a date sent along with a report count?"] = await ViewedAtAsync(film, cancellationToken) == sent ? "yes" : "no";
    }

    private async Task SamePositionAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        await ReportAsync(film, film.Length / 2, cancellationToken);
        var first = await ViewedAtAsync(film, cancellationToken);
        await pause();
        await ReportAsync(film, film.Length / 2, cancellationToken);
        Answers["Does the same position again move lastViewedAt?"] = await ViewedAtAsync(film, cancellationToken) != first ? "yes" : "no";
    }

    private async Task VerbsAsync(CancellationToken cancellationToken)
    {
        var film = await NextAsync(cancellationToken);
        var status = await SendAsync(HttpMethod.Put, Marking("scrobble", film), cancellationToken);
        var (views, _) = await StateAsync(film, cancellationToken);
        Answers["Does PUT work?"] = $"{status:d}, {views} views";
        status = await SendAsync(HttpMethod.Post, Reporting(new Film("999999999", 600_000), 300_000), cancellationToken);
        Answers["What is answered to a position on an item that is not there?"] = $"{status:d}";
    }

    private async Task PagesAsync(CancellationToken cancellationToken)
    {
        var page = await GetAsync("/library/all?type=1", cancellationToken, size: "100000");
        Answers["How much of a page of 100,000 comes?"] = string.Create(
            CultureInfo.InvariantCulture,
            $"{page.GetProperty("size").GetInt64()} of {(page.TryGetProperty("totalSize", out var total) ? total.GetInt64() : -1)}");
        var start = await SendAsync(HttpMethod.Get, "/library/all?type=1", cancellationToken, start: "0");
        Answers["What is answered to a start without a size?"] = $"{start:d}";
    }

    // The film as if nobody had ever seen it.
    private async Task<Film> NextAsync(CancellationToken cancellationToken)
    {
        var film = _films.Dequeue();
        await MarkAsync("unscrobble", film, cancellationToken);
        return film;
    }

    private async Task MarkAsync(string mark, Film film, CancellationToken cancellationToken) =>
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, Marking(mark, film), cancellationToken));

    private async Task ReportAsync(Film film, long time, CancellationToken cancellationToken, string more = "") =>
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, Reporting(film, time) + more, cancellationToken));

    private static string Marking(string mark, Film film) => $"/:/{mark}?identifier=com.plexapp.plugins.library&key={film.Key}";

    private static string Reporting(Film film, long time) => string.Create(
        CultureInfo.InvariantCulture,
        $"/:/timeline?ratingKey={film.Key}&key=%2Flibrary%2Fmetadata%2F{film.Key}&state=stopped&time={time}&duration={film.Length}");

    private async Task<(long Views, long Position)> StateAsync(Film film, CancellationToken cancellationToken)
    {
        var item = await ItemAsync(film, cancellationToken);
        return (Number(item, "viewCount"), Number(item, "viewOffset"));
    }

    private async Task<long> ViewedAtAsync(Film film, CancellationToken cancellationToken) =>
        Number(await ItemAsync(film, cancellationToken), "lastViewedAt");

    private async Task<JsonElement> ItemAsync(Film film, CancellationToken cancellationToken) =>
        (await GetAsync($"/library/metadata/{film.Key}", cancellationToken)).GetProperty("Metadata")[0];

    private static long Number(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken, string? size = null)
    {
        using var response = await RespondAsync(HttpMethod.Get, path, size is null ? null : "0", size, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}.");
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return body.RootElement.GetProperty("MediaContainer").Clone();
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken, string? start = null)
    {
        using var response = await RespondAsync(method, path, start, null, cancellationToken);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> RespondAsync(
        HttpMethod method, string path, string? start, string? size, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Accept", "application/json");
        request.Headers.Add("X-Plex-Client-Identifier", "plexsync-open-questions");
        // Each report is one of its own: none goes on with a playback.
        request.Headers.Add("X-Plex-Session-Identifier", Guid.NewGuid().ToString("N"));
        if (token is not null) request.Headers.Add("X-Plex-Token", token);
        if (start is not null) request.Headers.Add("X-Plex-Container-Start", start);
        if (size is not null) request.Headers.Add("X-Plex-Container-Size", size);
        return await _http.SendAsync(request, cancellationToken);
    }

    private sealed record Film(string Key, long Length);
}
