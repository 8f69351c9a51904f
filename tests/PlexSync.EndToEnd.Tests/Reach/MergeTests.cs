using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>
/// A merge brings everybody to what all of them have together, in whatever order they are named, and takes nothing from anybody.
/// </summary>
public abstract class MergeTests(StoreKind store)
{
    /// <summary>Movie 10 is hidden from Kid.</summary>
    private static readonly string[] Keys = ["1", "2", "3", "4", "5", "6", "10", "13", "14"];

    private static readonly Gen<Seen> AState =
        from watched in Gen.Elements(false, false, true)
        from position in Gen.Elements<long>(0, 0, 30_000, 60_001, 600_000, 600_900, 1_200_000, 2_300_000, 5_900_000)
        from day in Gen.Choose(0, 6)
        select watched || position > 0 ? new Seen(watched, position, day == 0 ? 0 : 1_700_000_000 + (day * 86_400L)) : Seen.Nothing;

    private static readonly Arbitrary<Case> Cases = (
        from policy in Gen.Elements("furthest", "newest")
        from states in AState.ArrayOf(3 * Keys.Length)
        from order in Gen.Choose(0, 5)
        from quorum in Gen.Elements(1, 1, 2, 3)
        select new Case(policy, states, order, quorum)).ToArbitrary();

    [Fact]
    public async Task Merge_leads_to_the_same_in_every_order_and_the_next_one_to_nothing()
    {
        await using var household = await Household.StartAsync(Worlds.Small(), store);
        var owner = await household.Session.ConnectAsync();
        PlexServer[] users =
            [owner, await household.Session.SwitchAsync(owner, "Kid"), await household.Session.SwitchAsync(owner, "Teen", "4321")];
        Prop.ForAll(Cases, @case => Task.Run(() => HoldAsync(household, users, @case)).GetAwaiter().GetResult())
            .Check(Thoroughness.Of(100, 2000));
    }

    private static async Task<bool> HoldAsync(Household household, PlexServer[] users, Case @case)
    {
        var policy = ConflictPolicies.All.Single(policy => policy.Name == @case.Policy);
        var options = new SyncOptions { Policy = policy, Quorum = @case.Quorum };
        var (before, expected) = (new Dictionary<(long User, string Key), ItemState>(), new Dictionary<(long User, string Key), Seen>());
        Dictionary<(long User, string Key), Seen>? first = null;
        foreach (var order in (PlexServer[][])[users, Permute(users, @case.Order)])
        {
            household.Clear();
            for (var at = 0; at < Keys.Length; at++)
            {
                var seeing = users.Select((user, number) => (Id: user.User.Id.Value, State: @case.States[(number * Keys.Length) + at]))
                    .Where(user => household.Sees(user.Id, Keys[at])).ToList();
                seeing.ForEach(user => household.Server.SetState(user.Id, Keys[at], Household.ToState(user.State)));
                var duration = (long?)household.Server.Item(Keys[at]).Duration?.TotalMilliseconds;
                // A position that nobody can be given leaves the common state as it is; the model goes on until it rests too.
                var current = seeing.ConvertAll(user => user.State);
                for (var round = 0; round < 8; round++)
                {
                    // Below the quorum, those who have watched it neither give nor get.
                    var isBelow = current.Count(static state => state.Watched) is > 0 and var watched && watched < @case.Quorum;
                    var common = NaiveModel.Together(
                        @case.Policy, current.Select(state => isBelow && state.Watched ? Seen.Nothing : state));
                    current = [.. current.Select((state, number) => isBelow && state.Watched ? state : NaiveModel.Move(
                        @case.Policy, seeing[number].State, state, NaiveModel.Follow(@case.Policy, state, common), common, duration))];
                }

                for (var number = 0; number < seeing.Count; number++)
                {
                    before[(seeing[number].Id, Keys[at])] = household.Server.State(seeing[number].Id, Keys[at]);
                    expected[(seeing[number].Id, Keys[at])] = current[number];
                }
            }

            await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanMergeAsync(order, options), order, options);

            var after = expected.Keys.ToDictionary(place => place, place => household.Of(place.User, place.Key));
            foreach (var (place, seen) in expected)
            {
                Assert.True(seen.IsLike(after[place]), $"{place}: expected {seen}, got {after[place]}; {@case}");
                Assert.True(!before[place].IsWatched || after[place].Watched, $"{place} was watched");
                Assert.True(household.Server.State(place.User, place.Key).ViewCount >= before[place].ViewCount, $"{place} lost a view");
            }

            Assert.All(await household.Synchronizer.PlanMergeAsync(order, options), plan => Assert.Empty(plan.Changes));
            first ??= after;
            Assert.All(first, pair => Assert.True(pair.Value.IsLike(after[pair.Key]), $"{pair.Key} depends on the order"));
        }

        return true;
    }

    private static PlexServer[] Permute(PlexServer[] users, int number) => number switch
    {
        0 => [users[0], users[2], users[1]],
        1 => [users[1], users[0], users[2]],
        2 => [users[1], users[2], users[0]],
        3 => [users[2], users[0], users[1]],
        4 => [users[2], users[1], users[0]],
        _ => users,
    };

    internal sealed record Case(string Policy, Seen[] States, int Order, int Quorum)
    {
        public override string ToString() => $"{Policy}, order {Order}, quorum {Quorum}: {string.Join(' ', States.Select((state, at) =>
            $"{at / Keys.Length}/{Keys[at % Keys.Length]}:{(state.Watched ? "w" : "")}{state.Position}@"
            + (state.Date == 0 ? 0 : (state.Date - 1_700_000_000) / 86_400)))}";
    }
}

public sealed class FileStoreMergeTests() : MergeTests(StoreKind.Files);

public sealed class MemoryStoreMergeTests() : MergeTests(StoreKind.Memory);
