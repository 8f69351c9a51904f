using PlexSync;
using PlexSync.Testing;

namespace MovieNights;

/// <summary>Code of one's own, on a simulated Plex.</summary>
public sealed class MovieNightTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(PlexClient.CreateHttpHandler());
    private PlexSimulator _plex = null!;
    private SimulatedItem _arrival = null!;
    private SimulatedUser _kid = null!;

    public async ValueTask InitializeAsync() => _plex = await PlexSimulator.StartAsync(
        world =>
        {
            _kid = world.AddManagedUser("Kid");
            var movies = world.Server.AddMovieLibrary("Movies");
            _arrival = movies.AddMovie("Arrival", 2016).WatchedBy(world.Owner);
            movies.AddMovie("Dune", 2021).InProgressBy(world.Owner, TimeSpan.FromMinutes(30));
        },
        cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_guest_has_watched_it_too()
    {
        var shared = await ShareAsync("Kid");

        Assert.Equal(["Arrival"], shared);
        Assert.True(_arrival.StateOf(_kid).IsWatched);
    }

    [Fact]
    public async Task A_second_time_writes_nothing()
    {
        await ShareAsync("Kid");
        _plex.Requests.Clear();

        Assert.Empty(await ShareAsync("Kid"));
        Assert.Equal(0, _plex.Requests.Writes);
    }

    [Fact]
    public async Task A_server_that_starts_in_the_middle_is_asked_again()
    {
        _plex.Faults.On("/library/sections").Status(503).Times(1);

        Assert.Equal(["Arrival"], await ShareAsync("Kid"));
    }

    [Fact]
    public async Task A_guest_whom_nobody_knows_is_an_error()
    {
        var error = await Assert.ThrowsAsync<PlexException>(() => ShareAsync("Kidd"));

        Assert.Equal((PlexErrorKind.UserNotFound, PlexErrorCategory.Usage), (error.Kind, error.Category));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _plex.DisposeAsync();
    }

    private Task<IReadOnlyList<string>> ShareAsync(string guest)
    {
        var client = new PlexClient(_http, new PlexClientOptions
        {
            ClientIdentifier = "movie-night",
            AccountUrl = _plex.AccountUrl,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        });
        var night = new MovieNight(client, new WatchStateSynchronizer(new MemoryStore()));
        return night.ShareAsync(_plex.ServerUrl, _plex.World.Owner.AccountToken, guest, TestContext.Current.CancellationToken);
    }
}
