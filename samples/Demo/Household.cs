using PlexSync.Cli;
using PlexSync.Testing;

namespace PlexSync.Demo;

/// <summary>A simulated plex.tv and server with a family on it, and the command line as it would be set up there.</summary>
internal sealed class Household : IAsyncDisposable
{
    private static readonly string[] Inherited =
        ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "TERM", "CI", "PLEXSYNC_LANG"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-demo-");
    private readonly Dictionary<string, string> _environment;

    private Household(World world, PlexSimulator plex)
    {
        Plex = plex;
        _environment = new Dictionary<string, string>
        {
            // What you would set once: where the server is, whose token to use, and the PIN of a user who has one.
            ["PLEXSYNC_SERVER"] = plex.ServerUrl.ToString(),
            ["PLEXSYNC_TOKEN"] = world.Owner.AccountToken,
            ["PLEXSYNC_PINS"] = $"Teen={world.User("Teen").Pin}",
            // What only a demo needs: a stand-in for https://plex.tv, and folders of its own.
            ["PLEXSYNC_ACCOUNT_URL"] = plex.AccountUrl.ToString(),
            ["PLEXSYNC_HOME"] = Path.Combine(_folder.FullName, "state"),
            ["XDG_CONFIG_HOME"] = _folder.FullName,
        };
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                _environment[name] = value;
            }
        }
    }

    public PlexSimulator Plex { get; }

    public bool IsFrench { get; } = new[] { "PLEXSYNC_LANG", "LC_ALL", "LC_MESSAGES", "LANG" }.Select(Environment.GetEnvironmentVariable)
        .FirstOrDefault(static value => value is { Length: > 0 })?.StartsWith("fr", StringComparison.OrdinalIgnoreCase) is true;

    public static async Task<Household> StartAsync()
    {
        var world = Worlds.Lifelike();
        return new Household(world, await PlexSimulator.StartAsync(world));
    }

    /// <summary>What a user has watched and where they paused. Dates are left out: Plex sets them itself.</summary>
    public HashSet<(string RatingKey, int ViewCount, long Position)> StatesOf(string user) =>
        Plex.World.Server.StatesOf(Plex.World.User(user)).Where(static state => state.Value.IsWatched || state.Value.IsInProgress)
            .Select(static state => (state.Key, state.Value.ViewCount, state.Value.ViewOffset)).ToHashSet();

    /// <summary>Runs one command line as a shell would; nobody can be asked.</summary>
    public Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, Terminal terminal) =>
        App.RunAsync(arguments, TextReader.Null, output, error, _environment, terminal, CancellationToken.None);

    /// <summary>How the command would be typed.</summary>
    public static string Line(string[] arguments)
    {
        var words = arguments.Select(static word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word);
        return $"$ plexsync {string.Join(' ', words)}";
    }

    public async ValueTask DisposeAsync()
    {
        await Plex.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
