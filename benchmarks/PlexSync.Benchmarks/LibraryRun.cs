using PlexSync.Testing;

namespace PlexSync.Benchmarks;

/// <summary>The library in this process.</summary>
internal static class LibraryRun
{
    public static Task RunAsync(PlexSimulator plex) => ConnectedAsync(plex, static async (owner, kid) =>
    {
        var synchronizer = new WatchStateSynchronizer();
        return await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);
    });

    public static Task<SyncPlan> PlanAsync(PlexSimulator plex) =>
        ConnectedAsync(plex, static (owner, kid) => new WatchStateSynchronizer().PlanAsync(owner, kid));

    public static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(PlexSimulator plex, HttpClient http)
    {
        var client = new PlexClient(http, new PlexClientOptions { ClientIdentifier = "benchmark", AccountUrl = plex.AccountUrl });
        var account = await client.SignInAsync(plex.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        return (owner, await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid"));
    }

    private static async Task<T> ConnectedAsync<T>(PlexSimulator plex, Func<PlexServer, PlexServer, Task<T>> action)
    {
        using var http = new HttpClient(PlexClient.CreateHttpHandler());
        var (owner, kid) = await ConnectAsync(plex, http);
        return await action(owner, kid);
    }
}
