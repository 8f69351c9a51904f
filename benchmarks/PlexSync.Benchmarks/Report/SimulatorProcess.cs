using System.Diagnostics;
using System.Globalization;

namespace PlexSync.Benchmarks.Report;

/// <summary>The simulator in a process of its own, so that what it costs is not counted as the client's.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Dictionary<string, string> _said = [];

    private SimulatorProcess(Process process) => _process = process;

    public Uri ServerUrl => new(_said["serverUrl"]);

    public Uri AccountUrl => new(_said["accountUrl"]);

    public string OwnerToken => _said["token.Owner"];

    /// <summary>The token the server knows the user by.</summary>
    public string ServerTokenOf(string user) => _said[$"serverToken.{user}"];

    /// <param name="arguments">As after "--" on the simulator's command line, parted by spaces.</param>
    public static async Task<SimulatorProcess> StartAsync(string arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "plexsync-simulator.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var simulator = new SimulatorProcess(Process.Start(start)!);
        while (await simulator.ReadLineAsync() is var line and not "ready")
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var at = line.IndexOf('=', StringComparison.Ordinal);
            simulator._said[line[..at]] = line[(at + 1)..];
        }

        return simulator;
    }

    /// <summary>Requests since the last call.</summary>
    public async Task<int> CountRequestsAsync() => (await AskAsync("stats"))!.Value;

    /// <summary>Pages of libraries since the last <see cref="CountRequestsAsync"/>.</summary>
    public async Task<int> CountPagesAsync() => (await AskAsync("pages"))!.Value;

    public Task RenderPagesAnewAsync() => AskAsync("fresh");

    /// <summary>The most writes that were at the server at once; null where the simulator does not count them.</summary>
    public Task<int?> LongestQueueAsync() => AskAsync("queue");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>The sum of the numbers in the answer, as in "reads=2 writes=3"; null where the simulator does not know it.</summary>
    private async Task<int?> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        var said = await ReadLineAsync();
        return said.Contains('=', StringComparison.Ordinal)
            ? said.Split(' ').Sum(part => int.Parse(part.Split('=')[1], CultureInfo.InvariantCulture))
            : null;
    }

    private async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The simulator ended.");
}
