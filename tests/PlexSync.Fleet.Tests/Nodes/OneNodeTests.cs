namespace PlexSync.Fleet.Tests.Nodes;

public sealed class OneNodeTests(PostgresServer postgres)
{
    [Fact]
    public async Task Jobs_of_the_configuration_are_run()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 2, users: 2, watched: 3);
        var keys = Directory.CreateTempSubdirectory("plexsync-keys-");
        using var node = await FleetProcess.StartAsync("one", database.ConnectionString, keys.FullName, world.Settings());

        await Eventually.IsTrueAsync(() => world.CountArrived() == world.Whole, TimeSpan.FromMinutes(2), () => $"{node}");

        Assert.Equal(world.Whole, world.Writes.Count);
        Assert.Equal(0, await node.StopAsync());
        keys.Delete(recursive: true);
    }
}
