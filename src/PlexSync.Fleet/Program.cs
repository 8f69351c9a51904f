using PlexSync.Fleet;
using PlexSync.Fleet.Health;

if (args is ["health"])
{
    return await OwnHealth.AskAsync().ConfigureAwait(false);
}

await FleetHost.Build(args).RunAsync().ConfigureAwait(false);
return 0;
