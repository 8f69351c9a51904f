using Npgsql;
using PlexSync.Fleet.Tests.Nodes;

namespace PlexSync.Fleet.Tests.Deploy;

public sealed class RestoredFleetTests(PostgresServer postgres)
{
    [Fact]
    public async Task Node_on_a_restored_database_does_the_rest_of_a_run_that_was_under_way()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 1, watched: 40);
        var folder = Directory.CreateTempSubdirectory("plexsync-test-");
        var (keys, dump) = (folder.CreateSubdirectory("keys").FullName, Path.Combine(folder.FullName, "fleet.dump"));
        using (var node = await FleetProcess.StartAsync("one", database.ConnectionString, keys, world.Settings()))
        {
            await LetRunAsync(database.ConnectionString);
            await Eventually.IsTrueAsync(() => world.Writes.Count >= 4, TimeSpan.FromMinutes(2), () => $"{node}");
            node.Kill();
        }

        await RunAsync(database.ConnectionString, "backup", dump);
        var restored = await postgres.CreateDatabaseAsync();
        await RunAsync(restored, "restore", dump);
        Assert.True(world.CountArrived() < world.Whole);

        using var another = await FleetProcess.StartAsync("two", restored, keys, world.Settings());
        await LetRunAsync(restored);
        await Eventually.IsTrueAsync(() => world.CountArrived() == world.Whole, TimeSpan.FromMinutes(3), () => $"{another}");

        Assert.All(
            world.World.Servers.Single().Library("Movies").Items.Select(item => item.StateOf(world.Users.Single()).ViewCount),
            static views => Assert.InRange(views, 0, 1));
        Assert.Equal(0, await another.StopAsync());
        folder.Delete(recursive: true);
    }

    /// <summary>Its time has come, instead of some time within the next minute.</summary>
    private static async Task LetRunAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(
            "update plexsync.qrtz_triggers set next_fire_time = $1 where trigger_state = 'WAITING'");
        command.Parameters.AddWithValue(TimeProvider.System.GetUtcNow().UtcTicks);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    private async Task RunAsync(string connectionString, params string[] arguments)
    {
        var (exitCode, _, error) = await DatabaseScript.RunAsync(postgres, connectionString, arguments);
        Assert.True(exitCode == 0, error);
    }
}
