using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PlexSync.Fleet;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using Quartz;

namespace PlexSync.FleetScale;

/// <summary>
/// A node: the real one, but for plex.tv and the servers. It is told what to do line by line, and answers each line with one.
/// </summary>
internal static class NodeProgram
{
    /// <summary>What stands before each answer; other lines are the log.</summary>
    public const string Answer = "answer: ";

    public static async Task RunAsync(string name, string keys, ScaleOptions options)
    {
        using var plex = new FakePlex(options, TimeProvider.System);
        var watch = new RunWatch(TimeProvider.System);
        await using var host = FleetHost.Build(
            [
                "--urls=http://127.0.0.1:0", $"--Fleet:Node={name}", $"--Fleet:Database={options.Database}", $"--Fleet:KeyFolder={keys}",
                "--Fleet:Secret=a-secret-of-the-simulation", string.Create(CultureInfo.InvariantCulture, $"--Fleet:Every={options.Every}"),
                .. options.Settings,
            ],
            builder =>
            {
                builder.Services.AddHttpClient(nameof(PlexClient)).ConfigurePrimaryHttpMessageHandler(() => plex)
                    .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
                builder.Services.AddQuartz(quartz => quartz.AddJobListener(watch));
            });
        await host.StartAsync();
        Console.WriteLine($"{Answer}started");

        using var ended = new CancellationTokenSource();
        var (memory, heap) = (0L, 0L);
        var processor = TimeSpan.Zero;
        var sampling = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                using var process = Process.GetCurrentProcess();
                memory = Math.Max(memory, process.WorkingSet64);
                heap = Math.Max(heap, GC.GetGCMemoryInfo().HeapSizeBytes);
            }
        });
        while (await Console.In.ReadLineAsync() is { } line and not "stop")
        {
            using var process = Process.GetCurrentProcess();
            switch (line)
            {
                case "load":
                    var director = host.Services.GetRequiredService<IFleetDirector>();
                    var began = Stopwatch.GetTimestamp();
                    foreach (var server in Enumerable.Range(1, options.Servers))
                    {
                        var secrets = new ServerSecrets(FakePlex.OwnerToken(server), new Dictionary<string, string>());
                        await director.SaveAsync(ServerOf(server, options), secrets, default);
                    }

                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{Answer}{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
                    break;
                case "begin":
                    watch.Clear();
                    plex.Clear();
                    (memory, heap, processor) = (0, 0, process.TotalProcessorTime);
                    Console.WriteLine($"{Answer}begun");
                    break;
                case "report":
                    var report = watch.ToReport() with
                    {
                        Memory = memory,
                        Heap = heap,
                        ProcessorSeconds = (process.TotalProcessorTime - processor).TotalSeconds,
                        Requests = new(plex.Counts),
                        MostToAccountInASecond = plex.MostInASecond,
                    };
                    Console.WriteLine($"{Answer}{JsonSerializer.Serialize(report)}");
                    break;
                default:
                    throw new InvalidOperationException($"'{line}' is no command.");
            }
        }

        await ended.CancelAsync();
        await sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync();
    }

    private static FleetServer ServerOf(int server, ScaleOptions options)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"server-{server:0000}");
        return new FleetServer
        {
            Name = name,
            Jobs = [.. Enumerable.Range(1, options.Jobs).Select(user => new FleetJob(
                name, new SyncJob { Name = $"kid-{user}", To = [FakePlex.UserName(user)] }, IsPaused: false))],
        };
    }
}
