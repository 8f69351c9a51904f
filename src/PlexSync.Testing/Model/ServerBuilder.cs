using System.Globalization;

namespace PlexSync.Testing;

/// <summary>Adds libraries, items and states to a server, with running rating keys and ids made from them.</summary>
/// <param name="homeId">The Home whose members and friends the libraries are shared with.</param>
/// <param name="lastKey">The first rating key is the one after it.</param>
internal class ServerBuilder(SimulatedServer server, long homeId, int lastKey = 0)
{
    private const long FirstAdded = 1_579_514_088;

    private int _lastKey = lastKey;

    public SimulatedServer Server => server;

    public SimulatedLibrary Library(string title, string type, string agent)
    {
        var key = (server.Libraries.Count + 1).ToString(CultureInfo.InvariantCulture);
        var library = new SimulatedLibrary { Key = key, Title = title, Type = type, Agent = agent };
        foreach (var user in server.World.Users.Where(user => user.HomeId == homeId)) library.SharedWith.Add(user.Id);
        server.Libraries.Add(library);
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
            AddedAt = FirstAdded + _lastKey,
        };
        library.Items.Add(item);
        return item;
    }

    /// <summary>
    /// A show; <paramref name="titles"/> names an episode from its season and number. It has ids of its own when
    /// <paramref name="identified"/>.
    /// </summary>
    public List<SimulatedItem> Show(
        SimulatedLibrary library, string show, int year, int seasons, int episodes, long durationMs, Func<int, int, string> titles,
        bool identified = false)
    {
        var showKey = NextKey();
        var showGuid = identified ? $"plex://show/{_lastKey:x24}" : null;
        string[] showGuids = identified ? [$"tvdb://{_lastKey}", $"tmdb://{_lastKey}"] : [];
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
                    ShowGuid = showGuid,
                    ShowGuids = showGuids,
                    SeasonKey = seasonKey,
                    Season = season,
                    Episode = episode,
                    DurationMs = durationMs,
                    PrimaryGuid = $"plex://episode/{_lastKey:x24}",
                    Guids = [$"imdb://tt{_lastKey:0000000}", $"tvdb://{_lastKey}"],
                    AddedAt = FirstAdded + _lastKey,
                });
            }
        }
        library.Items.AddRange(items);
        return items;
    }

    /// <summary>An artist, with albums of one disc: a track's parentIndex is the disc's number.</summary>
    public List<SimulatedItem> Artist(SimulatedLibrary library, string artist, int year, int albums, int tracks, long durationMs)
    {
        var artistKey = NextKey();
        string[] artistGuids = [MusicId(_lastKey)];
        List<SimulatedItem> items = [];
        for (var album = 1; album <= albums; album++)
        {
            var albumKey = NextKey();
            for (var track = 1; track <= tracks; track++)
            {
                var key = NextKey();
                items.Add(new SimulatedItem
                {
                    RatingKey = key,
                    Type = "track",
                    Title = $"Track {album}.{track}",
                    Year = year + album - 1,
                    ShowTitle = artist,
                    ShowKey = artistKey,
                    ShowGuids = artistGuids,
                    SeasonTitle = $"Album {album}",
                    SeasonKey = albumKey,
                    Season = 1,
                    Episode = track,
                    DurationMs = durationMs,
                    PrimaryGuid = $"plex://track/{_lastKey:x24}",
                    Guids = [MusicId(_lastKey)],
                    AddedAt = FirstAdded + _lastKey,
                });
            }
        }
        library.Items.AddRange(items);
        return items;

        static string MusicId(int key) => $"mbid://00000000-0000-4000-8000-{key:x12}";
    }

    /// <summary>The same movie under another rating key; it may come from another server.</summary>
    public SimulatedItem Copy(SimulatedLibrary library, SimulatedItem movie)
    {
        var copy = Copied(movie, null, null, (0, 0));
        library.Items.Add(copy);
        return copy;
    }

    /// <summary>
    /// The same show under other rating keys, in the order given; <paramref name="numbers"/> gives an episode another season and number.
    /// </summary>
    public List<SimulatedItem> CopyShow(
        SimulatedLibrary library, IReadOnlyList<SimulatedItem> episodes, Func<SimulatedItem, (int Season, int Episode)>? numbers = null)
    {
        var showKey = NextKey();
        var seasonKeys = new Dictionary<int, string>();
        List<SimulatedItem> copies = [];
        foreach (var episode in episodes)
        {
            var number = numbers?.Invoke(episode) ?? (episode.Season, episode.Episode);
            if (!seasonKeys.TryGetValue(number.Season, out var seasonKey)) seasonKeys[number.Season] = seasonKey = NextKey();
            copies.Add(Copied(episode, showKey, seasonKey, number));
        }
        library.Items.AddRange(copies);
        return copies;
    }

    public void Watched(SimulatedUser user, SimulatedItem item, long at, int times = 1) =>
        server.SetState(user, item.RatingKey, new ItemState(times, 0, at));

    public void InProgress(SimulatedUser user, SimulatedItem item, long position, long at, int times = 0) =>
        server.SetState(user, item.RatingKey, new ItemState(times, position, at));

    private SimulatedItem Copied(SimulatedItem item, string? showKey, string? seasonKey, (int Season, int Episode) number) => new()
    {
        RatingKey = NextKey(),
        Type = item.Type,
        Title = item.Title,
        Year = item.Year,
        ShowTitle = item.ShowTitle,
        ShowKey = showKey,
        ShowGuid = item.ShowGuid,
        ShowGuids = item.ShowGuids,
        SeasonTitle = item.SeasonTitle,
        SeasonKey = seasonKey,
        Season = number.Season,
        Episode = number.Episode,
        DurationMs = item.DurationMs,
        PrimaryGuid = item.PrimaryGuid,
        Guids = item.Guids,
        MadeUpFrom = item.MadeUpFrom ?? item.RatingKey,
        AddedAt = FirstAdded + _lastKey,
    };
}
