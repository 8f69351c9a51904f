using System.Diagnostics;
using System.Globalization;
using PlexSync.Simulator;

namespace PlexSync.Benchmarks;

/// <summary>How long the yardstick's plan takes to be written to a file and read back, and what it weighs.</summary>
internal static class PlanFileCost
{
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Yardstick());
        var plan = await LibraryRun.PlanAsync(plex);
        var path = Path.GetTempFileName();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await using (var output = File.Create(path))
            {
                await plan.WriteAsync(output);
            }

            var written = Stopwatch.GetElapsedTime(started).TotalSeconds;
            started = Stopwatch.GetTimestamp();
            await using var input = File.OpenRead(path);
            var read = await SyncPlan.ReadAsync(input);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"plan of {read.Changes.Count:N0} changes, {input.Length:N0} bytes: written in {written:0.00} s, read in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s"));
        }

        File.Delete(path);
    }
}
