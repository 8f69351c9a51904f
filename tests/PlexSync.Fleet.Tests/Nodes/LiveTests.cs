using System.Diagnostics;
using System.Globalization;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests.Nodes;

/// <summary>Servers that are kept up live have one node each, and another one soon after that is gone.</summary>
public sealed class LiveTests(PostgresServer postgres, ITestOutputHelper output)
{
    /// <summary>The bound of a takeover.</summary>
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Live_servers_of_a_killed_node_are_taken_over()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        var database = store.Open();
        await using var world = await FleetWorld.StartAsync(servers: 4, users: 2, watched: 1);
        var keys = Directory.CreateTempSubdirectory("plexsync-keys-");
        var settings = world.Settings(isLive: true);
        using var one = await FleetProcess.StartAsync("one", store.ConnectionString, keys.FullName, settings);
        using var two = await FleetProcess.StartAsync("two", store.ConnectionString, keys.FullName, settings);
        await Eventually.IsTrueAsync(
            async () => (await HoldersAsync(database)).Count(static server => server.Value == "one") == 2
                && (await HoldersAsync(database)).Count == 4 && world.CountArrived() == world.Whole,
            Longest,
            () => $"{one}\n\n{two}");

        var left = (await HoldersAsync(database)).Where(static server => server.Value == "one")
            .Select(static server => int.Parse(server.Key["live:s".Length..], CultureInfo.InvariantCulture)).ToList();
        one.Kill();
        var died = Stopwatch.GetTimestamp();
        world.WatchMore(1, left);
        await Eventually.IsTrueAsync(async () => (await HoldersAsync(database)).Count(static server => server.Value == "two") == 4,
            Longest, () => $"{two}");
        var taken = Stopwatch.GetElapsedTime(died);
        await Eventually.IsTrueAsync(() => world.CountArrived() == world.Whole, Longest, () => $"{two}");
        output.WriteLine(
            $"live servers taken over after {taken.TotalSeconds:0.0} s, in step after {Stopwatch.GetElapsedTime(died).TotalSeconds:0.0} s");

        Assert.InRange(taken, TimeSpan.Zero, Takeover);
        Assert.Equal(world.Whole, world.Writes.Count);
        Assert.Equal(0, await two.StopAsync());
        Assert.Empty(await HoldersAsync(database));
        keys.Delete(recursive: true);
    }

    private static async Task<Dictionary<string, string>> HoldersAsync(Database database) => (await database.QueryAsync(
        "select name, holder from leases where name like 'live:%' and expires_at > clock_timestamp()",
        [],
        static row => (row.GetString(0), row.GetString(1)),
        TestContext.Current.CancellationToken)).ToDictionary();
}
