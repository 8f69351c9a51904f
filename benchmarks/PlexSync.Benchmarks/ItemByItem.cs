using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.Benchmarks;

/// <summary>What small scripts do: list the source, ask the target about every item that has a state, write one after the other.</summary>
internal static class ItemByItem
{
    public static Task RunAsync(PlexSimulator plex) =>
        RunAsync(plex.ServerUrl, plex.World.Server.TokenOf(plex.World.Owner), plex.World.Server.TokenOf(plex.World.User("Kid")));

    public static async Task RunAsync(Uri serverUrl, string owner, string kid)
    {
        using var http = new HttpClient { BaseAddress = serverUrl };
        http.DefaultRequestHeaders.Add("Accept", "application/json");
        http.DefaultRequestHeaders.Add("X-Plex-Client-Identifier", "benchmark");
        foreach (var (library, type) in ((string, int)[])[("1", 1), ("2", 4)])
        {
            for (var start = 0; await PageAsync(library, type, start) is { Count: > 0 } page; start += page.Count)
            {
                foreach (var item in page.Where(item => Number(item, "viewCount") > 0 || Number(item, "viewOffset") > 0))
                {
                    await CopyAsync(item);
                }
            }
        }

        async Task<List<JsonElement>> PageAsync(string library, int type, int start)
        {
            using var answer = await SendAsync(
                $"library/sections/{library}/all?type={type}&X-Plex-Container-Start={start}&X-Plex-Container-Size=100", owner);
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            return document.RootElement.GetProperty("MediaContainer").TryGetProperty("Metadata", out var items)
                ? items.EnumerateArray().Select(item => item.Clone()).ToList()
                : [];
        }

        async Task CopyAsync(JsonElement item)
        {
            var key = item.GetProperty("ratingKey").GetString();
            using var answer = await SendAsync($"library/metadata/{key}", kid);
            if (!answer.IsSuccessStatusCode)
            {
                return;
            }

            using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            var target = document.RootElement.GetProperty("MediaContainer").GetProperty("Metadata")[0];
            if (Number(item, "viewCount") > 0)
            {
                if (Number(target, "viewCount") == 0)
                {
                    using var _ = await SendAsync($":/scrobble?identifier=com.plexapp.plugins.library&key={key}", kid);
                }
            }
            else if (Number(target, "viewOffset") != Number(item, "viewOffset"))
            {
                using var _ = await SendAsync(
                    $":/timeline?ratingKey={key}&key=%2Flibrary%2Fmetadata%2F{key}&state=stopped"
                    + $"&time={Number(item, "viewOffset")}&duration={Number(item, "duration")}",
                    kid);
            }
        }

        async Task<HttpResponseMessage> SendAsync(string path, string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-Plex-Token", token);
            return await http.SendAsync(request);
        }
    }

    private static long Number(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
