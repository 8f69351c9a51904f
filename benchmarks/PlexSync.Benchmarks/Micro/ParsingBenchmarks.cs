using System.Text.Json;
using BenchmarkDotNet.Attributes;
using PlexSync.Testing;

namespace PlexSync.Benchmarks.Micro;

/// <summary>The owner's 23,000 items of the yardstick from memory: what reading listings costs above reading JSON at all.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private PlexServer _owner = null!;
    private IReadOnlyList<Library> _libraries = [];
    private IReadOnlyList<byte[]> _pages = [];

    [GlobalSetup]
    public async Task RecordAsync()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        var answers = new RecordingHandler(PlexClient.CreateHttpHandler());
        (_owner, _) = await LibraryRun.ConnectAsync(plex, new HttpClient(answers));
        _libraries = await _owner.GetLibrariesAsync();
        await PagesAsync();
        _pages = [.. answers.BodiesOf("/all")];
        Console.WriteLine($"// {await ItemsAsync()} items, {_pages.Sum(page => page.Length)} bytes");
    }

    /// <summary>Every token of the same bytes, and nothing kept.</summary>
    [Benchmark(Baseline = true)]
    public int BareReader()
    {
        var tokens = 0;
        foreach (var page in _pages)
        {
            var reader = new Utf8JsonReader(page);
            while (reader.Read())
            {
                tokens++;
            }
        }

        return tokens;
    }

    /// <summary>Into rows, as a sync reads them.</summary>
    [Benchmark]
    public async Task<int> PagesAsync()
    {
        var count = 0;
        foreach (var library in _libraries)
        {
            await foreach (var page in _owner.GetPagesAsync(library, withIds: false))
            {
                using (page)
                {
                    count += page.Count;
                }
            }
        }

        return count;
    }

    /// <summary>Into an object for each item, as callers of the library get them.</summary>
    [Benchmark]
    public async Task<int> ItemsAsync()
    {
        var count = 0;
        foreach (var library in _libraries)
        {
            await foreach (var _ in _owner.GetItemsAsync(library))
            {
                count++;
            }
        }

        return count;
    }
}
