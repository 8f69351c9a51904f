using System.Globalization;
using PlexSync.Testing;

namespace PlexSync.Simulator;

/// <summary>What the program does when a line is typed, for a person or for a test of another program.</summary>
internal sealed class Commands(PlexSimulator plex)
{
    /// <summary>One command on each line.</summary>
    public const string Help = """
        stats                   requests since the last stats
        pages                   pages of libraries since the last stats
        fresh                   renders pages of libraries each time from now on; until then they are kept
        queue                   the most writes that were at a server at once
        state USER              how much the user has watched and in progress
        play USER KEY MINUTES   starts to play an item there
        seek USER MINUTES       jumps there in what the user started last; so for the next ones
        pause USER              also resume, stop, and vanish: the app is gone without a stop
        watched USER KEY        marks it by hand; also unwatched
        listeners               how many clients listen to events
        cut                     ends their streams
        restart                 ends them and forgets all playbacks
        silent                  streams stay open and dead from now on; loud: new ones live
        flood N                 N frames of activity, and N of items that the owner has not watched
        help                    this
        """;

    /// <summary>Also for a user who does not exist, or who plays nothing.</summary>
    public const string Unknown = "unknown command, user or playback; type help";

    private readonly Dictionary<SimulatedUser, Playback> _playbacks = [];

    /// <summary>Carries out a command and says what came of it.</summary>
    public string Respond(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        try
        {
            return Respond(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException or ArgumentException
            or InvalidOperationException)
        {
            return e.Message;
        }
    }

    internal static bool IsPage(SimulatedRequest request) =>
        request.Path.StartsWith("/library/sections/", StringComparison.Ordinal) && request.Path.EndsWith("/all", StringComparison.Ordinal);

    /// <summary>Those of the Home of its owner.</summary>
    internal static IEnumerable<SimulatedUser> UsersOf(SimulatedServer server) =>
        server.World.Users.Where(user => user.HomeId == server.World.User(server.OwnerId).HomeId);

    private string Respond(string[] words)
    {
        var servers = plex.World.Servers;
        switch (words)
        {
            case ["stats"]:
                var stats = $"reads={plex.Requests.Reads} writes={plex.Requests.Writes}";
                plex.Requests.Clear();
                return stats;
            case ["pages"]:
                return $"pages={plex.Requests.All.Count(IsPage)}";
            case ["fresh"]:
                foreach (var server in servers) server.Switches.KeepsPages = false;
                return "fresh=1";
            case ["queue"]:
                return $"queue={servers.Max(server => server.LongestQueue)}";
            case ["state", .. var name] when UserOf(name) is { } user:
                var states = servers.SelectMany(server => server.StatesOf(user).Values).ToList();
                return $"watched={states.Count(state => state.IsWatched)} inProgress={states.Count(state => state.IsInProgress)}";
            case ["play", .. var name, var key, var minutes] when UserOf(name) is { } user:
                return Say(_playbacks[user] = PlayersOf(user).Play(user, key, Minutes(minutes)));
            case ["seek", .. var name, var minutes] when PlaybackOf(name) is { } playback:
                playback.Seek(Minutes(minutes));
                return Say(playback);
            case ["pause", .. var name] when PlaybackOf(name) is { } playback:
                playback.Pause();
                return Say(playback);
            case ["resume", .. var name] when PlaybackOf(name) is { } playback:
                playback.Resume();
                return Say(playback);
            case ["stop", .. var name] when PlaybackOf(name) is { } playback:
                playback.Stop();
                return Say(playback);
            case ["vanish", .. var name] when PlaybackOf(name) is { } playback:
                playback.Vanish();
                return Say(playback);
            case ["watched", .. var name, var key] when UserOf(name) is { } user:
                PlayersOf(user).MarkWatched(user, key);
                return "watched=1";
            case ["unwatched", .. var name, var key] when UserOf(name) is { } user:
                PlayersOf(user).MarkUnwatched(user, key);
                return "watched=0";
            case ["listeners"]:
                return Listeners();
            case ["cut"]:
                foreach (var server in servers) server.Events.Cut();
                return Listeners();
            case ["restart"]:
                foreach (var server in servers) server.Restart();
                return Listeners();
            case ["silent" or "loud"]:
                foreach (var server in servers) server.Switches.EventsDieSilently = words[0] == "silent";
                return words[0] == "silent" ? "silent=1" : "silent=0";
            case ["flood", var frames]:
                var count = int.Parse(frames, CultureInfo.InvariantCulture);
                foreach (var server in servers)
                {
                    server.Events.Flood(count);
                    server.Events.FloodItems(count);
                }

                return $"flood={count}";
            case ["help"]:
                return Help;
            default:
                return Unknown;
        }
    }

    private string Listeners() => $"listeners={plex.World.Servers.Sum(server => server.Events.Listeners)}";

    private static string Say(Playback playback) => string.Create(
        CultureInfo.InvariantCulture, $"session={playback.SessionKey} minutes={playback.Position.TotalMinutes}");

    private static TimeSpan Minutes(string text) => TimeSpan.FromMinutes(double.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>Titles can have spaces.</summary>
    private SimulatedUser? UserOf(string[] name) => plex.World.Users.FirstOrDefault(user => user.Title == string.Join(' ', name));

    private Playback? PlaybackOf(string[] name) => UserOf(name) is { } user ? _playbacks.GetValueOrDefault(user) : null;

    /// <summary>Of the server of the user's Home.</summary>
    private Players PlayersOf(SimulatedUser user) => plex.World.Servers.First(server => UsersOf(server).Contains(user)).Players;
}
