using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace PlexSync.Benchmarks.Report;

/// <summary>Makes docs/performance.md: every figure of one run, on one machine.</summary>
/// <param name="now">The native command line.</param>
/// <param name="before">An older one to compare it with.</param>
/// <param name="bareReader">benchmarks/PlexSync.BareReader, published natively; null publishes it first.</param>
internal sealed class PerformanceReport(string now, string? before, string? bareReader)
{
    private const string Sync = "sync --to Kid --quiet";
    private const string Plan = "plan --to Kid -o PLAN";
    private const int ReadsInFlight = 4;

    /// <summary>The rest of the page, which has no figures.</summary>
    private const string About = """
        ## What was measured

        - The server is the simulator of this repository, in a process of its own on the same machine. It answers with pages of
          the size that real servers send. 23,000 items are 3,000 movies and 20,000 episodes; 62 of 100 have a state, 5 of 100
          are watched by the other user already, and 20 of 100 are hidden from them. Other sizes have the same shares.
        - “Item by item” is what a small script does, one request after the other: it lists the source, asks the target for
          every item that has a state, and writes what differs. It ran once on 23,000 items, where its time is the sum of more
          than ten thousand waits.
        - The simulator keeps the library pages that it has made until something on them changes, so that its own work is not
          measured in place of the client’s; the item-by-item client asks for few pages. A real server takes longer for a page
          of 1,000 items than for one item: “makes each page anew” shows what that comes to with the simulator.
        - PlexSync is the native program, from its start to its end: signing in, proving whose account it writes to, reading,
          writing, reading back what it wrote, and keeping its journal on the disk.
        - Figures are medians of five runs, with these exceptions. Medians of fifteen, taken in turns: processor time. Medians of
          three: first syncs of 23,000 items, the item-by-item client on 2,300, memory for 110,000 and 220,000, the library of
          140,000 episodes, and writing to a server that does any number of writes at once. Measured once: memory for more, the
          older program on 140,000 episodes, and writing to a server that does one write after the other.
        - Processor time is user and system time of the whole process. It is compared with a native program that does nothing
          but read the same JSON from memory with `Utf8JsonReader`, once warmed up.
        - Memory is the highest resident size the kernel saw (`VmHWM`).

        ## Repeat it

        On Linux, with the .NET 10 SDK, in less than a quarter of an hour, while nothing else runs:

        ```bash
        dotnet publish src/PlexSync.Cli -c Release -f net10.0 -r linux-x64 -o artifacts/native
        dotnet run -c Release --project benchmarks/PlexSync.Benchmarks -- report artifacts/native/plexsync
        ```

        With `dotnet run … --before OLDER`, an older program adds a column.
        """;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly StringBuilder _ratios = new();
    private readonly StringBuilder _times = new();
    private readonly StringBuilder _memory = new();

    /// <summary>Measures for about twelve minutes, and says meanwhile what it does.</summary>
    public async Task MakeAsync()
    {
        var root = Root();
        await HouseholdAsync("23,000 items", "--world yardstick", scripts: 1, firsts: 3, "≥ 15 ×", "≥ 75 ×");
        await HouseholdAsync("2,300 items", "--world sized --items 2300", scripts: 3, firsts: 5, "≥ 12 ×", "≥ 50 ×");
        await ProcessorAsync(root);
        await MemoryAsync();
        await OneLibraryAsync();
        await QuickAsync();
        await WritingAsync();
        await File.WriteAllTextAsync(Path.Combine(root, "docs", "performance.md"), await PageAsync() + "\n");
        Say("docs/performance.md is written");
    }

    /// <summary>The first sync and the next one, against a client that asks item by item.</summary>
    private async Task HouseholdAsync(string what, string world, int scripts, int firsts, string firstAim, string nextAim)
    {
        var script = new Runs();
        for (var i = 0; i < scripts; i++)
        {
            Say($"{what}: item by item");
            await using var simulator = await SimulatorProcess.StartAsync($"{world} --latency 4.8");
            for (var run = 0; run < 2; run++)
            {
                var started = Stopwatch.GetTimestamp();
                await ItemByItem.RunAsync(simulator.ServerUrl, simulator.ServerTokenOf("Owner"), simulator.ServerTokenOf("Kid"));
                await script.AddAsync(run == 0, Stopwatch.GetElapsedTime(started).TotalSeconds, simulator);
            }
        }

        var measured = new List<Runs>();
        foreach (var binary in Binaries)
        {
            Say($"{what}: {binary}");
            var runs = new Runs();
            using var command = new CommandLine(binary);
            for (var i = 0; i < firsts; i++)
            {
                command.Forget();
                await using var simulator = await SimulatorProcess.StartAsync($"{world} --latency 4.8");
                await runs.AddAsync(isFirst: true, (await command.RunAsync(simulator, Sync)).Seconds, simulator);
                for (var run = 0; i == firsts - 1 && run < 5; run++)
                {
                    await runs.AddAsync(isFirst: false, (await command.RunAsync(simulator, Sync)).Seconds, simulator);
                }

                if (i == firsts - 1)
                {
                    // The server's own work for big pages counts, too.
                    await simulator.RenderPagesAnewAsync();
                    runs.Fresh = Median(await RepeatAsync(5, async () => (await command.RunAsync(simulator, Sync)).Seconds));
                }
            }

            measured.Add(runs);
        }

        Ratio($"First sync of {what}: times faster than item by item", firstAim, measured, runs => Times(script.First / runs.First));
        Ratio($"Next sync of {what}, nothing new: times faster", nextAim, measured, runs => Times(script.Next / runs.Next));
        Ratio("The same, at a server that makes each page anew", nextAim, measured, runs => Times(script.Next / runs.Fresh));
        Row(_times, [$"First sync of {what}", script.FirstText, .. measured.Select(runs => runs.FirstText)]);
        Row(_times, [$"Next sync of {what}", script.NextText, .. measured.Select(runs => runs.NextText)]);
        Row(_times, ["The same, at a server that makes each page anew", "–", .. measured.Select(runs => Seconds(runs.Fresh))]);
    }

    private async Task ProcessorAsync(string root)
    {
        var folder = Directory.CreateTempSubdirectory("plexsync-benchmark-");
        var listings = Path.Combine(folder.FullName, "listings.json");
        await ListingBytes.SaveAsync(listings);
        if (bareReader is null)
        {
            Say("publishing the bare reader");
            var project = Path.Combine(root, "benchmarks", "PlexSync.BareReader");
            await ReadAsync("dotnet", "publish", project, "-c", "Release", "-o", folder.FullName);
        }

        var reader = bareReader ?? Path.Combine(folder.FullName, "PlexSync.BareReader");
        var megabytes = new FileInfo(listings).Length / 1e6;
        await using var simulator = await SimulatorProcess.StartAsync("--world yardstick");
        var commands = Binaries.Select(binary => new CommandLine(binary)).ToList();
        var passes = new List<double>();
        var plans = commands.ConvertAll(_ => new List<double>());
        await commands[0].RunAsync(simulator, Plan); // The simulator renders its pages.
        Say("processor time");

        // Taken in turns: a machine that is slower for a while is slower for all of them.
        for (var round = 0; round < 15; round++)
        {
            var pass = (await ReadAsync(reader, listings, "9")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            passes.Add(Median(pass.Select(text => double.Parse(text, CultureInfo.InvariantCulture) / 1000)));
            foreach (var (command, processor) in commands.Zip(plans))
            {
                processor.Add((await command.RunAsync(simulator, Plan)).Processor);
            }
        }

        folder.Delete(recursive: true);
        commands.ForEach(command => command.Dispose());
        var bare = Median(passes);
        Say(Invariant($"the bare pass took {passes.Min():0.000} to {passes.Max():0.000} s"));
        Ratio(
            "Processor time of a plan of 23,000 items: times that of only reading its JSON (lowest to highest)",
            "≤ 5 ×",
            plans,
            all => Invariant($"{Times(Median(all) / bare)} ({all.Min() / bare:0.0} to {all.Max() / bare:0.0})"));
        var what = Invariant($"Processor time of a plan; only reading its {megabytes:0.0} MB takes {bare:0.000} s");
        Row(_times, [what, "–", .. plans.Select(all => Seconds(Median(all)))]);
    }

    private async Task MemoryAsync()
    {
        var first = 0.0;
        foreach (var items in (int[])[23_000, 55_000, 110_000, 220_000, 440_000, 1_000_000])
        {
            await using var simulator = await SimulatorProcess.StartAsync(Invariant($"--world sized --items {items}"));
            var measured = new List<double>();
            foreach (var binary in items <= 220_000 ? Binaries : [now])
            {
                Say(Invariant($"memory for {items:N0} items: {binary}"));
                using var command = new CommandLine(binary);
                var times = items switch { <= 55_000 => 5, <= 220_000 => 3, _ => 1 };
                measured.Add(Median(await RepeatAsync(times, () => command.PeakMemoryAsync(simulator, Plan))));
            }

            first = first == 0 ? measured[0] : first;
            var more = items == 23_000 ? "–" : Invariant($"{(measured[0] - first) * 1024 / (items - 23_000):0.00} KB");
            string[] older = measured.Count < Binaries.Count() ? NoOlder : [];
            Row(_memory, [Invariant($"{items:N0}"), .. measured.Select(Megabytes), .. older, more]);
            if (items is 23_000 or 220_000)
            {
                var aim = items == 23_000 ? "≤ 40 MB" : "≤ 110 MB";
                Ratio(Invariant($"Memory of a plan of {items:N0} items"), aim, measured, Megabytes);
            }
        }
    }

    /// <summary>One library of 140,000 episodes at a server that takes 300 ms for a page.</summary>
    private async Task OneLibraryAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync("--world episodes --items 140000 --listing-latency 300");
        var measured = new List<(double Seconds, double Floor)>();
        foreach (var binary in Binaries)
        {
            Say($"one library of 140,000 episodes: {binary}");
            using var command = new CommandLine(binary);
            await simulator.CountRequestsAsync();
            var times = binary == now ? 3 : 1;
            var seconds = Median(await RepeatAsync(times, async () => (await command.RunAsync(simulator, Plan)).Seconds));
            measured.Add((seconds, await simulator.CountPagesAsync() / times / (double)ReadsInFlight * 0.3));
        }

        Ratio(
            "One library of 140,000 episodes, 300 ms a page: times (pages ÷ 4 reads in flight × 300 ms)",
            "≤ 1.15 ×",
            measured,
            run => Invariant($"**{run.Seconds / run.Floor:0.000} ×**"));
        Row(_times, ["Plan of one library of 140,000 episodes, 300 ms a page", "–", .. measured.Select(run => Seconds(run.Seconds))]);
    }

    private async Task QuickAsync()
    {
        using var command = new CommandLine(now);
        if (!await command.KnowsAsync("--quick"))
        {
            return;
        }

        Say("--quick");
        await using var simulator = await SimulatorProcess.StartAsync("--world yardstick");
        await command.RunAsync(simulator, Sync);
        await command.RunAsync(simulator, Sync);
        await simulator.CountRequestsAsync();
        await command.RunAsync(simulator, Sync + " --quick");
        var requests = await simulator.CountRequestsAsync();
        Row(_ratios, ["Requests of a next sync with `--quick`", "≤ 25", Invariant($"{requests}"), .. NoOlder]);
    }

    /// <summary>3,260 writes to a server that does one after the other, and to one that does them all at once.</summary>
    private async Task WritingAsync()
    {
        using var command = new CommandLine(now);
        await using (var simulator = await SimulatorProcess.StartAsync("--world small"))
        {
            if (await simulator.LongestQueueAsync() is null || !await command.KnowsAsync("auto"))
            {
                Say("writing: the simulator or the program has no such option; left out");
                return;
            }
        }

        await ShapeAsync("one write after the other", isSerial: true, times: 1);
        await ShapeAsync("any number of writes at once", isSerial: false, times: 3);

        async Task ShapeAsync(string shape, bool isSerial, int times)
        {
            var four = await WriteAsync("4");
            var auto = await WriteAsync("auto");
            var sixteen = await WriteAsync("16");
            var what = $"Writing to a server that does {shape}: speed, times that of four in flight";
            Row(_ratios, [what, isSerial ? "≥ 0.95 ×" : "≥ 1.7 ×", Invariant($"**{four.Seconds / auto.Seconds:0.00} ×**"), .. NoOlder]);
            Row(_ratios, isSerial
                ? ["The most writes that were there at once", "≤ 6", Invariant($"{auto.Queue}"), .. NoOlder]
                : ["The same with `--concurrency 16`", "≥ 2.5 ×", Times(four.Seconds / sixteen.Seconds), .. NoOlder]);

            async Task<(double Seconds, int Queue)> WriteAsync(string concurrency)
            {
                Say($"{shape}: --concurrency {concurrency}");
                var queue = 0;
                var seconds = await RepeatAsync(times, async () =>
                {
                    command.Forget();
                    await using var simulator = await SimulatorProcess.StartAsync(
                        "--world sized --items 6900 --write-time 4.8" + (isSerial ? " --serial-writes" : ""));
                    var run = await command.RunAsync(simulator, $"{Sync} --concurrency {concurrency}");
                    queue = Math.Max(queue, await simulator.LongestQueueAsync() ?? 0);
                    return run.Seconds;
                });
                return (Median(seconds), queue);
            }
        }
    }

    private async Task<string> PageAsync()
    {
        var processor = (await File.ReadAllLinesAsync("/proc/cpuinfo"))
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var older = before is null ? "" : " before |";
        var line = before is null ? "" : "---|";
        var model = processor?.Split(": ")[^1];
        var comparison = before is null ? ""
            : $" “Before” is the older program it was compared with, {(await ReadAsync(before, "--version")).Trim()}.";
        var date = TimeProvider.System.GetUtcNow().ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
        var version = (await ReadAsync(now, "--version")).Trim();
        var machine = $"{model}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}";
        return $"""
            # How fast it is

            <!-- Made by benchmarks/PlexSync.Benchmarks: run it again instead of editing this page. -->

            Measured on {date} with {version}, on {machine}. Other machines give other times; the ratios are what to compare.
            All figures are of one run.{comparison}

            | | aim | PlexSync |{older}
            |---|---|---|{line}
            {_ratios}
            ## Times

            Syncs at a server that takes 4.8 ms for every request. In brackets: requests.

            | | item by item | PlexSync |{older}
            |---|---|---|{line}
            {_times}
            ## Memory

            The most that a plan takes at once.

            | items | PlexSync |{older} each further item |
            |---|---|{line}---|
            {_memory}
            {About}
            """;
    }

    private string[] NoOlder => before is null ? [] : ["–"];

    private IEnumerable<string> Binaries => before is null ? [now] : [now, before];

    private void Ratio<T>(string what, string aim, IEnumerable<T> measured, Func<T, string> text) =>
        Row(_ratios, [what, aim, .. measured.Select(text)]);

    private void Row(StringBuilder table, string[] cells)
    {
        var row = $"| {string.Join(" | ", cells)} |";
        table.Append(row).Append('\n');
        Say(row);
    }

    private void Say(string text) => Console.WriteLine($"{Stopwatch.GetElapsedTime(_started):mm\\:ss} {text}");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PlexSync.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The benchmarks run from within the repository.");
    }

    private static async Task<string> ReadAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.\n{said}");
    }

    private static async Task<List<double>> RepeatAsync(int times, Func<Task<double>> measure)
    {
        var all = new List<double>();
        for (var i = 0; i < times; i++)
        {
            all.Add(await measure());
        }

        return all;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string Times(double ratio) => string.Create(CultureInfo.InvariantCulture, $"**{ratio:0.0} ×**");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    private static string Megabytes(double megabytes) => string.Create(CultureInfo.InvariantCulture, $"{megabytes:0} MB");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>First and next syncs of one contender.</summary>
    private sealed class Runs
    {
        private readonly List<double> _first = [];
        private readonly List<double> _next = [];
        private int _firstRequests;
        private int _nextRequests;

        public double First => Median(_first);

        public double Next => Median(_next);

        public double Fresh { get; set; }

        public string FirstText => Invariant($"{First:0.00} s ({_firstRequests:N0})");

        public string NextText => Invariant($"{Next:0.00} s ({_nextRequests:N0})");

        public async Task AddAsync(bool isFirst, double seconds, SimulatorProcess simulator)
        {
            (isFirst ? _first : _next).Add(seconds);
            var requests = await simulator.CountRequestsAsync();
            (isFirst ? ref _firstRequests : ref _nextRequests) = requests;
        }
    }
}
