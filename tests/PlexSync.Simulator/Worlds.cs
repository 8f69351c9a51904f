namespace PlexSync.Simulator;

/// <summary>
/// Ready-made worlds, the same for the same seed. All have Owner (1001, admin, "owner"), Kid (1002, managed), Teen (1003, managed, PIN 4321) and
/// Friend (2001, outside the Home), one server "NAS", and every library shared with everybody.
/// </summary>
public static class Worlds
{
    private const long Minute = 60_000;

    /// <summary>
    /// Library "Movies" with movies 1 to 10 of 100 minutes, 10 hidden from Kid; library "TV Shows" with show 11:
    /// season 12 with episodes 13 to 17, season 18 with 19 to 23, of 40 minutes.
    /// Owner: 1, 2 and 13 to 15 watched, 3 watched twice, 4 at 20:00, 5 watched and again at 30:00, 16 at 10:00. Kid: 1 watched. Nobody else has any state.
    /// </summary>
    public static World Small(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        var all = Enumerable.Range(1, 10).Select(number => build.Movie(movies, $"Movie {number}", 2000 + number, 100 * Minute)).ToList();
        var shows = build.Library("TV Shows", "show", "tv.plex.agents.series");
        var episodes = build.Show(shows, "Show 1", 2010, seasons: 2, episodes: 5, 40 * Minute, (season, episode) => $"Episode {season}.{episode}");

        long At(int day) => WorldBuilder.Latest - (30 - day) * WorldBuilder.Day;
        build.Watched(build.Owner, all[0], At(1));
        build.Watched(build.Owner, all[1], At(2));
        build.Watched(build.Owner, all[2], At(3), times: 2);
        build.InProgress(build.Owner, all[3], 20 * Minute, At(4));
        build.InProgress(build.Owner, all[4], 30 * Minute, At(5), times: 1);
        for (var i = 0; i < 3; i++) build.Watched(build.Owner, episodes[i], At(6 + i));
        build.InProgress(build.Owner, episodes[3], 10 * Minute, At(9));
        build.Watched(build.Kid, all[0], At(10));
        all[9].HiddenFrom.Add(build.Kid.Id);
        return build.World;
    }

    /// <summary>
    /// The yardstick of the design (§7): 3,000 movies, 400 shows of 5 by 10 episodes; Owner 60 % watched and 2 % in progress,
    /// Kid 5 % watched, 20 % hidden from Kid.
    /// </summary>
    public static World Yardstick(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        for (var i = 1; i <= 3000; i++) build.Movie(movies, $"Movie {i:0000}", 1950 + i % 75, (80 + i % 60) * Minute);
        var shows = build.Library("TV Shows", "show", "tv.plex.agents.series");
        for (var i = 1; i <= 400; i++)
        {
            build.Show(shows, $"Show {i:000}", 1990 + i % 30, seasons: 5, episodes: 10, (22 + i % 40) * Minute,
                (season, episode) => $"Episode {season}.{episode}");
        }

        foreach (var item in movies.Items.Concat(shows.Items))
        {
            var at = WorldBuilder.Latest - build.Random.NextInt64(2000 * WorldBuilder.Day);
            var share = build.Random.NextDouble();
            if (share < 0.60) build.Watched(build.Owner, item, at);
            else if (share < 0.62) build.InProgress(build.Owner, item, item.DurationMs!.Value / 10 * build.Random.Next(2, 8), at);
            if (build.Random.NextDouble() < 0.05) build.Watched(build.Kid, item, at + WorldBuilder.Day);
            if (build.Random.NextDouble() < 0.20) item.HiddenFrom.Add(build.Kid.Id);
        }
        return build.World;
    }

    /// <summary>
    /// A household: about 300 movies, 12 shows and some home videos nobody has watched. Owner has years of history, several items in progress
    /// (the movie "The Lighthouse Ledger" at 45:00), some seen again, some positions too short or too near the end to be written, and some
    /// items without a duration. Kid sees about half; Teen has a PIN.
    /// </summary>
    public static World Lifelike(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        var random = build.Random;
        long Date() => WorldBuilder.Latest - random.NextInt64(8 * 365 * WorldBuilder.Day);

        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        var titles = Titles.Movies(random).Take(300).ToList();
        foreach (var title in titles) build.Movie(movies, title, random.Next(1938, 2026), random.Next(78, 165) * Minute + random.Next(60) * 1000);
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
        for (var i = 1; i <= 5; i++) build.InProgress(build.Owner, examples[i], examples[i].DurationMs!.Value / 8 * i + 1_234, DaysAgo(3 * i));
        for (var i = 6; i <= 8; i++) build.InProgress(build.Owner, examples[i], 20 * Minute * (i - 5), DaysAgo(i), times: i - 5); // seen again
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
}
