using PlexSync.Testing.Hosting;

namespace PlexSync.Testing;

/// <summary>plex.tv and the media servers of a <see cref="World"/>, listening on loopback, each at its own port.</summary>
public sealed class PlexSimulator : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly Delivering _delivering;
    private int _disposed;

    private PlexSimulator(World world, int plexTvPort, int serverPort)
    {
        World = world;
        var plexTv = new PlexTv.AccountHost(world, UrlOf);
        IEnumerable<Host> servers = world.Servers.Select(server => new MediaServer.ServerHost(server));
        IEnumerable<Host> others = world.Tautulli is { } tautulli ? [new Tautulli.TautulliHost(tautulli)] : [];
        _delivering = new Delivering(Faults, Requests, world);
        _listener = new Listener(
            [
                (plexTv, plexTvPort), .. servers.Select((host, at) => (host, serverPort == 0 ? 0 : serverPort + at)),
                .. others.Select(static host => (host, 0)),
            ],
            _delivering);
    }

    public World World { get; }
    public Faults Faults { get; } = new();
    public RequestLog Requests { get; } = new();

    /// <summary>Stands for https://plex.tv.</summary>
    public Uri AccountUrl => _listener.AddressOf(Host.PlexTv);

    /// <summary>The first server.</summary>
    public Uri ServerUrl => UrlOf(World.Server);

    /// <summary>Where Tautulli is, its base path included; there has to be one in the world.</summary>
    public Uri TautulliUrl => new(_listener.AddressOf(Tautulli.TautulliHost.Name), World.Tautulli!.BasePath);

    public Uri UrlOf(SimulatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return _listener.AddressOf(server.MachineIdentifier);
    }

    /// <summary>Starts listening. The world's servers are fixed from here on; all else in it may change.</summary>
    public static Task<PlexSimulator> StartAsync(World world, CancellationToken cancellationToken = default) =>
        StartAsync(world, 0, 0, cancellationToken);

    /// <summary>As above, at given ports; port 0 takes a free one, and further servers follow the first one's.</summary>
    public static async Task<PlexSimulator> StartAsync(
        World world, int plexTvPort, int serverPort, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(world);
        var plex = new PlexSimulator(world, plexTvPort, serverPort);
        await plex._listener.StartAsync(cancellationToken);
        return plex;
    }

    /// <summary>Completes when every effect that a <see cref="FaultRule.LateEffect"/> postponed has taken place.</summary>
    public Task SettleAsync() => _delivering.SettleAsync();

    /// <summary>Cuts every connection; does not wait for requests that hang.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _delivering.StopAsync();
        await _listener.DisposeAsync();
        _delivering.Dispose();
    }
}
