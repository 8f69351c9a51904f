using System.Diagnostics;
using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Native;

/// <summary>
/// The real process, really killed in the middle of its writes, up to two times in a row: the next run leaves everything right. The points
/// within a write are killed in process (<see cref="Safety.KillPointTests"/>).
/// </summary>
[Collection(NativeTogether.Name)]
public sealed class KillTests(NativeBinary native)
{
    /// <summary>At most five kills.</summary>
    private const int DefaultRounds = 2;

    private const int MostKillsInARow = 2;
    private const int Changes = 2000;

    /// <summary><c>PLEXSYNC_KILL_ROUNDS</c> sets another number.</summary>
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("PLEXSYNC_KILL_ROUNDS"), out var rounds) ? rounds : DefaultRounds;

    [Fact]
    public async Task Run_that_is_killed_again_and_again_is_completed_by_the_next()
    {
        native.Require();
        var kills = 0;
        for (var round = 0; round < Rounds; round++)
        {
            // One that keeps users in step is killed like one that ends by itself.
            kills += await PlayAsync(new Random(round), round % 2 == 0 ? "sync" : "watch");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills in {Rounds} rounds");
        Assert.True(kills >= Rounds);
    }

    private async Task<int> PlayAsync(Random random, string command)
    {
        await using var plex = await PlexSimulator.StartAsync(World(random));
        plex.World.Server.Switches.ScrobbleKeepsPosition = random.Next(2) == 0;
        using var home = new NativeHome(plex);
        var kills = 0;
        for (var time = random.Next(1, MostKillsInARow + 1); time > 0; time--)
        {
            kills += await KillAsync(plex, home, command, plex.Requests.Writes + random.Next(1, Changes / 2)) ? 1 : 0;
        }

        var (exitCode, _, error) = await native.RunAsync(home, "sync", "--to", "Kid", "--timeout", "1");
        Assert.True(exitCode == 0, error);

        var server = plex.World.Server;
        foreach (var (key, state) in server.StatesOf(plex.World.Owner))
        {
            var now = server.State(plex.World.User("Kid"), key);
            Assert.Equal((state.IsWatched ? 1 : 0, state.ViewOffset), (now.ViewCount, now.ViewOffset));
        }

        var (_, runs, _) = await native.RunAsync(home, "runs", "--json");
        using var document = JsonDocument.Parse(runs);
        Assert.All(document.RootElement.GetProperty("runs").EnumerateArray(), run => Assert.True(run.GetProperty("finished").GetBoolean()));
        return kills;
    }

    /// <summary>Kills the process when the server has received so many writes; false if it ended before.</summary>
    private async Task<bool> KillAsync(PlexSimulator plex, NativeHome home, string command, long writes)
    {
        using var process = new Process { StartInfo = native.Command(home, command, "--to", "Kid", "--timeout", "1") };
        var isKilled = 0;
        plex.Faults.On(request =>
        {
            if (request.IsWrite && plex.Requests.Writes >= writes && Interlocked.Exchange(ref isKilled, 1) == 0)
            {
                process.Kill();
            }

            return false;
        }).Status(500);
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(patience.Token);
        await Task.WhenAll(output, error);
        plex.Faults.Clear();
        // As if the next run came a minute later: the server is done with what it was sent, and nobody needs to wait for it.
        plex.World.DateOffset += TimeSpan.FromMinutes(1);
        return isKilled == 1;
    }

    /// <summary>Fresh marks, marks over a position, positions, and items watched again.</summary>
    private static World World(Random random)
    {
        var world = Worlds.Yardstick();
        var (owner, kid, server) = (world.Owner, world.User("Kid"), world.Server);
        var items = server.Libraries.SelectMany(library => library.Items).ToList();
        foreach (var (item, at) in items.Select((item, at) => (item, at)))
        {
            var isChosen = at % (items.Count / Changes) == 0;
            item.HiddenFrom.Clear();
            server.SetState(owner, item.RatingKey, !isChosen ? ItemState.None : random.Next(4) switch
            {
                0 => new ItemState(0, 600_000, 1_700_000_000 + at),
                1 => new ItemState(2, 600_000, 1_790_000_000),
                _ => new ItemState(1, 0, 1_700_000_000 + at),
            });
            server.SetState(
                kid, item.RatingKey, isChosen && random.Next(4) == 0 ? new ItemState(0, 300_000, 1_600_000_000) : ItemState.None);
        }

        return world;
    }
}
