// The yardstick: 3,000 movies and 20,000 episodes, 2 ms per request, about 10,000 changes. Run it with
//   dotnet run -c Release --project benchmarks/PlexSync.Benchmarks [-- path/to/native/plexsync]
// Each contender starts on a world of its own and runs twice; ratios are to be quoted from one run. What is measured without a server is in
// Micro:
//   dotnet run -c Release --project benchmarks/PlexSync.Benchmarks -- micro [--filter *Journal*] [--job short]
// docs/performance.md is made by
//   dotnet run -c Release --project benchmarks/PlexSync.Benchmarks -- report path/to/native/plexsync [--before OLDER] [--bare READER]
using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using PlexSync.Benchmarks;
using PlexSync.Benchmarks.Report;
using PlexSync.Testing;

if (args is ["micro", .. var rest])
{
    // A busy machine takes longer than the two minutes that are the default.
    var config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
    BenchmarkRunner.Run(typeof(LibraryRun).Assembly, config, rest);
    return;
}

if (args is ["report", var measured, ..])
{
    string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
    await new PerformanceReport(measured, Option("--before"), Option("--bare")).MakeAsync();
    return;
}

var contenders = new List<(string Name, Func<PlexSimulator, Task> Run)>
{
    ("one request per item", ItemByItem.RunAsync),
    ("library", LibraryRun.RunAsync),
};
if (args is [var binary])
{
    contenders.Add(("native binary", plex => NativeRun.RunAsync(binary, plex)));
}

Console.WriteLine($"{"",-22}{"run",5}{"seconds",10}{"reads",9}{"writes",9}{"times faster",14}");
var baseline = new double[2];
foreach (var (name, run) in contenders)
{
    await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
    plex.Faults.Latency = TimeSpan.FromMilliseconds(2);
    for (var time = 0; time < 2; time++)
    {
        plex.Requests.Clear();
        var started = Stopwatch.GetTimestamp();
        await run(plex);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        baseline[time] = baseline[time] == 0 ? seconds : baseline[time];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-22}{time + 1,5}{seconds,10:0.00}{plex.Requests.Reads,9}{plex.Requests.Writes,9}{baseline[time] / seconds,14:0.0}"));
    }
}
