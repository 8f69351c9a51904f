using PlexSync.Simulator;

namespace PlexSync.Benchmarks;

/// <summary>The library in this process.</summary>
internal static class LibraryRun
{
    public static async Task RunAsync(SimulatedPlex plex)
    {
        using var http = new HttpClient(PlexClient.CreateHttpHandler());
        var client = new PlexClient(http, new PlexClientOptions { ClientIdentifier = "benchmark", AccountUrl = plex.AccountUrl });
        var account = await client.SignInAsync(plex.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var synchronizer = new WatchStateSynchronizer();
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);
    }
}
