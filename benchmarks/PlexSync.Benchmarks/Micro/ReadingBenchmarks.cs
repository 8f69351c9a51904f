using BenchmarkDotNet.Attributes;
using PlexSync.Testing;

namespace PlexSync.Benchmarks.Micro;

/// <summary>The yardstick's answers from memory: what parsing, matching and deciding cost without a server.</summary>
[MemoryDiagnoser]
public class ReadingBenchmarks
{
    private PlexServer _owner = null!;
    private PlexServer _kid = null!;
    private Library _movies = null!;

    [GlobalSetup]
    public async Task RecordAsync()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        var http = new HttpClient(new RecordingHandler(PlexClient.CreateHttpHandler()));
        (_owner, _kid) = await LibraryRun.ConnectAsync(plex, http);
        _movies = (await _owner.GetLibrariesAsync())[0];
        await ListMoviesAsync();
        await PlanByKeyAsync();
        await PlanByIdsAsync();
    }

    /// <summary>3,000 movies, page by page.</summary>
    [Benchmark]
    public async Task<int> ListMoviesAsync()
    {
        var count = 0;
        await foreach (var _ in _owner.GetItemsAsync(_movies))
        {
            count++;
        }

        return count;
    }

    /// <summary>Reads 23,000 items twice and compares them by rating key.</summary>
    [Benchmark]
    public Task<SyncPlan> PlanByKeyAsync() => PlanAsync(MatchMode.Key);

    /// <summary>The same by external identifiers: the difference is what matching costs.</summary>
    [Benchmark]
    public Task<SyncPlan> PlanByIdsAsync() => PlanAsync(MatchMode.Ids);

    private Task<SyncPlan> PlanAsync(MatchMode mode) =>
        new WatchStateSynchronizer().PlanAsync(_owner, _kid, new SyncOptions { Match = mode });
}
