namespace PlexSync.EndToEnd.Tests;

/// <summary>How Ctrl+C is pressed in another process.</summary>
internal static class Interrupt
{
    private const ulong SigInt = 1UL << 1;

    /// <summary>
    /// The option of <c>kill</c>: SIGTERM where SIGINT is ignored, as by all that a script starts in the background; children inherit it.
    /// </summary>
    public static string Signal => File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").Select(static line => line.Split('\t')).FirstOrDefault(
            static line => line[0] == "SigIgn:") is [_, var bits] && (Convert.ToUInt64(bits, 16) & SigInt) != 0 ? "-TERM" : "-INT";
}
