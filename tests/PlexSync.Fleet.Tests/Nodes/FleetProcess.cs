using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Nodes;

/// <summary>A node in a process of its own, which can be halted and killed.</summary>
internal sealed class FleetProcess : IDisposable
{
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string[] _settings;

    public const string Secret = "a-secret-of-the-fleet-tests";

    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    private FleetProcess(IReadOnlyDictionary<string, string> environment, string[] settings) =>
        (_environment, _settings) = (environment, settings);

    /// <summary>Where its page is.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort()}");

    /// <summary>All that it has written.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts a node, and waits until it is heard.</summary>
    /// <param name="name">The name of the node, and of its client at Plex.</param>
    /// <param name="database">How its database is reached.</param>
    /// <param name="keys">The folder of the keys.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<FleetProcess> StartAsync(string name, string database, string keys, params string[] settings)
    {
        var node = new FleetProcess(
            new Dictionary<string, string>
            {
                ["Fleet__Node"] = name,
                ["Fleet__Database"] = database,
                ["Fleet__KeyFolder"] = keys,
                ["Fleet__Secret"] = Secret,
                ["Fleet__Client__ClientIdentifier"] = name,
            },
            settings);
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>Starts it again, after it was killed.</summary>
    public async Task StartAsync()
    {
        _process?.Dispose();
        _lines.Clear();
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(Repository.Root, "src", "PlexSync.Fleet", "bin", configuration, "net10.0", "plexsync-fleet.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", $"{Address}", .. _settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in _environment)
        {
            start.Environment[variable] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var began = Stopwatch.GetTimestamp();
        while (!_lines.Any(static line => line.Contains("Application started", StringComparison.Ordinal)))
        {
            Assert.False(_process.HasExited, $"It ended:\n{this}");
            Assert.True(Stopwatch.GetElapsedTime(began) < LongestStart, $"It does not start:\n{this}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Stops it in the middle of whatever it does; it does not notice.</summary>
    public Task HaltAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Asks it to end; gives how it ended.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(LongestStart, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public override string ToString() => string.Join('\n', _lines.TakeLast(200));

    public void Dispose()
    {
        if (_process is { HasExited: false } running)
        {
            running.Kill();
        }

        _process?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
