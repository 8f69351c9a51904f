using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Nodes;

/// <summary>A node in a process of its own, which can be halted and killed.</summary>
internal sealed class FleetProcess : IDisposable
{
    public const string Secret = "a-secret-of-the-fleet-tests";

    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private FleetProcess(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where its page is.</summary>
    public Uri Address { get; }

    /// <summary>All that it has written.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts a node, and waits until it is heard.</summary>
    /// <param name="name">The name of the node, and of its client at Plex.</param>
    /// <param name="database">How its database is reached.</param>
    /// <param name="keys">The folder of the keys.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<FleetProcess> StartAsync(string name, string database, string keys, params string[] settings)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(Repository.Root, "src", "PlexSync.Fleet", "bin", configuration, "net10.0", "plexsync-fleet.dll");
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", $"{address}", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Fleet__Node"] = name;
        start.Environment["Fleet__Database"] = database;
        start.Environment["Fleet__KeyFolder"] = keys;
        start.Environment["Fleet__Secret"] = Secret;
        start.Environment["Fleet__Client__ClientIdentifier"] = name;
        var node = new FleetProcess(Process.Start(start)!, address);
        var began = Stopwatch.GetTimestamp();
        while (!node._lines.Any(static line => line.Contains("Application started", StringComparison.Ordinal)))
        {
            Assert.False(node._process.HasExited, $"It ended:\n{node}");
            Assert.True(Stopwatch.GetElapsedTime(began) < LongestStart, $"It does not start:\n{node}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return node;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Stops it in the middle of whatever it does; it does not notice.</summary>
    public Task HaltAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Asks it to end; gives how it ended.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(LongestStart, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>How much memory it uses, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public override string ToString() => string.Join('\n', _lines.TakeLast(200));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
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
