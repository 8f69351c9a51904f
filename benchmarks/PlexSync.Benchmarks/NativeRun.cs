using System.Diagnostics;
using PlexSync.Testing;

namespace PlexSync.Benchmarks;

/// <summary>The published command line.</summary>
internal static class NativeRun
{
    public static async Task RunAsync(string binary, PlexSimulator plex)
    {
        var start = new ProcessStartInfo(binary, ["sync", "--to", "Kid", "--quiet"]) { RedirectStandardOutput = true };
        start.Environment["PLEXSYNC_SERVER"] = plex.ServerUrl.ToString();
        start.Environment["PLEXSYNC_ACCOUNT_URL"] = plex.AccountUrl.ToString();
        start.Environment["PLEXSYNC_TOKEN"] = plex.World.Owner.AccountToken;
        start.Environment["PLEXSYNC_HOME"] = Path.Combine(Path.GetTempPath(), "plexsync-benchmark");
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{binary} ended with {process.ExitCode}.");
        }
    }
}
