using FsCheck;

namespace PlexSync.Tests;

/// <summary>
/// How much is tried. By default a sample that is the same every time; where <c>PLEXSYNC_THOROUGH</c> is 1, all of it, and other cases each
/// time. <c>PLEXSYNC_REPLAY</c> tries the one case that a failed property names in brackets, as in <c>123,456,78</c>.
/// </summary>
internal static class Thoroughness
{
    private const string All = "PLEXSYNC_THOROUGH";
    private const string Replay = "PLEXSYNC_REPLAY";

    public static string[] Variables { get; } = [All, Replay];

    public static bool IsAll => Environment.GetEnvironmentVariable(All) == "1";

    /// <summary>A property is to be tried on this many cases.</summary>
    public static Config Of(int sample, int all)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(IsAll ? all : sample);
        return Environment.GetEnvironmentVariable(Replay) is { Length: > 0 } replay ? config.WithReplay(Parse(replay))
            : IsAll ? config
            : config.WithReplay(new FsCheck.Replay(new Rnd(1, 3), null));
    }

    private static FsCheck.Replay Parse(string replay)
    {
        var parts = replay.Trim('(', ')').Split(',');
        return new FsCheck.Replay(new Rnd(ulong.Parse(parts[0]), ulong.Parse(parts[1])), int.Parse(parts[2]));
    }
}
