using System.Diagnostics;
using System.Globalization;
using PlexSync.Simulator;

namespace PlexSync.Benchmarks;

/// <summary>
/// What the journal costs on the yardstick's first run: with and without it by turns, each on a world of its own; and what its files weigh.
/// </summary>
internal static class JournalCost
{
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        var with = new List<double>();
        var without = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var folder = Directory.CreateTempSubdirectory("plexsync-benchmark-");
            without.Add(await MeasureAsync(null));
            with.Add(await MeasureAsync(new FileStore(folder.FullName)));
            var size = folder.EnumerateFiles("*.jsonl", SearchOption.AllDirectories).Sum(static file => file.Length);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"without {without[^1]:0.00} s, with {with[^1]:0.00} s, journal {size:N0} bytes"));
            folder.Delete(recursive: true);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio of the medians: {Median(with) / Median(without):0.000}"));
    }

    private static async Task<double> MeasureAsync(ISyncStore? journal)
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Yardstick());
        plex.Faults.Latency = TimeSpan.FromMilliseconds(2);
        var started = Stopwatch.GetTimestamp();
        await LibraryRun.RunAsync(plex, journal);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
