using PlexSync.Fleet;

await FleetHost.Build(args).RunAsync().ConfigureAwait(false);
