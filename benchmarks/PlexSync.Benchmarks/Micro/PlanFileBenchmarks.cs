using BenchmarkDotNet.Attributes;
using PlexSync.Testing;

namespace PlexSync.Benchmarks.Micro;

/// <summary>Writing and reading the yardstick's plan, about 10,000 changes, without the disk.</summary>
[MemoryDiagnoser]
public class PlanFileBenchmarks
{
    private SyncPlan _plan = null!;
    private byte[] _file = [];

    [GlobalSetup]
    public async Task PlanAsync()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        _plan = await LibraryRun.PlanAsync(plex);
        using var file = new MemoryStream();
        await _plan.WriteAsync(file);
        _file = file.ToArray();
        Console.WriteLine($"// {_plan.Changes.Count} changes, {_file.Length} bytes");
    }

    [Benchmark]
    public Task WriteAsync() => _plan.WriteAsync(Stream.Null);

    [Benchmark]
    public Task<SyncPlan> ReadAsync() => SyncPlan.ReadAsync(new MemoryStream(_file, writable: false));
}
