using System.Globalization;

namespace PlexSync.Testing;

/// <summary>Adds libraries, items and states to a server, with running rating keys and ids made from them.</summary>
internal class ServerBuilder(SimulatedServer server)
{
    private const long FirstAdded = 1_579_514_088;

    public SimulatedServer Server => server;

    /// <summary>Shared with the members and friends of the owner's Home.</summary>
    public SimulatedLibrary Library(string title, string type, string agent)
    {
        var key = (server.Libraries.Count + 1).ToString(CultureInfo.InvariantCulture);
        var library = new SimulatedLibrary(server, key, title, type, agent);
        foreach (var user in server.World.Users.Where(user => user.HomeId == server.HomeId)) library.SharedWith.Add(user.Id);
        server.Add(library);
        return library;
    }

    public string NextKey() => (++server.LastKey).ToString(CultureInfo.InvariantCulture);

    public SimulatedItem Movie(SimulatedLibrary library, string title, int year, long? durationMs, bool local = false)
    {
        var key = NextKey();
        var item = new SimulatedItem(library, key, "movie", title)
        {
            Year = year,
            DurationMs = durationMs,
            PrimaryGuid = local ? $"local://{key}" : $"plex://movie/{server.LastKey:x24}",
            Guids = local ? [] : [$"imdb://tt{server.LastKey:0000000}", $"tmdb://{server.LastKey}"],
            AddedAt = FirstAdded + server.LastKey,
        };
        library.Add(item);
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
        var showGuid = identified ? $"plex://show/{server.LastKey:x24}" : null;
        string[] showGuids = identified ? [$"tvdb://{server.LastKey}", $"tmdb://{server.LastKey}"] : [];
        List<SimulatedItem> items = [];
        for (var season = 1; season <= seasons; season++)
        {
            var seasonKey = NextKey();
            for (var episode = 1; episode <= episodes; episode++)
            {
                var key = NextKey();
                items.Add(new SimulatedItem(library, key, "episode", titles(season, episode))
                {
                    Year = year + season - 1,
                    ShowTitle = show,
                    ShowKey = showKey,
                    ShowGuid = showGuid,
                    ShowGuids = showGuids,
                    SeasonKey = seasonKey,
                    Season = season,
                    Episode = episode,
                    DurationMs = durationMs,
                    PrimaryGuid = $"plex://episode/{server.LastKey:x24}",
                    Guids = [$"imdb://tt{server.LastKey:0000000}", $"tvdb://{server.LastKey}"],
                    AddedAt = FirstAdded + server.LastKey,
                });
            }
        }
        items.ForEach(library.Add);
        return items;
    }

    /// <summary>An artist, with albums of one disc: a track's parentIndex is the disc's number.</summary>
    public List<SimulatedItem> Artist(SimulatedLibrary library, string artist, int year, int albums, int tracks, long durationMs)
    {
        var artistKey = NextKey();
        string[] artistGuids = [MusicId(server.LastKey)];
        List<SimulatedItem> items = [];
        for (var album = 1; album <= albums; album++)
        {
            var albumKey = NextKey();
            for (var track = 1; track <= tracks; track++)
            {
                var key = NextKey();
                items.Add(new SimulatedItem(library, key, "track", $"Track {album}.{track}")
                {
                    Year = year + album - 1,
                    ShowTitle = artist,
                    ShowKey = artistKey,
                    ShowGuids = artistGuids,
                    SeasonTitle = $"Album {album}",
                    SeasonKey = albumKey,
                    Season = 1,
                    Episode = track,
                    DurationMs = durationMs,
                    PrimaryGuid = $"plex://track/{server.LastKey:x24}",
                    Guids = [MusicId(server.LastKey)],
                    AddedAt = FirstAdded + server.LastKey,
                });
            }
        }
        items.ForEach(library.Add);
        return items;

        static string MusicId(int key) => $"mbid://00000000-0000-4000-8000-{key:x12}";
    }

    /// <summary>The same movie under another rating key; it may come from another server.</summary>
    public SimulatedItem Copy(SimulatedLibrary library, SimulatedItem movie)
    {
        var copy = Copied(library, movie, null, null, (0, 0));
        library.Add(copy);
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
            copies.Add(Copied(library, episode, showKey, seasonKey, number));
        }
        copies.ForEach(library.Add);
        return copies;
    }

    public void Watched(SimulatedUser user, SimulatedItem item, long at, int times = 1) =>
        server.SetState(user, item.RatingKey, new ItemState(times, 0, at));

    public void InProgress(SimulatedUser user, SimulatedItem item, long position, long at, int times = 0) =>
        server.SetState(user, item.RatingKey, new ItemState(times, position, at));

    private SimulatedItem Copied(
        SimulatedLibrary library, SimulatedItem item, string? showKey, string? seasonKey, (int Season, int Episode) number) =>
        new(library, NextKey(), item.Type, item.Title)
        {
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
            AddedAt = FirstAdded + server.LastKey,
        };
}
