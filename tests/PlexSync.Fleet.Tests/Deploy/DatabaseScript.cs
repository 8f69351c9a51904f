using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Deploy;

/// <summary>Runs <c>deploy/fleet/database.sh</c>.</summary>
internal static class DatabaseScript
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        PostgresServer postgres, string connectionString, params string[] arguments)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "deploy", "fleet", "database.sh"), .. arguments]);
        start.Environment["PATH"] = $"{Path.GetDirectoryName(postgres.PathOf("psql"))}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["PGHOST"] = connection.Host;
        start.Environment["PGPORT"] = connection.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = connection.Username;
        start.Environment["PGDATABASE"] = connection.Database;
        return RunAsync(start);
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var stopping = TestContext.Current.CancellationToken;
        var error = process.StandardError.ReadToEndAsync(stopping);
        var output = await process.StandardOutput.ReadToEndAsync(stopping);
        await process.WaitForExitAsync(stopping);
        return (process.ExitCode, output, await error);
    }
}
