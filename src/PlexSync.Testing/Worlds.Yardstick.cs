namespace PlexSync.Testing;

// Big worlds: libraries of the same make, in different sizes and households.
public static partial class Worlds
{
    /// <summary>
    /// What speed is measured on: 3,000 movies, 400 shows of 5 by 10 episodes; Owner 60 % watched and 2 % in progress,
    /// Kid 5 % watched, 20 % hidden from Kid.
    /// </summary>
    public static World Yardstick(int seed = 1, TimeProvider? clock = null) => OwnerAndKid(seed, clock, movies: 3_000, shows: 400);

    /// <summary>The same in another size. Without movies there is no library for them.</summary>
    /// <param name="movies">How many movies.</param>
    /// <param name="shows">How many shows of 50 episodes.</param>
    /// <param name="seed">Another one gives other states.</param>
    /// <param name="clock">The clock of the world.</param>
    public static World Large(int movies, int shows, int seed = 1, TimeProvider? clock = null) =>
        OwnerAndKid(seed, clock, movies, shows);

    /// <summary>
    /// The libraries of <see cref="Yardstick"/> and three more managed users, Mia (1004), Noah (1005) and Zoe (1006). Each of Owner, Kid,
    /// Mia, Noah and Zoe has watched a share between 20 % and 60 % and has 2 % in progress; 20 % are hidden from Kid, who has no state
    /// there. Teen and Friend have none.
    /// </summary>
    public static World Family(int seed = 1, TimeProvider? clock = null)
    {
        var build = new WorldBuilder(seed, clock);
        var random = build.Random;
        SimulatedUser[] users =
        [
            build.Owner, build.Kid, build.Add(1004, "Mia", managed: true), build.Add(1005, "Noah", managed: true), build.Add(
                1006, "Zoe", managed: true),
        ];
        var items = Fill(build, movies: 3_000, shows: 400);
        foreach (var item in items)
            if (random.NextDouble() < 0.20) item.HiddenFrom.Add(build.Kid.Id);

        foreach (var user in users)
        {
            var watched = 0.20 + 0.40 * random.NextDouble();
            foreach (var item in items)
                if (!item.HiddenFrom.Contains(user.Id)) Play(build, random, user, item, watched, inProgress: 0.02);
        }
        return build.World;
    }

    private static World OwnerAndKid(int seed, TimeProvider? clock, int movies, int shows)
    {
        var build = new WorldBuilder(seed, clock);
        foreach (var item in Fill(build, movies, shows))
        {
            var at = Play(build, build.Random, build.Owner, item, watched: 0.60, inProgress: 0.02);
            if (build.Random.NextDouble() < 0.05) build.Watched(build.Kid, item, at + WorldBuilder.Day);
            if (build.Random.NextDouble() < 0.20) item.HiddenFrom.Add(build.Kid.Id);
        }
        return build.World;
    }

    private static List<SimulatedItem> Fill(WorldBuilder build, int movies, int shows)
    {
        List<SimulatedItem> items = [];
        if (movies > 0)
        {
            var movieLibrary = build.Library("Movies", "movie", "tv.plex.agents.movie");
            for (var i = 1; i <= movies; i++) build.Movie(movieLibrary, $"Movie {i:0000}", 1950 + i % 75, (80 + i % 60) * Minute);
            items.AddRange(movieLibrary.Items);
        }
        var showLibrary = build.Library("TV Shows", "show", "tv.plex.agents.series");
        for (var i = 1; i <= shows; i++)
        {
            build.Show(showLibrary, $"Show {i:000}", 1990 + i % 30, seasons: 5, episodes: 10, (22 + i % 40) * Minute,
                (season, episode) => $"Episode {season}.{episode}");
        }
        items.AddRange(showLibrary.Items);
        return items;
    }

    /// <summary>
    /// Lets the user have watched the item, or have it in progress, with these probabilities. The date is drawn in any case.
    /// </summary>
    private static long Play(ServerBuilder build, Random random, SimulatedUser user, SimulatedItem item, double watched, double inProgress)
    {
        var at = WorldBuilder.Latest - random.NextInt64(2000 * WorldBuilder.Day);
        var share = random.NextDouble();
        if (share < watched) build.Watched(user, item, at);
        else if (share < watched + inProgress) build.InProgress(user, item, item.DurationMs!.Value / 10 * random.Next(2, 8), at);
        return at;
    }
}
