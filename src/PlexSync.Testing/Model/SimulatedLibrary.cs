using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PlexSync.Testing;

/// <summary>A library section. Change it within <see cref="SimulatedServer.Edit"/> once the simulator runs.</summary>
public sealed class SimulatedLibrary
{
    private readonly List<SimulatedItem> _items = [];
    private readonly List<SimulatedCollection> _collections = [];

    internal SimulatedLibrary(SimulatedServer server, string key, string title, string type, string agent) =>
        (Server, Key, Title, Type, Agent) = (server, key, title, type, agent);

    /// <summary>The section key, a string on the wire (plex-facts §4.1).</summary>
    public string Key { get; }

    /// <summary>The name.</summary>
    public string Title { get; set; }

    /// <summary>"movie", "show" or "artist".</summary>
    public string Type { get; }

    /// <summary>The leaves. Shows and seasons, artists and albums exist by being named in them.</summary>
    public IReadOnlyList<SimulatedItem> Items => _items;

    /// <summary>
    /// The ids of those who see the library besides the owner: at first, everybody in the owner's Home and their friends.
    /// </summary>
    public ISet<long> SharedWith { get; } = new HashSet<long>();

    /// <summary>The collections, in the order in which they were added.</summary>
    public IReadOnlyList<SimulatedCollection> Collections => _collections;

    internal SimulatedServer Server { get; }

    /// <summary>Labels by name, each with the rating keys of what has it.</summary>
    internal Dictionary<string, HashSet<string>> Labels { get; } = new(StringComparer.Ordinal);

    internal string Agent { get; }

    /// <summary>The movie, episode or track of this title.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SimulatedItem Item(string title) =>
        _items.Find(item => item.Title == title) ?? throw new KeyNotFoundException($"\"{Title}\" has no item \"{title}\".");

    /// <summary>Adds a movie, under the next rating key and with ids made from that.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="year">The year it came out.</param>
    /// <param name="duration">100 minutes when absent.</param>
    public SimulatedItem AddMovie(string title, int year = 2000, TimeSpan? duration = null)
    {
        Require("movie");
        return Edited(() => Server.Build.Movie(this, title, year, Milliseconds(duration, 100)));
    }

    /// <summary>Adds a show, with as many seasons of as many episodes, and ids made from their rating keys.</summary>
    /// <param name="title">Its title; its episodes are "Episode 1.1" and so on.</param>
    /// <param name="seasons">How many seasons it has.</param>
    /// <param name="episodes">How many episodes a season has.</param>
    /// <param name="year">The year of the first season; each later one came out a year later.</param>
    /// <param name="duration">Of each episode; 40 minutes when absent.</param>
    /// <returns>The episodes, in order.</returns>
    public IReadOnlyList<SimulatedItem> AddShow(
        string title, int seasons = 1, int episodes = 10, int year = 2000, TimeSpan? duration = null)
    {
        Require("show");
        return Edited(() => Server.Build.Show(this, title, year, seasons, episodes, Milliseconds(duration, 40),
            static (season, episode) => string.Create(CultureInfo.InvariantCulture, $"Episode {season}.{episode}"), identified: true));
    }

    /// <summary>Adds an artist, with as many albums of as many tracks, and ids made from their rating keys.</summary>
    /// <param name="name">Its name; its albums are "Album 1" and so on, its tracks "Track 1.1" and so on.</param>
    /// <param name="albums">How many albums it has.</param>
    /// <param name="tracks">How many tracks an album has.</param>
    /// <param name="year">The year of the first album; each later one came out a year later.</param>
    /// <param name="duration">Of each track; 4 minutes when absent.</param>
    /// <returns>The tracks, in order.</returns>
    public IReadOnlyList<SimulatedItem> AddArtist(
        string name, int albums = 1, int tracks = 10, int year = 2000, TimeSpan? duration = null)
    {
        Require("artist");
        return Edited(() => Server.Build.Artist(this, name, year, albums, tracks, Milliseconds(duration, 4)));
    }

    /// <summary>Adds a collection of movies, shows, seasons or episodes of the library.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="ratingKeys">What is in it.</param>
    /// <exception cref="KeyNotFoundException">The library has nothing with one of the rating keys.</exception>
    public SimulatedCollection AddCollection(string title, params string[] ratingKeys) => Edited(() =>
    {
        if (Array.Find(ratingKeys, key => Server.LibraryOf(key) != this) is { } stranger)
        {
            throw new KeyNotFoundException($"{Title} has nothing with the rating key {stranger}.");
        }

        var collection = new SimulatedCollection(Server.Build.NextKey(), title, ratingKeys);
        _collections.Add(collection);
        return collection;
    });

    /// <summary>The title.</summary>
    public override string ToString() => Title;

    internal void Add(SimulatedItem item) => _items.Add(item);

    private T Edited<T>(Func<T> add)
    {
        T added = default!;
        Server.Edit(_ => added = add());
        return added;
    }

    private void Require(string type)
    {
        if (Type != type) throw new InvalidOperationException($"\"{Title}\" is a library of the type \"{Type}\".");
    }

    private static long Milliseconds(TimeSpan? duration, int minutes) =>
        (long)(duration ?? TimeSpan.FromMinutes(minutes)).TotalMilliseconds;
}

/// <summary>A collection of a library. Change it within <see cref="SimulatedServer.Edit"/> once the simulator runs.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "Plex calls it a collection.")]
public sealed class SimulatedCollection
{
    internal SimulatedCollection(string ratingKey, string title, IEnumerable<string> items) =>
        (RatingKey, Title, Items) = (ratingKey, title, [.. items]);

    /// <summary>Its own key on the server.</summary>
    public string RatingKey { get; }

    /// <summary>The name.</summary>
    public string Title { get; set; }

    /// <summary>The rating keys of the movies, shows, seasons and episodes in it.</summary>
    public IList<string> Items { get; }

    /// <summary>The title.</summary>
    public override string ToString() => Title;
}
