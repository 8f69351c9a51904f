using System.Globalization;
using PlexSync.Simulator;
using PlexSync.Testing;

// dotnet run --project src/PlexSync.Simulator -- --world WORLD [--items N] [--latency MS] [--listing-latency MS]
//   [--write-time MS] [--serial-writes] [--port-plextv N] [--port-pms N]
// WORLD is small, yardstick, lifelike, family, huge, twins, music, twoservers, or, with N items, sized (as yardstick) or episodes (one
// library). Of a second server and its Home all names get a 2: server2Url, token2.… --listing-latency is added to pages of libraries
// only.
// Prints addresses and tokens, then "ready". Reads commands from stdin, until it closes or Ctrl+C comes; "help" lists them.
string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
TimeSpan Milliseconds(string name) => TimeSpan.FromMilliseconds(double.Parse(Option(name) ?? "0", CultureInfo.InvariantCulture));
int Port(string name) => int.Parse(Option(name) ?? "0", CultureInfo.InvariantCulture);

var items = int.Parse(Option("--items") ?? "23000", CultureInfo.InvariantCulture);
World? world = (Option("--world") ?? "small") switch
{
    "small" => Worlds.Small(),
    "yardstick" => Worlds.Yardstick(),
    "lifelike" => Worlds.Lifelike(),
    "family" => Worlds.Family(),
    "huge" => Worlds.Huge(),
    "twins" => Worlds.Twins(),
    "music" => Worlds.Music(),
    "sized" => Worlds.Sized(items),
    "episodes" => Worlds.Episodes(items),
    "twoservers" => Worlds.TwoServers().World,
    _ => null,
};
if (world is null)
{
    await Console.Error.WriteLineAsync(
        "--world takes small, yardstick, lifelike, family, huge, twins, music, twoservers, sized or episodes.");
    return 2;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

await using var plex = await PlexSimulator.StartAsync(world, Port("--port-plextv"), Port("--port-pms"), stopping.Token);
plex.Faults.Latency = Milliseconds("--latency");
if (Milliseconds("--listing-latency") is { Ticks: > 0 } wait) plex.Faults.On(Commands.IsPage).Latency(wait);
foreach (var server in world.Servers)
{
    server.Switches.KeepsPages = true;
    server.Switches.WriteTime = Milliseconds("--write-time");
    server.Switches.SerializesWrites = args.Contains("--serial-writes");
}

Console.WriteLine($"accountUrl={plex.AccountUrl.GetLeftPart(UriPartial.Authority)}");
foreach (var (server, number) in world.Servers.Select((server, at) => (server, at == 0 ? "" : $"{at + 1}")))
{
    Console.WriteLine($"server{number}Url={plex.UrlOf(server).GetLeftPart(UriPartial.Authority)}");
    Console.WriteLine($"machineIdentifier{number}={server.MachineIdentifier}");
    foreach (var user in Commands.UsersOf(server))
    {
        Console.WriteLine($"token{number}.{user.Title}={user.AccountToken}");
        Console.WriteLine($"serverToken{number}.{user.Title}={server.TokenOf(user)}");
        if (user.Pin is not null) Console.WriteLine($"pin{number}.{user.Title}={user.Pin}");
    }
}
Console.WriteLine("ready");

var commands = new Commands(plex);

// Reading the console cannot be cancelled; at Ctrl+C the read is left behind.
var reading = Task.Run(() =>
{
    while (Console.ReadLine() is { } line) Console.WriteLine(commands.Respond(line));
});
await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, stopping.Token));
return 0;
