using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>Where a case begins: what both users have seen, how the server behaves, and what goes wrong with which write.</summary>
internal sealed record Scenario(
    ItemState[] Owner, ItemState[] Kid, ItemState[] Other, bool ScrobbleKeepsPosition, bool StoresPositionsNearEnd,
    bool CountsLoneReportsNearEnd,
    bool RepeatedPositionsMoveDate, bool Mirrors, Fault[] Faults, int Seed)
{
    /// <summary>
    /// The items of <see cref="Worlds.Small"/> that have states; movie 9 has no length here, and Kid does not see movie 10.
    /// </summary>
    public static readonly string[] Keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "13", "14", "15", "16", "17"];

    private static readonly long[] Positions = [0, 0, 0, 30_000, 60_000, 60_001, 600_000, 1_200_000, 1_200_900, 2_399_000, 5_600_000];

    private static readonly Gen<ItemState> State =
        from views in Gen.Elements(0, 0, 1, 1, 3)
        from position in Gen.Elements(Positions)
        from day in Gen.Choose(1, 400)
        select views == 0 && position == 0 ? ItemState.None : new ItemState(views, position, 1_700_000_000 + (day * 86_400L));

    private static readonly Gen<Fault> AFault =
        from endpoint in Gen.Elements("/:/scrobble", "/:/unscrobble", "/:/timeline")
        from kind in Gen.Choose(0, Fault.Kinds - 1)
        from skip in Gen.Choose(0, 6)
        from times in Gen.Choose(1, 3)
            // A server that accepts an unscrobble and does nothing adds a view with the scrobble after it; no client sees that coming.
        where endpoint != "/:/unscrobble" || kind != Fault.Swallowed
        select new Fault(endpoint, kind, skip, times);

    public static Arbitrary<Scenario> All { get; } = (
        from owner in State.ArrayOf(Keys.Length)
        from kid in State.ArrayOf(Keys.Length)
        from other in State.ArrayOf(Keys.Length)
        from keeps in Gen.Elements(true, false)
        from stores in Gen.Elements(true, false)
        from counts in Gen.Elements(true, false)
        from moves in Gen.Elements(true, false)
        from mirrors in Gen.Elements(true, false)
        from count in Gen.Choose(0, 3)
        from faults in AFault.ArrayOf(count)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new Scenario(owner, kid, other, keeps, stores, counts, moves, mirrors, faults, seed)).ToArbitrary();

    public override string ToString() =>
        $"owner {Of(Owner)}; kid {Of(Kid)}; other {Of(Other)}; keeps {ScrobbleKeepsPosition}, stores {StoresPositionsNearEnd}, "
        + $"counts {CountsLoneReportsNearEnd}, moves {RepeatedPositionsMoveDate}, mirrors {Mirrors}; "
        + $"{string.Join<Fault>(", ", Faults)}; seed {Seed}";

    private static string Of(ItemState[] states) =>
        string.Join(' ', Keys.Zip(states).Where(pair => pair.Second != ItemState.None).Select(
            pair => $"{pair.First}:{pair.Second.ViewCount}/{pair.Second.ViewOffset}"));
}

/// <summary>A fault that strikes some requests of one endpoint.</summary>
internal sealed record Fault(string Endpoint, int Kind, int Skip, int Times)
{
    private static readonly Func<FaultRule, FaultRule>[] Deliveries =
    [
        rule => rule.Status(500),
        rule => rule.Status(503, afterEffect: true),
        rule => rule.Status(502, afterEffect: true),
        rule => rule.Status(400),
        rule => rule.Status(200, ""),
        rule => rule.ResetBefore(),
        rule => rule.ResetAfter(),
        rule => rule.CloseAfter(),
        rule => rule.Html(afterEffect: true),
        rule => rule.TruncateBody(),
        rule => rule.Status(400, StartingUp),
    ];

    /// <summary>What a server answers to a write while it starts (plex-facts §14.1).</summary>
    public const string StartingUp = "<html><body><h1>400 Bad Request</h1><p>Plex Media Server is still starting up.</p></body></html>";

    /// <summary>Accepted, and nothing comes of it.</summary>
    public const int Swallowed = 4;

    public static int Kinds => Deliveries.Length;

    public void Strike(Faults faults) => Deliveries[Kind](faults.On(Endpoint)).Skip(Skip).Times(Times);
}

/// <summary>The target becomes what the source is: what takes things away in these tests.</summary>
internal sealed class ExactPolicy : IConflictPolicy
{
    public string Name => "exact";

    public Resolution Resolve(in ConflictContext context) => context.ChangeTarget(context.Source, ChangeReason.Parse("exact"));
}
