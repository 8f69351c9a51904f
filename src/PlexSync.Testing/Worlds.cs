namespace PlexSync.Testing;

/// <summary>
/// Ready-made worlds, the same for the same seed. All have Owner (1001, admin, "owner"), Kid (1002, managed), Teen (1003, managed, PIN
/// 4321) and Friend (2001, outside the Home), one server "NAS", and every library shared with everybody, unless they say otherwise.
/// </summary>
public static partial class Worlds
{
    private const long Minute = 60_000;

    /// <summary>
    /// Library "Movies" with movies 1 to 10 of 100 minutes, 10 hidden from Kid; library "TV Shows" with show 11: season 12 with episodes 13
    /// to 17, season 18 with 19 to 23, of 40 minutes. Owner: 1, 2 and 13 to 15 watched, 3 watched twice, 4 at 20:00, 5 watched and again at
    /// 30:00, 16 at 10:00. Kid: 1 watched. Nobody else has any state.
    /// </summary>
    public static World Small(int seed = 1, TimeProvider? clock = null) => SmallBuild(seed, clock).World;

    /// <summary>
    /// <see cref="Small"/> and a library "Music" with tracks of 4 minutes: artist 24 with album 25, tracks 26 to 29, and album 30, tracks
    /// 31 to 34; artist 35 with album 36, tracks 37 to 40, and album 41, tracks 42 to 45. Owner: 26 to 28 listened to, 31 three times, 37
    /// at 2:00, 38 listened to and again at 2:00. Kid: 26 listened to.
    /// </summary>
    public static World Music(int seed = 1, TimeProvider? clock = null)
    {
        var build = SmallBuild(seed, clock);
        var music = build.Library("Music", "artist", "tv.plex.agents.music");
        for (var i = 1; i <= 2; i++) build.Artist(music, $"Artist {i}", 2000 + i, albums: 2, tracks: 4, 4 * Minute);

        var tracks = music.Items;
        for (var i = 0; i < 3; i++) build.Watched(build.Owner, tracks[i], At(11 + i));
        build.Watched(build.Owner, tracks[4], At(14), times: 3);
        build.InProgress(build.Owner, tracks[8], 2 * Minute, At(15));
        build.InProgress(build.Owner, tracks[9], 2 * Minute, At(16), times: 1);
        build.Watched(build.Kid, tracks[0], At(17));
        return build.World;
    }

    /// <summary>
    /// <see cref="Small"/> with show 11 called "Ghosts", of 2010, and its remake of the same title in the same library: show 24 of 2021,
    /// season 25 with episodes 26 to 30. Owner: also 26 to 29 watched.
    /// </summary>
    public static World Remake(int seed = 1, TimeProvider? clock = null)
    {
        var build = SmallBuild(seed, clock);
        var shows = build.Server.Libraries[1];
        foreach (var episode in shows.Items) episode.ShowTitle = "Ghosts";
        var remake = build.Show(
            shows, "Ghosts", 2021, seasons: 1, episodes: 5, 40 * Minute, (season, episode) => $"New {season}.{episode}");
        for (var i = 0; i < 4; i++) build.Watched(build.Owner, remake[i], At(18 + i));
        return build.World;
    }

    /// <summary>
    /// The same works in two libraries, under other rating keys with the same ids. "Movies" with movies 1 to 20, "Movies 4K" with 1 to 5
    /// again as 21 to 25, "Kids Movies" with 6 to 10 again as 26 to 30, all of 100 minutes. "TV Shows" with show 31: season 32 with
    /// episodes 33 to 37, season 38 with 39 to 43; "Kids TV" with it again as show 44: season 45 with 46 to 50, season 51 with 52 to 56,
    /// all of 40 minutes. "Movies" and "TV Shows" are not shared with Kid. Owner: 1 to 12 and 33 to 35 watched, 13 at 20:00, 36 at 10:00.
    /// Nobody else has any state, nor Owner on a copy.
    /// </summary>
    public static World Twins(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        SimulatedLibrary Movies(string title) => build.Library(title, "movie", "tv.plex.agents.movie");
        SimulatedLibrary Shows(string title) => build.Library(title, "show", "tv.plex.agents.series");

        var movies = Movies("Movies");
        var all = Enumerable.Range(1, 20).Select(number => build.Movie(movies, $"Movie {number}", 2000 + number, 100 * Minute)).ToList();
        var movies4K = Movies("Movies 4K");
        foreach (var movie in all.Take(5)) build.Copy(movies4K, movie);
        var kidsMovies = Movies("Kids Movies");
        foreach (var movie in all.Skip(5).Take(5)) build.Copy(kidsMovies, movie);
        var shows = Shows("TV Shows");
        var episodes = build.Show(shows, "Show 1", 2010, seasons: 2, episodes: 5, 40 * Minute,
            (season, episode) => $"Episode {season}.{episode}", identified: true);
        build.CopyShow(Shows("Kids TV"), episodes);
        movies.SharedWith.Remove(build.Kid.Id);
        shows.SharedWith.Remove(build.Kid.Id);

        for (var i = 0; i < 12; i++) build.Watched(build.Owner, all[i], At(1 + i));
        build.InProgress(build.Owner, all[12], 20 * Minute, At(13));
        for (var i = 0; i < 3; i++) build.Watched(build.Owner, episodes[i], At(14 + i));
        build.InProgress(build.Owner, episodes[3], 10 * Minute, At(17));
        return build.World;
    }

    /// <summary>
    /// A household: about 300 movies, 12 shows and some home videos nobody has watched. Owner has years of history, several items in
    /// progress (the movie "The Lighthouse Ledger" at 45:00), some seen again, some positions too short or too near the end to be written,
    /// and some items without a duration. Kid sees about half; Teen has a PIN.
    /// </summary>
    public static World Lifelike(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        var random = build.Random;
        long Date() => WorldBuilder.Latest - random.NextInt64(8 * 365 * WorldBuilder.Day);

        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        var titles = Titles.Movies(random).Take(300).ToList();
        foreach (var title in titles) build.Movie(
            movies, title, random.Next(1938, 2026), random.Next(78, 165) * Minute + random.Next(60) * 1000);
        foreach (var movie in movies.Items)
        {
            var share = random.NextDouble();
            if (share < 0.45) build.Watched(build.Owner, movie, Date(), times: random.Next(10) == 0 ? random.Next(2, 6) : 1);
            if (share is > 0.40 and < 0.46) build.Watched(build.Kid, movie, Date());
            if (random.NextDouble() < 0.48) movie.HiddenFrom.Add(build.Kid.Id);
        }

        // The first fifteen are one example each of what a sync has to decide; Kid sees them all.
        var examples = movies.Items.Take(15).ToList();
        foreach (var movie in examples) movie.HiddenFrom.Clear();
        long DaysAgo(int days) => WorldBuilder.Latest - days * WorldBuilder.Day;
        build.InProgress(build.Owner, examples[0], 45 * Minute, DaysAgo(1));
        for (var i = 1; i <= 5; i++) build.InProgress(
            build.Owner, examples[i], examples[i].DurationMs!.Value / 8 * i + 1_234, DaysAgo(3 * i));
        for (var i = 6; i <= 8; i++)
            build.InProgress(build.Owner, examples[i], 20 * Minute * (i - 5), DaysAgo(i), times: i - 5); // seen again
        build.InProgress(build.Owner, examples[9], 42_000, Date());
        build.InProgress(build.Owner, examples[10], Minute, Date());
        build.InProgress(build.Owner, examples[11], examples[11].DurationMs!.Value - 2 * Minute, Date());
        build.InProgress(build.Owner, examples[12], (long)(examples[12].DurationMs!.Value * 0.93), Date());
        build.InProgress(build.Owner, examples[13], 15 * Minute, Date());
        build.Watched(build.Owner, examples[14], Date());
        examples[13].DurationMs = examples[14].DurationMs = null;
        foreach (var movie in examples) build.Server.SetState(build.Kid, movie.RatingKey, ItemState.None);
        build.InProgress(build.Kid, examples[2], 12 * Minute, Date());

        var shows = build.Library("TV Shows", "show", "tv.plex.agents.series");
        foreach (var (show, year, seasons) in Titles.Shows)
        {
            var names = Titles.Episodes(random).GetEnumerator();
            var episodes = build.Show(shows, show, year, seasons, random.Next(6, 11), random.Next(22, 58) * Minute,
                (_, _) => names.MoveNext() ? names.Current : "Untitled");
            var seen = random.Next(3) switch
            {
                0 => episodes.Count,
                1 => random.Next(episodes.Count),
                _ => 0,
            };
            var first = Date();
            long Evening(int number) => Math.Min(first + number * 2 * WorldBuilder.Day, WorldBuilder.Latest);
            for (var i = 0; i < seen; i++) build.Watched(build.Owner, episodes[i], Evening(i));
            if (seen < episodes.Count && seen > 0) build.InProgress(build.Owner, episodes[seen], 11 * Minute + 30_000, Evening(seen));
            if (random.NextDouble() < 0.4)
                foreach (var episode in episodes) episode.HiddenFrom.Add(build.Kid.Id);
        }

        var home = build.Library("Home Videos", "movie", "tv.plex.agents.none");
        for (var year = 2016; year < 2024; year++) build.Movie(home, $"Summer {year}", year, random.Next(2, 30) * Minute, local: true);
        return build.World;
    }

    private static WorldBuilder SmallBuild(int seed, TimeProvider? clock)
    {
        var build = new WorldBuilder(seed, clock);
        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        var all = Enumerable.Range(1, 10).Select(number => build.Movie(movies, $"Movie {number}", 2000 + number, 100 * Minute)).ToList();
        var shows = build.Library("TV Shows", "show", "tv.plex.agents.series");
        var episodes = build.Show(
            shows, "Show 1", 2010, seasons: 2, episodes: 5, 40 * Minute, (season, episode) => $"Episode {season}.{episode}");

        build.Watched(build.Owner, all[0], At(1));
        build.Watched(build.Owner, all[1], At(2));
        build.Watched(build.Owner, all[2], At(3), times: 2);
        build.InProgress(build.Owner, all[3], 20 * Minute, At(4));
        build.InProgress(build.Owner, all[4], 30 * Minute, At(5), times: 1);
        for (var i = 0; i < 3; i++) build.Watched(build.Owner, episodes[i], At(6 + i));
        build.InProgress(build.Owner, episodes[3], 10 * Minute, At(9));
        build.Watched(build.Kid, all[0], At(10));
        all[9].HiddenFrom.Add(build.Kid.Id);
        return build;
    }

    /// <summary>A day of the month before the latest date.</summary>
    private static long At(int day) => WorldBuilder.Latest - (30 - day) * WorldBuilder.Day;
}
