using System.Diagnostics.CodeAnalysis;
using Cocona;
using Cocona.Application;
using PlexSync.Testing;

namespace PlexSync.Simulator;

/// <summary>The program: starts a world, says where it is, and does what is typed until its input ends or Ctrl+C comes.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Created by Cocona.")]
internal sealed class SimulatorCommand(ICoconaAppContextAccessor accessor)
{
    /// <summary>Whether the command line made sense to Cocona.</summary>
    public static bool HasBegun { get; private set; }

    [PrimaryCommand]
    [NoArguments]
    [Command(Description = "A simulated plex.tv with media servers, on this machine only. Nothing in it is real.")]
    public async Task<int> RunAsync(
        [Option('w', Description = $"The household to simulate: {WorldNames.All}.", ValueName = "NAME")] string world = "small",
        [Option(Description = "How many movies and episodes; for huge, sized and episodes.", ValueName = "N")] int? items = null,
        [Option(Description = "Another one gives other tokens, and other states where they are random.", ValueName = "N")] int seed = 1,
        [Option('p', Description = "Where the server listens, further ones at the next ports; 0 takes free ones.", ValueName = "PORT")]
        int port = 0,
        [Option(Description = "Where what stands for plex.tv listens; 0 takes a free one.", ValueName = "PORT")] int accountPort = 0,
        [Option(Description = "Milliseconds that every answer takes longer.", ValueName = "MS")] double latency = 0,
        [Option(Description = "Milliseconds that pages of libraries take longer.", ValueName = "MS")] double listingLatency = 0,
        [Option(Description = "Milliseconds that a server takes for a write.", ValueName = "MS")] double writeTime = 0,
        [Option(Description = "Servers carry out one write after the other.")] bool serialWrites = false)
    {
        HasBegun = true;
        if (FindFault() is { } fault)
        {
            await Console.Error.WriteLineAsync(fault);
            return ExitCodes.BadArguments;
        }

        var stopping = accessor.Current!.CancellationToken;
        try
        {
            await using var plex = await PlexSimulator.StartAsync(WorldNames.Find(world, items, seed)!, accountPort, port, stopping);
            plex.Faults.Latency = TimeSpan.FromMilliseconds(latency);
            if (listingLatency > 0) plex.Faults.On(Commands.IsPage).Latency(TimeSpan.FromMilliseconds(listingLatency));
            foreach (var server in plex.World.Servers)
            {
                server.Switches.KeepsPages = true;
                server.Switches.WriteTime = TimeSpan.FromMilliseconds(writeTime);
                server.Switches.SerializesWrites = serialWrites;
            }

            await Introduction.WriteAsync(Console.Out, plex);
            await ObeyAsync(new Commands(plex), stopping);
            return ExitCodes.Done;
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.PortTaken;
        }

        string? FindFault() => this switch
        {
            _ when !WorldNames.Exists(world) => $"There is no world \"{world}\". Take one of {WorldNames.All}.",
            _ when items is not null && !WorldNames.TakesItems(world) => $"--items is for huge, sized and episodes, not for {world}.",
            _ when items is < 50 or > 1_000_000 => "--items takes a number from 50 to 1000000.",
            _ when port is < 0 or > ushort.MaxValue || accountPort is < 0 or > ushort.MaxValue => "A port is a number from 0 to 65535.",
            _ when latency < 0 || listingLatency < 0 || writeTime < 0 => "Times are not negative.",
            _ => null,
        };
    }

    /// <summary>Reading the console cannot be cancelled; at Ctrl+C the read is left behind.</summary>
    private static async Task ObeyAsync(Commands commands, CancellationToken stopping)
    {
        var reading = Task.Run(
            () =>
            {
                while (Console.ReadLine() is { } line) Console.WriteLine(commands.Respond(line));
            },
            CancellationToken.None);
        await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, stopping));
    }
}
