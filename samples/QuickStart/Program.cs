// Copies what the owner of the token has watched to one Home user:
//   PLEX_TOKEN=… dotnet run --project samples/QuickStart -- http://nas:32400 Kid
using Cocona;
using PlexSync;

CoconaApp.Run(async (
    [Argument(Description = "Where the server is, such as http://nas:32400.")] string address,
    [Argument(Description = "The Home user to copy to.")] string user,
    [Option('n', Description = "Only say what would be written.")] bool dryRun) =>
{
    if (Environment.GetEnvironmentVariable("PLEX_TOKEN") is not { Length: > 0 } token)
    {
        throw new CommandExitedException("PLEX_TOKEN has to hold the token of the server's owner.", 2);
    }

    // <readme>
    using var httpClient = new HttpClient(PlexClient.CreateHttpHandler());          // follows no redirect with your token
    var options = new PlexClientOptions { ClientIdentifier = "my-app-instance" };   // the same on every start
    // </readme>

    // Something stands in for https://plex.tv in tests.
    options.AccountUrl = Environment.GetEnvironmentVariable("PLEX_ACCOUNT_URL") is { Length: > 0 } url ? new Uri(url) : options.AccountUrl;

    // <readme>
    var plex   = new PlexClient(httpClient, options);
    var owner  = await plex.SignInAsync(token);                                     // who is this token? (plex.tv)
    var server = await plex.ConnectAsync(new Uri(address), owner);                  // the server, as the owner
    var kid    = await new HomeUserSwitcher(plex, owner).SwitchAsync(server, user); // the server, as Kid; proved

    var synchronizer = new WatchStateSynchronizer();
    SyncPlan   plan   = await synchronizer.PlanAsync(source: server, target: kid);  // reads, writes nothing
    // </readme>
    if (dryRun)
    {
        foreach (var change in plan.Changes)
        {
            Console.WriteLine($"{change.Action}: {change.Item.DisplayTitle} ({change.Reason})");
        }

        return 0;
    }

    // <readme>
    SyncReport report = await synchronizer.ApplyAsync(plan, source: server, target: kid);
    // </readme>

    foreach (var result in report.Results)
    {
        Console.WriteLine($"{result.Outcome}: {result.Change.Item.DisplayTitle} ({result.Change.Reason})");
    }

    return report.Results.All(result => result.Outcome is ChangeOutcome.Applied) ? 0 : 5;
});
