using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>A simulated household and the library connected to it, with waits short enough for tests.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly HttpClient _http = new(PlexClient.CreateHttpHandler());

    private Session(PlexSimulator plex, TimeSpan timeout, TimeProvider? time)
    {
        Plex = plex;
        Client = new PlexClient(
            _http,
            new PlexClientOptions
            {
                ClientIdentifier = "end-to-end",
                AccountUrl = plex.AccountUrl,
                RetryDelay = TimeSpan.FromMilliseconds(1),
                Timeout = timeout,
            },
            timeProvider: time);
    }

    public PlexSimulator Plex { get; }

    public World World => Plex.World;

    public SimulatedServer Simulated => World.Server;

    public SimulatedUser Kid => World.User("Kid");

    public PlexClient Client { get; }

    public WatchStateSynchronizer Synchronizer { get; } = new();

    public static async Task<Session> StartAsync(World world, TimeSpan? timeout = null, TimeProvider? time = null) =>
        new(
            await PlexSimulator.StartAsync(world),
            timeout ?? TimeSpan.FromSeconds(20),
            time ?? (world.Clock is LeapingTime clock ? clock : null));

    public async Task<PlexServer> ConnectAsync() =>
        await Client.ConnectAsync(Plex.ServerUrl, await Client.SignInAsync(World.Owner.AccountToken));

    public async Task<PlexServer> SwitchAsync(PlexServer server, string user, string? pin = null) =>
        await new HomeUserSwitcher(Client, await Client.SignInAsync(World.Owner.AccountToken)).SwitchAsync(server, user, pin);

    /// <summary>The main job: the owner's state to Kid.</summary>
    public async Task<SyncReport> SyncAsync()
    {
        var owner = await ConnectAsync();
        var kid = await SwitchAsync(owner, "Kid");
        return await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Plex.DisposeAsync();
    }
}
