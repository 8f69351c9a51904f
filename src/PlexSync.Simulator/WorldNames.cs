using PlexSync.Testing;

namespace PlexSync.Simulator;

/// <summary>What <c>--world</c> takes.</summary>
internal static class WorldNames
{
    public const string All = "small, music, twins, twoservers, lifelike, family, yardstick, huge, sized, episodes";

    private const int EpisodesPerShow = 50;

    public static bool Exists(string name) => All.Split(", ").Contains(name);

    public static bool TakesItems(string name) => name is "huge" or "sized" or "episodes";

    /// <summary>Null where there is no such world.</summary>
    public static World? Find(string name, int? items, int seed) => name switch
    {
        "small" => Worlds.Small(seed),
        "music" => Worlds.Music(seed),
        "twins" => Worlds.Twins(seed),
        "twoservers" => Worlds.TwoServers(seed).World,
        "lifelike" => Worlds.Lifelike(seed),
        "family" => Worlds.Family(seed),
        "yardstick" => Worlds.Yardstick(seed),
        "huge" => Sized(items ?? 220_000, shows: (items ?? 220_000) / 11 * 10 / EpisodesPerShow, seed),
        "sized" => Sized(items ?? 23_000, shows: (int)((items ?? 23_000) * 20L / 23 / EpisodesPerShow), seed),
        "episodes" => Worlds.Large(movies: 0, (items ?? 23_000) / EpisodesPerShow, seed),
        _ => null,
    };

    private static World Sized(int items, int shows, int seed) => Worlds.Large(items - shows * EpisodesPerShow, shows, seed);
}
