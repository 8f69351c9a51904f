using System.Globalization;

namespace PlexSync.Testing;

/// <summary>Two servers of two households that hold mostly the same works.</summary>
/// <param name="World">Both households.</param>
/// <param name="Nas">The server of Owner.</param>
/// <param name="Den">The server of Cousin.</param>
/// <param name="Truth">For each movie and episode on Nas, the rating keys of the same work on Den: none, one or several.</param>
/// <param name="Renumbered">The episodes on Nas, by rating key, that have another season or number on Den.</param>
public sealed record TwoServers(
    World World, SimulatedServer Nas, SimulatedServer Den, IReadOnlyDictionary<string, IReadOnlyList<string>> Truth,
    IReadOnlySet<string> Renumbered);

public static partial class Worlds
{
    private const long CousinsHome = 100;

    /// <summary>
    /// "NAS" of Owner: "Movies" with 300 movies, "TV Shows" with 30 shows of 3 by 8 episodes. "Den" of Cousin (3001, admin of another Home
    /// with the managed users Nina, 3002, and Teen, 3003): "Films" and "Series" with the same works in another order under keys from
    /// 500001, except the last 10 movies and the last show, in whose place Den has its own; "Films 4K" with 15 of the movies again, "Series
    /// 4K" with 2 of the shows. All shows have external ids, and the primary guids are the same on both servers. But on either server 10 %
    /// of the items have no external ids, and half of those on Den another primary guid. On Den 4 shows are numbered otherwise: of 2 the
    /// first season is season 2 and so on, 2 are one season of 24. No user of one Home is known to the other. Owner: 55 % of NAS watched
    /// and 5 % in progress. Nina: 10 % of Den watched.
    /// </summary>
    public static TwoServers TwoServers(int seed = 1, TimeProvider? clock = null)
    {
        const int seasons = 3, perSeason = 8, ownMovies = 10;
        var build = new WorldBuilder(seed, clock);
        var random = build.Random;
        var cousin = build.Add(3001, "Cousin", "cousin", admin: true, homeId: CousinsHome);
        var nina = build.Add(3002, "Nina", managed: true, homeId: CousinsHome);
        build.Add(3003, "Teen", managed: true, homeId: CousinsHome);
        var den = new ServerBuilder(build.World.AddServer("Den", cousin.Id));

        den.Server.LastKey = 500_000;

        var titles = new Queue<string>(Titles.Movies(random).Take(300 + ownMovies));
        SimulatedItem NewMovie(ServerBuilder server, SimulatedLibrary library) =>
            server.Movie(library, titles.Dequeue(), random.Next(1950, 2026), random.Next(80, 140) * Minute);
        List<SimulatedItem> NewShow(ServerBuilder server, SimulatedLibrary library, int number)
        {
            var names = new Queue<string>(Titles.Episodes(random).Take(seasons * perSeason));
            return server.Show(library, $"Show {number:00}", random.Next(1990, 2020), seasons, perSeason, random.Next(22, 60) * Minute,
                (_, _) => names.Dequeue(), identified: true);
        }

        var movies = build.Library("Movies", "movie", "tv.plex.agents.movie");
        for (var i = 0; i < 300; i++) NewMovie(build, movies);
        var shows = build.Library("TV Shows", "show", "tv.plex.agents.series");
        var allShows = Enumerable.Range(1, 30).Select(number => NewShow(build, shows, number)).ToList();

        var truth = movies.Items.Concat(shows.Items).ToDictionary(item => item.RatingKey, _ => new List<string>());
        var renumbered = new HashSet<string>();
        var commonMovies = movies.Items.SkipLast(ownMovies).ToList();
        var commonShows = allShows.SkipLast(1).ToList();

        // In the shuffled orders, null stands for something only Den has.
        var films = den.Library("Films", "movie", "tv.plex.agents.movie");
        foreach (var movie in Shuffled(random, [.. commonMovies, .. new SimulatedItem?[ownMovies]]))
        {
            if (movie is null) NewMovie(den, films);
            else truth[movie.RatingKey].Add(den.Copy(films, movie).RatingKey);
        }

        var special = Shuffled(random, commonShows);
        var series = den.Library("Series", "show", "tv.plex.agents.series");
        foreach (var show in Shuffled(random, [.. commonShows, null]))
        {
            if (show is null) NewShow(den, series, number: 31);
            else CopyShow(series, show, special.IndexOf(show));
        }

        var films4K = den.Library("Films 4K", "movie", "tv.plex.agents.movie");
        foreach (var movie in Shuffled(random, commonMovies).Take(15)) truth[movie.RatingKey].Add(den.Copy(films4K, movie).RatingKey);
        var series4K = den.Library("Series 4K", "show", "tv.plex.agents.series");
        foreach (var show in special[4..6]) CopyShow(series4K, show, special.IndexOf(show));

        foreach (var item in Items(build))
            if (random.NextDouble() < 0.10) item.Guids = [];
        foreach (var item in Items(den))
        {
            if (random.NextDouble() >= 0.10) continue;
            item.Guids = [];
            if (random.Next(2) == 0) item.PrimaryGuid =
                $"plex://{item.Type}/{long.Parse(item.RatingKey, CultureInfo.InvariantCulture):x24}";
        }

        foreach (var item in Items(build)) Play(build, random, build.Owner, item, watched: 0.55, inProgress: 0.05);
        foreach (var item in Items(den)) Play(den, random, nina, item, watched: 0.10, inProgress: 0);
        var pairs = truth.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value);
        return new TwoServers(build.World, build.Server, den.Server, pairs, renumbered);

        void CopyShow(SimulatedLibrary library, List<SimulatedItem> show, int place)
        {
            var copies = den.CopyShow(library, show, episode => place switch
            {
                0 or 1 => (episode.Season + 1, episode.Episode),
                2 or 3 => (1, (episode.Season - 1) * perSeason + episode.Episode),
                _ => (episode.Season, episode.Episode),
            });
            foreach (var (episode, copy) in show.Zip(copies))
            {
                truth[episode.RatingKey].Add(copy.RatingKey);
                if ((episode.Season, episode.Episode) != (copy.Season, copy.Episode)) renumbered.Add(episode.RatingKey);
            }
        }
    }

    private static List<SimulatedItem> Items(ServerBuilder build) => [.. build.Server.Libraries.SelectMany(library => library.Items)];

    private static List<T> Shuffled<T>(Random random, IEnumerable<T> items)
    {
        var order = items.ToArray();
        random.Shuffle(order);
        return [.. order];
    }
}
