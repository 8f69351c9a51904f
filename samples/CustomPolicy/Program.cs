// Shows what a policy of one's own would do, and writes nothing:
//   PLEX_TOKEN=… dotnet run --project samples/CustomPolicy -- http://nas:32400 Kid
using PlexSync;

if (args is not [var address, var user] || Environment.GetEnvironmentVariable("PLEX_TOKEN") is not { Length: > 0 } token)
{
    Console.Error.WriteLine("Usage: PLEX_TOKEN=<token> CustomPolicy <server address> <Home user>");
    return 2;
}

using var httpClient = new HttpClient(PlexClient.CreateHttpHandler());
var plex = new PlexClient(httpClient, new PlexClientOptions { ClientIdentifier = "custom-policy-sample" });
var owner = await plex.SignInAsync(token);
var server = await plex.ConnectAsync(new Uri(address), owner);
var target = await new HomeUserSwitcher(plex, owner).SwitchAsync(server, user);

var plan = await new WatchStateSynchronizer().PlanAsync(server, target, new SyncOptions { Policy = new WatchedOnlyPolicy() });
foreach (var change in plan.Changes)
{
    Console.WriteLine($"{change.Item.DisplayTitle}: {change.Reason}");
}

Console.WriteLine($"{plan.Changes.Count} items would become watched for {plan.Target.Title}.");
return 0;
