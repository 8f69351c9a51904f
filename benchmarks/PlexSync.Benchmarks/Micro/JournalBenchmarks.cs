using BenchmarkDotNet.Attributes;
using PlexSync.Testing;

namespace PlexSync.Benchmarks.Micro;

/// <summary>What the journal adds to each change of a run, its beginning and end included; on the disk, as it has to be.</summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private const int Changes = 5_000;

    private SyncPlan _plan = null!;
    private DirectoryInfo _folder = null!;

    [GlobalSetup]
    public async Task PlanAsync()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        var plan = await LibraryRun.PlanAsync(plex);
        _plan = plan with { Changes = [.. plan.Changes.Take(Changes)] };
    }

    [IterationSetup]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("plexsync-benchmark-");

    [IterationCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Benchmark(OperationsPerInvoke = Changes)]
    public async Task AnnounceAndRecordAsync()
    {
        await using var run = (await new FileStore(_folder.FullName).BeginAsync([_plan]))[0];
        var results = new List<ChangeResult>(Changes);
        foreach (var change in _plan.Changes)
        {
            await run.AnnounceAsync(change, serverTime: null);
            var result = new ChangeResult { Change = change, Outcome = ChangeOutcome.Applied };
            await run.RecordAsync(result);
            results.Add(result);
        }

        await run.CompleteAsync(new SyncReport { Plan = _plan, Results = results });
    }
}
