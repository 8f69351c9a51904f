using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>
/// Whatever two users have seen: a run leads to what the policy says, in every direction and by every match, takes nothing away that the
/// policy leaves, and the next run finds nothing to do.
/// </summary>
public abstract class ConvergenceTests(StoreKind store)
{
    /// <summary>
    /// The works of <see cref="Worlds.Twins"/> that have states here, with the rating keys of their copies; of the first eight, Kid sees
    /// only the second.
    /// </summary>
    private static readonly string[][] Works =
        [["1", "21"], ["2", "22"], ["3", "23"], ["6", "26"], ["7", "27"], ["33", "46"], ["34", "47"], ["39", "52"], ["11"], ["36", "49"]];

    private static readonly string[] Keys = [.. Works.SelectMany(work => work)];

    private static readonly Gen<Seen> AState =
        from watched in Gen.Elements(false, false, true)
        from position in Gen.Elements<long>(0, 0, 0, 30_000, 60_001, 600_000, 600_900, 1_200_000, 2_300_000, 5_900_000)
        from day in Gen.Choose(0, 30)
        select watched || position > 0 ? new Seen(watched, position, day == 0 ? 0 : 1_700_000_000 + (day * 86_400L)) : Seen.Nothing;

    private static readonly Arbitrary<Case> Cases = (
        from policy in Gen.Elements("copy", "fill", "furthest", "newest", "mirror")
        from twoWay in Gen.Elements(true, false)
        from match in Gen.Elements(MatchMode.Auto, MatchMode.Key, MatchMode.Ids)
        from owner in AState.ArrayOf(Keys.Length)
        from kid in AState.ArrayOf(Keys.Length)
        from views in Gen.Choose(1, 3)
        from keeps in Gen.Elements(true, false)
        from counts in Gen.Elements(true, false)
        from moves in Gen.Elements(true, false)
        where policy != "mirror" || !twoWay
        select new Case(policy, twoWay, match, owner, kid, views, keeps, counts, moves)).ToArbitrary();

    [Fact]
    public async Task Run_leads_to_what_the_policy_says_and_the_next_one_to_nothing()
    {
        await using var household = await Household.StartAsync(Worlds.Twins(), store);
        var owner = await household.Session.ConnectAsync();
        var kid = await household.Session.SwitchAsync(owner, "Kid");
        // There are 27 combinations of policy, direction and match.
        Prop.ForAll(Cases, @case => Task.Run(() => HoldAsync(household, owner, kid, @case)).GetAwaiter().GetResult())
            .Check(Thoroughness.Of(27 * 10, 27 * 200));
    }

    private static async Task<bool> HoldAsync(Household household, PlexServer owner, PlexServer kid, Case @case)
    {
        household.Clear();
        var switches = household.Server.Switches;
        (switches.ScrobbleKeepsPosition, switches.CountsLoneReportsNearEnd, switches.RepeatedPositionsMoveDate) =
            (@case.ScrobbleKeepsPosition, @case.CountsLoneReportsNearEnd, @case.RepeatedPositionsMoveDate);
        for (var at = 0; at < Keys.Length; at++)
        {
            household.Server.SetState(1001, Keys[at], Household.ToState(@case.Owner[at], @case.Views));
            if (household.Sees(1002, Keys[at]))
            {
                household.Server.SetState(1002, Keys[at], Household.ToState(@case.Kid[at], @case.Views));
            }
        }

        var (mine, theirs) = Expect(household, @case);
        var options = new SyncOptions
        {
            Policy = ConflictPolicies.All.Single(policy => policy.Name == @case.Policy),
            Direction = @case.TwoWay ? SyncDirection.TwoWay : SyncDirection.OneWay,
            Match = @case.Match,
            MaxRemovals = int.MaxValue,
        };
        PlexServer[] written = @case.TwoWay ? [kid, owner] : [kid];
        var before = Keys.ToDictionary(key => key, key => (household.Server.State(1001, key), household.Server.State(1002, key)));
        await household.Synchronizer.ApplyAsync(await household.Synchronizer.PlanAsync(owner, [kid], options), written, options);

        foreach (var key in Keys)
        {
            AssertLike(mine[key], household.Of(1001, key), $"{key} of the owner: {@case}");
            AssertLike(theirs[key], household.Of(1002, key), $"{key} of Kid: {@case}");
            var (ownersBefore, kidsBefore) = before[key];
            if (@case.Policy != "mirror")
            {
                AssertNothingLost(ownersBefore, household.Server.State(1001, key));
                AssertNothingLost(kidsBefore, household.Server.State(1002, key));
            }
        }

        var again = await household.Synchronizer.PlanAsync(owner, [kid], options);
        Assert.All(again, plan => Assert.True(
            plan.Changes.Count == 0,
            $"{plan.Changes.Count} changes again: {@case}; {string.Join(", ", plan.Changes.Select(change =>
                $"{change.Item.RatingKey} {change.Before.ViewCount}/{change.Before.Position} to "
                + $"{change.After.ViewCount}/{change.After.Position}"))}"));
        return true;
    }

    /// <summary>What the definition says, work by work.</summary>
    private static (Dictionary<string, Seen> Owner, Dictionary<string, Seen> Kid) Expect(Household household, Case @case)
    {
        var (owner, kid) = (
            Keys.ToDictionary(key => key, key => household.Of(1001, key)), Keys.ToDictionary(key => key, key => household.Of(1002, key)));
        foreach (var work in Works)
        {
            var seen = work.Where(key => household.Sees(1002, key)).ToArray();
            var isHidden = work.Any(key => !household.Sees(1002, key) && !owner[key].IsNothing);
            if (@case.Match is MatchMode.Ids || (@case.Match is MatchMode.Auto && isHidden))
            {
                Settle(work, seen);
            }
            else
            {
                Array.ForEach(seen, key => Settle([key], [key]));
            }
        }

        return (owner, kid);

        void Settle(string[] mine, string[] theirs)
        {
            var (source, target) = (mine.ToDictionary(key => key, key => owner[key]), theirs.ToDictionary(key => key, key => kid[key]));
            if (target.Count > 0)
            {
                NaiveModel.Settle(@case.Policy, @case.TwoWay, source, target,
                    key => (long?)household.Server.Item(key).Duration?.TotalMilliseconds);
                source.ToList().ForEach(pair => owner[pair.Key] = pair.Value);
                target.ToList().ForEach(pair => kid[pair.Key] = pair.Value);
            }
        }
    }

    private static void AssertLike(Seen expected, Seen actual, string where) =>
        Assert.True(expected.IsLike(actual), $"expected {expected}, got {actual}: {where}");

    private static void AssertNothingLost(ItemState before, ItemState after)
    {
        Assert.True(after.ViewCount >= Math.Min(before.ViewCount, 1), $"{before} became {after}");
        Assert.True(before.ViewCount == 0 || after.ViewCount >= before.ViewCount, $"{before} became {after}");
        Assert.True(!before.IsWatched || !before.IsInProgress || after.IsInProgress, $"{before} became {after}");
    }

    internal sealed record Case(
        string Policy, bool TwoWay, MatchMode Match, Seen[] Owner, Seen[] Kid, int Views, bool ScrobbleKeepsPosition,
        bool CountsLoneReportsNearEnd, bool RepeatedPositionsMoveDate)
    {
        public override string ToString() =>
            $"{Policy}{(TwoWay ? " two-way" : "")} by {Match}, views {Views}, keeps {ScrobbleKeepsPosition}, "
            + $"counts {CountsLoneReportsNearEnd}, moves {RepeatedPositionsMoveDate}; owner {Of(Owner)}; Kid {Of(Kid)}";

        private static string Of(Seen[] states) => string.Join(' ', Keys.Zip(states).Where(pair => !pair.Second.IsNothing)
            .Select(pair => $"{pair.First}:{(pair.Second.Watched ? "w" : "")}{pair.Second.Position}@"
                + (pair.Second.Date == 0 ? 0 : (pair.Second.Date - 1_700_000_000) / 86_400)));
    }
}

public sealed class FileStoreConvergenceTests() : ConvergenceTests(StoreKind.Files);

public sealed class MemoryStoreConvergenceTests() : ConvergenceTests(StoreKind.Memory);
