using System.Diagnostics;
using PlexSync.Fleet.Storage;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Nodes;

/// <summary>
/// Two nodes, of which one is killed and one halted in the middle of writing, a database that restarts, and a server that is away: in the
/// end everybody has everything, each view was written once, and no server had more than one run at a time.
/// </summary>
public sealed class TroubleTests(PostgresServer postgres, ITestOutputHelper output)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(Thoroughness.IsAll ? 15 : 5);

    [Fact]
    public async Task Nothing_is_lost_and_nothing_written_twice()
    {
        var (servers, users, watched) = Thoroughness.IsAll ? (20, 10, 12) : (4, 5, 16);
        await using var store = await TestDatabase.CreateAsync(postgres);
        var database = store.Open();
        await using var world = await FleetWorld.StartAsync(servers, users, watched);
        var keys = Directory.CreateTempSubdirectory("plexsync-keys-");
        var away = world.World.Servers[^1].MachineIdentifier;
        world.Plex.Faults.On(request => request.Role == away).ResetBefore();
        var settings = world.Settings();
        using var one = await FleetProcess.StartAsync("one", store.ConnectionString, keys.FullName, settings);
        using var two = await FleetProcess.StartAsync("two", store.ConnectionString, keys.FullName, settings);

        // Killed in the middle of writing; the other node takes its runs over.
        await CatchAsync(world, "one", one);
        one.Kill();
        var killed = await FindUnfinishedAsync(database, "one");
        var died = Stopwatch.GetTimestamp();
        Assert.NotEmpty(killed);
        await Eventually.IsTrueAsync(
            () => killed.All(run => HasWritten(world, run, "two", died) || world.IsComplete(run.Server, run.User)),
            Longest,
            () => $"{two}");
        output.WriteLine($"runs of a killed node taken over after {TakeoverTime(world, killed, "two", died).TotalSeconds:0.0} s");
        await one.StartAsync();

        // Halted in the middle of writing, for longer than its leases last; then it goes on as if nothing had been.
        await Eventually.IsTrueAsync(() => world.CountArrived() == world.Whole - (users * watched), Longest, () => $"{one}\n\n{two}");
        Assert.Empty(FindOverlaps(world.Writes, killed));
        var first = world.Writes.Count;
        world.WatchMore(watched);
        await CatchAsync(world, "two", two);
        await two.HaltAsync();
        var halted = await FindUnfinishedAsync(database, "two");
        var stopped = Stopwatch.GetTimestamp();
        Assert.NotEmpty(halted);
        await Eventually.IsTrueAsync(
            () => halted.Any(run => HasWritten(world, run, "one", stopped) || world.IsComplete(run.Server, run.User)),
            Longest,
            () => $"{one}");
        var resumed = Stopwatch.GetTimestamp();
        await two.ContinueAsync();
        output.WriteLine($"runs of a halted node taken over after {TakeoverTime(world, halted, "one", stopped).TotalSeconds:0.0} s");

        await postgres.RestartAsync();
        world.Plex.Faults.Clear();
        world.Observe();
        var rest = await Eventually.IsTrueAsync(
            async () => world.CountArrived() == world.Whole && await CountOpenAsync(database) == 0, Longest, () => $"{one}\n\n{two}");
        output.WriteLine($"everything arrived {rest.TotalSeconds:0.0} s after the restart of the database and the return of the server");

        var residue = FindResidue(world, halted, stopped, resumed);
        output.WriteLine($"{residue.Count} requests of the halted node arrived under leases that had ended");
        foreach (var server in world.World.Servers)
        {
            foreach (var item in server.Library("Movies").Items.Where(item => item.StateOf(world.World.Owner).IsWatched))
            {
                foreach (var user in world.Users)
                {
                    var written = (server.MachineIdentifier, user.Id, item.RatingKey);
                    var late = residue.Count(write => (write.Server, write.User, write.Item) == written);
                    Assert.InRange(item.StateOf(user).ViewCount, 1, 1 + late);
                }
            }
        }

        Assert.Empty(FindOverlaps(world.Writes.Skip(first), halted));
        Assert.Equal(0, await one.StopAsync());
        Assert.Equal(0, await two.StopAsync());
        keys.Delete(recursive: true);
    }

    /// <summary>Waits until a node is writing.</summary>
    private static Task CatchAsync(FleetWorld world, string node, FleetProcess process)
    {
        var before = world.Writes.Count;
        return Eventually.IsTrueAsync(
            () => world.Writes.Skip(before).Count(write => write.Node == node) >= 6, Longest, () => $"It does not write:\n{process}");
    }

    /// <summary>The runs that a node has begun and not ended.</summary>
    private static async Task<IReadOnlyList<(string Server, long User)>> FindUnfinishedAsync(Database database, string node) =>
        await database.QueryAsync(
            """
            select server, target from runs where not finished
            and exists (select from leases where name = 'target:' || server || '/' || target and holder = $1)
            """,
            [node],
            static row => (row.GetString(0), row.GetInt64(1)),
            TestContext.Current.CancellationToken);

    private static async Task<long> CountOpenAsync(Database database) => (await database.QueryAsync(
        """
        select (select count(*) from runs where not finished)
            + (select count(*) from jobs left join job_states state on state.server = jobs.server and state.job = jobs.name
                where state.succeeded_at is null or state.error is not null)
        """,
        [],
        static row => row.GetInt64(0),
        TestContext.Current.CancellationToken))[0];

    private static bool HasWritten(FleetWorld world, (string Server, long User) run, string node, long since) =>
        world.Writes.Any(write => write.At > since && write.Node == node && (write.Server, write.User) == run);

    private static TimeSpan TakeoverTime(FleetWorld world, IReadOnlyList<(string Server, long User)> runs, string node, long since) =>
        world.Writes.Where(write => write.At > since && write.Node == node && runs.Contains((write.Server, write.User)))
            .Select(write => Stopwatch.GetElapsedTime(since, write.At)).DefaultIfEmpty().Min();

    /// <summary>
    /// What the halted node sent after it went on, of runs that were not its own any more: requests that had passed the check of the lease
    /// before they were written to their socket.
    /// </summary>
    private static IReadOnlyList<ArrivedWrite> FindResidue(
        FleetWorld world, IReadOnlyList<(string Server, long User)> halted, long stopped, long resumed) =>
        [.. world.Writes.Where(write => write.Node == "two" && write.At > resumed
            && halted.Contains((write.Server, write.User))
            && world.Writes.Any(other => other.At > stopped && other.At < write.At && other.Node == "one"
                && (other.Server, other.User, other.Item) == (write.Server, write.User, write.Item)))];

    /// <summary>
    /// Servers where a run went on after another one had begun to write: with one run at a time that happens only to runs that were cut
    /// off.
    /// </summary>
    private static IEnumerable<string> FindOverlaps(
        IEnumerable<ArrivedWrite> writes, IReadOnlyList<(string Server, long User)> cutOff)
    {
        foreach (var server in writes.GroupBy(static write => write.Server))
        {
            var seen = new HashSet<long>();
            var last = 0L;
            foreach (var write in server)
            {
                if (write.User != last && !seen.Add(write.User) && !cutOff.Contains((write.Server, write.User)))
                {
                    yield return $"{server.Key}: {write.User} again after {last}";
                }

                last = write.User;
            }
        }
    }
}
