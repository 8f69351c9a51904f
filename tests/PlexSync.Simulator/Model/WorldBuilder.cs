using System.Globalization;

namespace PlexSync.Simulator;

/// <summary>Adds users, libraries and items with running rating keys; the same seed gives the same world.</summary>
internal sealed class WorldBuilder
{
    /// <summary>2026-06-01; the newest date a builder uses.</summary>
    public const long Latest = 1_780_272_000;
    public const long Day = 86_400;

    private int _lastKey;

    public WorldBuilder(int seed, TimeProvider? clock)
    {
        World = new World(clock, seed);
        Random = new Random(seed);
        Owner = Add(1001, "Owner", "owner", admin: true);
        Kid = Add(1002, "Kid", managed: true);
        Teen = Add(1003, "Teen", managed: true, pin: "4321");
        Friend = Add(2001, "Friend", "friend", inHome: false);
        Server = World.AddServer("NAS", Owner.Id);
    }

    public World World { get; }
    public Random Random { get; }
    public SimulatedServer Server { get; }
    public SimulatedUser Owner { get; }
    public SimulatedUser Kid { get; }
    public SimulatedUser Teen { get; }
    public SimulatedUser Friend { get; }

    public SimulatedLibrary Library(string title, string type, string agent)
    {
        var key = (Server.Libraries.Count + 1).ToString(CultureInfo.InvariantCulture);
        var library = new SimulatedLibrary { Key = key, Title = title, Type = type, Agent = agent };
        foreach (var user in World.Users) library.SharedWith.Add(user.Id);
        Server.Libraries.Add(library);
        return library;
    }

    public string NextKey() => (++_lastKey).ToString(CultureInfo.InvariantCulture);

    public SimulatedItem Movie(SimulatedLibrary library, string title, int year, long? durationMs, bool local = false)
    {
        var key = NextKey();
        var item = new SimulatedItem
        {
            RatingKey = key,
            Type = "movie",
            Title = title,
            Year = year,
            DurationMs = durationMs,
            PrimaryGuid = local ? $"local://{key}" : $"plex://movie/{_lastKey:x24}",
            Guids = local ? [] : [$"imdb://tt{_lastKey:0000000}", $"tmdb://{_lastKey}"],
            AddedAt = 1_579_514_088 + _lastKey,
        };
        library.Items.Add(item);
        return item;
    }

    /// <summary>A show; <paramref name="titles"/> names an episode from its season and number.</summary>
    public List<SimulatedItem> Show(
        SimulatedLibrary library, string show, int year, int seasons, int episodes, long durationMs, Func<int, int, string> titles)
    {
        var showKey = NextKey();
        List<SimulatedItem> items = [];
        for (var season = 1; season <= seasons; season++)
        {
            var seasonKey = NextKey();
            for (var episode = 1; episode <= episodes; episode++)
            {
                var key = NextKey();
                items.Add(new SimulatedItem
                {
                    RatingKey = key,
                    Type = "episode",
                    Title = titles(season, episode),
                    Year = year + season - 1,
                    ShowTitle = show,
                    ShowKey = showKey,
                    SeasonKey = seasonKey,
                    Season = season,
                    Episode = episode,
                    DurationMs = durationMs,
                    PrimaryGuid = $"plex://episode/{_lastKey:x24}",
                    Guids = [$"imdb://tt{_lastKey:0000000}", $"tvdb://{_lastKey}"],
                    AddedAt = 1_579_514_088 + _lastKey,
                });
            }
        }
        library.Items.AddRange(items);
        return items;
    }

    public void Watched(SimulatedUser user, SimulatedItem item, long at, int times = 1) => Server.SetState(user, item.RatingKey, new ItemState(times, 0, at));

    public void InProgress(SimulatedUser user, SimulatedItem item, long position, long at, int times = 0) =>
        Server.SetState(user, item.RatingKey, new ItemState(times, position, at));

    private SimulatedUser Add(
        long id, string title, string? username = null, bool admin = false, bool managed = false, string? pin = null, bool inHome = true) =>
        World.Add(new SimulatedUser
        {
            Id = id,
            Uuid = $"{id:x16}",
            Title = title,
            Username = username,
            Email = username is null ? null : $"{username}@example.org",
            AccountToken = World.NewToken(),
            Pin = pin,
            IsAdmin = admin,
            IsManaged = managed,
            InHome = inHome,
            RestrictionProfile = managed ? (pin is null ? "little_kid" : "teen") : null,
        });
}
