using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(PlexSync.Fleet.Tests.PostgresServer))]
// Most of them wait for leases to end and for times to come; one for each processor would wait in turn.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace PlexSync.Fleet.Tests;

/// <summary>A PostgreSQL of these tests' own, in a folder that is gone afterwards, listening on loopback.</summary>
/// <remarks>
/// <c>PLEXSYNC_POSTGRES</c> names the folder of its programs; otherwise the newest of the system is used. It refuses to run as root, and
/// is run as <c>nobody</c> then. Where there is none the tests skip, unless <c>PLEXSYNC_REQUIRE_POSTGRES=1</c> forbids that.
/// </remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private DirectoryInfo? _folder;
    private string? _programs;
    private int _port;
    private int _databases;

    public async ValueTask InitializeAsync()
    {
        _programs = FindPrograms();
        if (_programs is null)
        {
            Assert.False(Environment.GetEnvironmentVariable("PLEXSYNC_REQUIRE_POSTGRES") == "1", "There is no PostgreSQL.");
            return;
        }

        _folder = Directory.CreateTempSubdirectory("plexsync-postgres-");
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "nobody", _folder.FullName);
        }

        _port = FreePort();
        await RunAsUserAsync("initdb", "-D", Data, "-U", "postgres", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync");
        await StartAsync();
    }

    /// <summary>A database that is empty; the test skips where there is no PostgreSQL at all.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        Assert.SkipWhen(_programs is null, "There is no PostgreSQL here: install it, or name its programs in PLEXSYNC_POSTGRES.");
        var name = $"fleet{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(ConnectionTo("postgres"));
        await using var command = source.CreateCommand($"create database {name}");
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>Stops it as a machine that is restarted does, without waiting for anybody, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await RunAsUserAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
        {
            return;
        }

        await RunAsUserAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        _folder.Delete(recursive: true);
    }

    /// <summary>The path of one of its programs.</summary>
    public string PathOf(string program) => Path.Combine(_programs!, program);

    private string Data => Path.Combine(_folder!.FullName, "data");

    private string ConnectionTo(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database}";

    private Task StartAsync() => RunAsUserAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder!.FullName, "log"), "-o",
        $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=off "
        + "-c full_page_writes=off",
        "start");

    private static string? FindPrograms()
    {
        var named = Environment.GetEnvironmentVariable("PLEXSYNC_POSTGRES");
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        var installed = new DirectoryInfo("/usr/lib/postgresql");
        return installed.Exists
            ? installed.EnumerateDirectories().Select(static version => Path.Combine(version.FullName, "bin"))
                .Where(static bin => File.Exists(Path.Combine(bin, "initdb")))
                .OrderByDescending(static bin => int.TryParse(Path.GetFileName(Path.GetDirectoryName(bin)), out var version) ? version : 0)
                .FirstOrDefault()
            : null;
    }

    private Task RunAsUserAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("setpriv", ["--reuid=nobody", "--clear-groups", PathOf(program), .. arguments])
        : RunAsync(PathOf(program), arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Path.GetTempPath(),
            // Not piped: the server that pg_ctl starts would keep the pipe open.
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
