using System.Globalization;
using PlexSync.Simulator;

// dotnet run --project tests/PlexSync.Simulator -- --world small|yardstick|lifelike [--latency MS] [--port-plextv N] [--port-pms N]
// Prints addresses and tokens, then "ready". Reads commands from stdin, until it closes or Ctrl+C comes:
//   stats        requests since the last stats
//   state USER   how much the user has watched and in progress
string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Port(string name) => int.Parse(Option(name) ?? "0", CultureInfo.InvariantCulture);

World? world = (Option("--world") ?? "small") switch
{
    "small" => Worlds.Small(),
    "yardstick" => Worlds.Yardstick(),
    "lifelike" => Worlds.Lifelike(),
    _ => null,
};
if (world is null)
{
    await Console.Error.WriteLineAsync("--world takes small, yardstick or lifelike.");
    return 2;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

await using var plex = await SimulatedPlex.StartAsync(world, Port("--port-plextv"), Port("--port-pms"), stopping.Token);
plex.Faults.Latency = TimeSpan.FromMilliseconds(double.Parse(Option("--latency") ?? "0", CultureInfo.InvariantCulture));

Console.WriteLine($"accountUrl={plex.AccountUrl.GetLeftPart(UriPartial.Authority)}");
Console.WriteLine($"serverUrl={plex.ServerUrl.GetLeftPart(UriPartial.Authority)}");
Console.WriteLine($"machineIdentifier={world.Server.MachineIdentifier}");
foreach (var user in world.Users)
{
    Console.WriteLine($"token.{user.Title}={user.AccountToken}");
    Console.WriteLine($"serverToken.{user.Title}={world.Server.TokenOf(user)}");
    if (user.Pin is not null) Console.WriteLine($"pin.{user.Title}={user.Pin}");
}
Console.WriteLine("ready");

// Reading the console cannot be cancelled; at Ctrl+C the read is left behind.
var reading = Task.Run(() =>
{
    while (Console.ReadLine() is { } line) Respond(line.Trim().Split(' ', 2));
});
await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, stopping.Token));
return 0;

void Respond(string[] command)
{
    switch (command)
    {
        case ["stats"]:
            Console.WriteLine($"reads={plex.Requests.Reads} writes={plex.Requests.Writes}");
            plex.Requests.Clear();
            break;
        case ["state", var title] when world.Users.FirstOrDefault(user => user.Title == title) is { } user:
            var states = world.Server.StatesOf(user).Values;
            Console.WriteLine($"watched={states.Count(state => state.IsWatched)} inProgress={states.Count(state => state.IsInProgress)}");
            break;
        default:
            Console.WriteLine("unknown command");
            break;
    }
}
