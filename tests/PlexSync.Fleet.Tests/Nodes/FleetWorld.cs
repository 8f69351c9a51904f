using System.Collections.Concurrent;
using System.Diagnostics;
using PlexSync.Testing;

namespace PlexSync.Fleet.Tests.Nodes;

/// <summary>A write as it arrived at a server.</summary>
/// <param name="At">When, by <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Node">The node that sent it.</param>
/// <param name="Server">The machine identifier of the server.</param>
/// <param name="User">Whose token it had.</param>
/// <param name="Item">The rating key.</param>
internal sealed record ArrivedWrite(long At, string Node, string Server, long User, string Item);

/// <summary>
/// Many servers of one owner, whose movies half are watched: a job of each server for each of several managed users, who have watched
/// nothing.
/// </summary>
internal sealed class FleetWorld : IAsyncDisposable
{
    private readonly ConcurrentQueue<ArrivedWrite> _writes = new();

    private FleetWorld(PlexSimulator plex, IReadOnlyList<SimulatedUser> users) => (Plex, Users) = (plex, users);

    public PlexSimulator Plex { get; }

    public World World => Plex.World;

    /// <summary>The targets.</summary>
    public IReadOnlyList<SimulatedUser> Users { get; }

    /// <summary>Every write that arrived, in order.</summary>
    public IReadOnlyList<ArrivedWrite> Writes => [.. _writes];

    /// <summary>How many writes it takes until everybody has everything.</summary>
    public int Whole => World.Servers.Sum(server => server.Library("Movies").Items.Count(item => item.StateOf(World.Owner).IsWatched))
        * Users.Count;

    public static async Task<FleetWorld> StartAsync(int servers, int users, int watched)
    {
        var world = new World();
        var home = Enumerable.Range(1, users).Select(number => world.AddManagedUser($"Kid {number}")).ToList();
        while (world.Servers.Count < servers)
        {
            world.AddServer($"Server {world.Servers.Count + 1}", world.Owner.Id);
        }

        foreach (var server in world.Servers)
        {
            var library = server.AddMovieLibrary("Movies");
            for (var number = 1; number <= 3 * watched; number++)
            {
                library.AddMovie($"Movie {number}", 2000);
            }

            home.ForEach(server.ShareWith);
        }

        var fleet = new FleetWorld(await PlexSimulator.StartAsync(world), home);
        fleet.WatchMore(watched);
        fleet.Observe();
        return fleet;
    }

    /// <summary>The owner watches some more movies of each server, or of some (by their places).</summary>
    public void WatchMore(int movies, IEnumerable<int>? servers = null)
    {
        foreach (var server in servers?.Select(at => World.Servers[at]) ?? World.Servers)
        {
            foreach (var movie in server.Library("Movies").Items.Where(item => !item.StateOf(World.Owner).IsWatched).Take(movies).ToList())
            {
                movie.WatchedBy(World.Owner);
            }
        }
    }

    /// <summary>Notes every write, and makes each take a while; again, after faults were cleared.</summary>
    public void Observe()
    {
        Plex.Faults.On(request =>
        {
            if (request.IsWrite)
            {
                _writes.Enqueue(new ArrivedWrite(
                    Stopwatch.GetTimestamp(), request.ClientIdentifier!, request.Role, request.UserId ?? 0, request["key"] ?? ""));
            }

            return false;
        });
        Plex.Faults.On(static request => request.IsWrite).Latency(TimeSpan.FromMilliseconds(300));
    }

    /// <summary>The settings that make a node look after all of it.</summary>
    /// <param name="isLive">The jobs are kept up live.</param>
    public string[] Settings(bool isLive = false)
    {
        var settings = new List<string>
        {
            $"--Fleet:Client:AccountUrl={Plex.AccountUrl}",
            "--Fleet:Client:Timeout=00:00:05",
            "--Fleet:AccountRequestsPerSecond=1000",
            "--Fleet:Every=00:01:00",
        };
        foreach (var (server, at) in World.Servers.Select(static (server, at) => (server, at)))
        {
            settings.Add($"--Fleet:Servers:s{at}:Token={World.Owner.AccountToken}");
            settings.Add($"--Fleet:Servers:s{at}:Server={Plex.UrlOf(server)}");
            settings.Add($"--Fleet:Servers:s{at}:Live={isLive}");
            settings.AddRange(Users.Select((user, job) => $"--Fleet:Servers:s{at}:Jobs:j{job}:To:0={user.Title}"));
        }

        return [.. settings];
    }

    /// <summary>How many of the movies that the owner has watched nobody has to get any more.</summary>
    public int CountArrived() => World.Servers.Sum(server => server.Library("Movies").Items
        .Where(item => item.StateOf(World.Owner).IsWatched)
        .Sum(item => Users.Count(user => item.StateOf(user).IsWatched)));

    /// <summary>Whether a user has all that the owner has watched on a server.</summary>
    public bool IsComplete(string server, long user)
    {
        var (of, target) = (World.Servers.Single(one => one.MachineIdentifier == server), World.User(user));
        return of.Library("Movies").Items.All(item => !item.StateOf(World.Owner).IsWatched || item.StateOf(target).IsWatched);
    }

    public ValueTask DisposeAsync() => Plex.DisposeAsync();
}
