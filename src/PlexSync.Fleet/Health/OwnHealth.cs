namespace PlexSync.Fleet.Health;

/// <summary><c>plexsync-fleet health</c>: asks the node of this machine how it is, where no other program can.</summary>
internal static class OwnHealth
{
    /// <returns>0 if the node and its database answer, else 1.</returns>
    public static async Task<int> AskAsync()
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").Build();
        // Listening everywhere has no address of its own.
        var url = FleetHost.UrlsOf(configuration).Split(';')[0]
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync("/health/ready").ConfigureAwait(false);
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync().ConfigureAwait(false)).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"The node does not answer at {url}.").ConfigureAwait(false);
            return 1;
        }
    }
}
