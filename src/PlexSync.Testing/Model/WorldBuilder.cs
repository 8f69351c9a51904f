namespace PlexSync.Testing;

/// <summary>A world with the users that all of <see cref="Worlds"/> have; the same seed gives the same world.</summary>
internal sealed class WorldBuilder : ServerBuilder
{
    /// <summary>2026-06-01; the newest date a builder uses.</summary>
    public const long Latest = 1_780_272_000;
    public const long Day = 86_400;

    public WorldBuilder(int seed, TimeProvider? clock)
        : base(new World(clock, seed).Server)
    {
        Random = new Random(seed);
        Owner = World.Owner;
        Kid = Add(1002, "Kid", managed: true);
        Teen = Add(1003, "Teen", managed: true, pin: "4321");
        Friend = Add(2001, "Friend", "friend", inHome: false);
    }

    public World World => Server.World;
    public Random Random { get; }
    public SimulatedUser Owner { get; }
    public SimulatedUser Kid { get; }
    public SimulatedUser Teen { get; }
    public SimulatedUser Friend { get; }

    /// <summary>Users come before libraries, which are shared with those there are.</summary>
    public SimulatedUser Add(
        long id, string title, string? username = null, bool admin = false, bool managed = false, string? pin = null, bool inHome = true,
        long homeId = SimulatedUser.FirstHome) =>
        World.Add(new SimulatedUser
        {
            Id = id,
            Title = title,
            Username = username,
            Email = username is null ? null : $"{username}@example.org",
            Pin = pin,
            IsAdmin = admin,
            IsManaged = managed,
            InHome = inHome,
            HomeId = homeId,
            RestrictionProfile = managed ? (pin is null ? "little_kid" : "teen") : null,
        });
}
