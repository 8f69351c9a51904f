using PlexSync.Testing.Hosting;

namespace PlexSync.Testing;

/// <summary>
/// plex.tv and the media servers of a <see cref="World"/>, over HTTP on loopback, each at a port of its own. For tests of any client of
/// Plex: nothing of it needs PlexSync.Core. As many as you like may run at once.
/// </summary>
/// <example>
/// <code>
/// await using var plex = await PlexSimulator.StartAsync(world =>
/// {
///     world.AddManagedUser("Kid");
///     world.Server.AddMovieLibrary("Movies").AddMovie("Arrival", 2016).WatchedBy(world.Owner);
/// });
/// // Give the code under test plex.AccountUrl for https://plex.tv, plex.ServerUrl and plex.World.Owner.AccountToken.
/// </code>
/// </example>
public sealed class PlexSimulator : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly Delivering _delivering;
    private readonly SimulatedTautulli? _tautulli;
    private int _disposed;

    private PlexSimulator(World world, int accountPort, int serverPort)
    {
        World = world;
        var plexTv = new PlexTv.AccountHost(world, UrlOf);
        IEnumerable<Host> servers = world.Servers.Select(server => new MediaServer.ServerHost(server));
        _tautulli = world.Tautulli;
        IEnumerable<Host> others = _tautulli is null ? [] : [new Tautulli.TautulliHost(_tautulli)];
        _delivering = new Delivering(Faults, Requests, world);
        _listener = new Listener(
            [
                (plexTv, accountPort), .. servers.Select((host, at) => (host, serverPort == 0 ? 0 : serverPort + at)),
                .. others.Select(static host => (host, 0)),
            ],
            _delivering);
    }

    /// <summary>The accounts, libraries and states, to look at and to change while the simulator runs.</summary>
    public World World { get; }

    /// <summary>What goes wrong, and when; nothing at first.</summary>
    public Faults Faults { get; } = new();

    /// <summary>Every request that came.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>Stands for <c>https://plex.tv</c>, <c>https://clients.plex.tv</c> and the like.</summary>
    public Uri AccountUrl => _listener.AddressOf(Host.PlexTv);

    /// <summary>Where the first server of the world is; most have one.</summary>
    public Uri ServerUrl => UrlOf(World.Server);

    /// <summary>Where Tautulli is, its base path included.</summary>
    /// <exception cref="InvalidOperationException">The world had no Tautulli at the start.</exception>
    public Uri TautulliUrl => _tautulli is { } tautulli ? new(_listener.AddressOf(Tautulli.TautulliHost.Name), tautulli.BasePath)
        : throw new InvalidOperationException("The world had no Tautulli when the simulator started: set World.Tautulli before.");

    /// <summary>Where a server of the world is.</summary>
    /// <exception cref="KeyNotFoundException">The server was added after the start.</exception>
    public Uri UrlOf(SimulatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return _listener.AddressOf(server.MachineIdentifier);
    }

    /// <summary>Starts listening.</summary>
    /// <param name="furnish">Adds users, libraries, items and states to a world that has an owner and a server without libraries.</param>
    /// <param name="clock">What dates the views, and what tokens and link codes expire by; the system's without one.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<PlexSimulator> StartAsync(
        Action<World> furnish, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(furnish);
        var world = new World(clock);
        furnish(world);
        return StartAsync(world, cancellationToken);
    }

    /// <summary>Starts listening. The world's servers are fixed from here on; all else in it may change.</summary>
    /// <param name="world">One of <see cref="Worlds"/>, or one of your own.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<PlexSimulator> StartAsync(World world, CancellationToken cancellationToken = default) =>
        StartAsync(world, 0, 0, cancellationToken);

    /// <summary>Starts listening at given ports, for clients that are configured by hand.</summary>
    /// <param name="world">One of <see cref="Worlds"/>, or one of your own.</param>
    /// <param name="accountPort">The port of <see cref="AccountUrl"/>; 0 takes a free one.</param>
    /// <param name="serverPort">The port of <see cref="ServerUrl"/>; 0 takes a free one, and further servers follow it.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<PlexSimulator> StartAsync(
        World world, int accountPort, int serverPort, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(world);
        var plex = new PlexSimulator(world, accountPort, serverPort);
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
