// A fleet without Plex: real nodes and a real PostgreSQL; plex.tv and the servers are answered within each node.
//   dotnet run -c Release --project benchmarks/PlexSync.FleetScale -- --database "Host=127.0.0.1;Username=postgres;Database=empty"
//     [--servers 1000] [--jobs 5] [--every 00:15:00] [--minutes 15] [--nodes 2] [--writes 0.1] [--latency 00:00:00.02] [--movies 100]
//     [--configured] [--keys FOLDER] [--Fleet:RunsPerNode=10 …]
// The database should be empty, or that of an earlier simulation with the same folder of keys. Statements are listed where PostgreSQL has
// pg_stat_statements loaded.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using PlexSync.FleetScale;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["node", var name, var folder, .. var given])
{
    await NodeProgram.RunAsync(name, folder, ScaleOptions.Parse(given));
    return;
}

var options = ScaleOptions.Parse(args);
var keys = options.Keys is { } kept ? Directory.CreateDirectory(kept) : Directory.CreateTempSubdirectory("plexsync-scale-");
var hasServers = keys.EnumerateFiles("key-*.xml").Any();
var configuration = options.IsConfigured ? Configuration.Write(keys.FullName, options) : null;
var nodes = new List<ChildNode>();
try
{
    await using var source = NpgsqlDataSource.Create(options.Database);
    Console.WriteLine($"{options.Servers} servers with {options.Jobs} jobs every {options.Every}, {options.Nodes} nodes, "
        + $"{options.Latency.TotalMilliseconds} ms an answer; {options.Writes:P0} of the owners watch one more movie in each interval");
    for (var number = 1; number <= options.Nodes; number++)
    {
        var began = Stopwatch.GetTimestamp();
        nodes.Add(await ChildNode.StartAsync($"node-{number}", keys.FullName, configuration, options));
        Console.WriteLine($"node {number} started in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        if (number == 1 && configuration is null && !hasServers)
        {
            Console.WriteLine($"servers added in {await nodes[0].AskAsync("load")}");
        }
    }

    var hasStatements = await DatabaseLoad.TryClearStatementsAsync(source);
    foreach (var node in nodes)
    {
        await node.AskAsync("begin");
    }

    var before = await DatabaseLoad.ReadAsync(source);
    var measured = Stopwatch.GetTimestamp();
    Console.WriteLine($"load average at the beginning: {LoadAverage()}");
    var (connections, loads) = (0L, new List<string>());
    while (Stopwatch.GetElapsedTime(measured).TotalMinutes < options.Minutes)
    {
        await Task.Delay(TimeSpan.FromSeconds(5));
        connections = Math.Max(connections, await DatabaseLoad.CountConnectionsAsync(source));
        if (Stopwatch.GetElapsedTime(measured).TotalMinutes > loads.Count)
        {
            loads.Add(LoadAverage());
        }
    }

    var reports = new List<NodeReport>();
    foreach (var node in nodes)
    {
        reports.Add(JsonSerializer.Deserialize<NodeReport>(await node.AskAsync("report"))!);
    }

    var seconds = Stopwatch.GetElapsedTime(measured).TotalSeconds;
    var after = await DatabaseLoad.ReadAsync(source);
    Console.WriteLine($"load average each minute: {string.Join(' ', loads)}");
    Summary.Write(options, reports, before, after, seconds, connections);
    var (errors, example) = await DatabaseLoad.CountErrorsAsync(source);
    Console.WriteLine($"jobs whose last run had an error: {errors} {example}");
    if (hasStatements)
    {
        foreach (var statement in await DatabaseLoad.ListStatementsAsync(source, reports.Sum(static report => report.Runs)))
        {
            Console.WriteLine(statement);
        }
    }

    foreach (var node in nodes)
    {
        await node.StopAsync();
    }
}
finally
{
    nodes.ForEach(static node => node.Dispose());
    if (options.Keys is null)
    {
        keys.Delete(recursive: true);
    }
}

static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
