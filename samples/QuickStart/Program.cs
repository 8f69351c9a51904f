// Copies what the owner of the token has watched to one Home user:
//   PLEX_TOKEN=… dotnet run --project samples/QuickStart -- http://nas:32400 Kid
using PlexSync;

if (args is not [var address, var user] || Environment.GetEnvironmentVariable("PLEX_TOKEN") is not { Length: > 0 } token)
{
    Console.Error.WriteLine("Usage: PLEX_TOKEN=<token> QuickStart <server address> <Home user>");
    return 2;
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
SyncReport report = await synchronizer.ApplyAsync(plan, source: server, target: kid);
// </readme>

foreach (var result in report.Results)
{
    Console.WriteLine($"{result.Outcome}: {result.Change.Item.DisplayTitle} ({result.Change.Reason})");
}

return report.Results.All(result => result.Outcome is ChangeOutcome.Applied) ? 0 : 5;
