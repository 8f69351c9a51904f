using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Reading only what changed leads to where reading everything leads.</summary>
public sealed class QuickPropertyTests
{
    /// <summary>So small that the older views of a library are on a later page, which a quick reading does not come to.</summary>
    private const int PageSize = 1;

    private static readonly string[] Keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12", "13", "14", "15", "16"];

    private static readonly Gen<Act> View =
        from user in Gen.Choose(0, 2)
        from key in Gen.Elements(Keys)
        from minutes in Gen.Elements(0, 0, 10, 40)
        select new Act(user, key, minutes == 0 ? Kind.View : Kind.Begin, minutes);

    private static readonly Gen<Act> Anything = Gen.Frequency(
        (14, View),
        (1, from user in Gen.Choose(0, 2) from key in Gen.Elements(Keys) select new Act(user, key, Kind.Unwatch, 0)),
        (1, from user in Gen.Choose(1, 2) from key in Gen.Elements(Keys) select new Act(user, key, Kind.HideOrShow, 0)));

    private enum Kind
    {
        View,
        Begin,
        Unwatch,
        HideOrShow,
    }

    private enum Way
    {
        OneWay,
        TwoWay,
        Merge,
    }

    private int _changed;
    private int _whole;

    [Fact]
    public void Quick_runs_reach_what_whole_runs_reach()
    {
        Prop.ForAll(
            Cases(["copy", "fill", "furthest", "newest"], View),
            @case => Task.Run(() => AgreeAsync(@case, isVisible: true)).GetAwaiter().GetResult()).Check(Thoroughness.Of(40, 2000));

        Assert.Equal(0, _whole);
    }

    [Fact]
    public void What_quick_runs_cannot_see_a_whole_run_makes_good_and_nothing_is_written_twice()
    {
        Prop.ForAll(
            Cases(["copy", "fill", "furthest", "newest", "mirror"], Anything),
            @case => Task.Run(() => AgreeAsync(@case, isVisible: false)).GetAwaiter().GetResult()).Check(Thoroughness.Of(40, 2000));

        // What is missing among the latest views is noticed; the rest is not seen.
        Assert.True(_changed > 0 && _whole > 0, $"{_changed} quick runs, {_whole} whole ones");
    }

    private static Arbitrary<Case> Cases(string[] policies, Gen<Act> act) => Arb.From(
        from way in Gen.Elements(Way.OneWay, Way.TwoWay, Way.Merge)
        from policy in Gen.Elements(policies)
        from unwatched in Gen.Elements(false, false, true)
        from before in View.ArrayOf(14)
        from rounds in act.ArrayOf().ArrayOf(3)
        where policy != "mirror" || way == Way.OneWay
        where way != Way.Merge || policy is "furthest" or "newest"
        select new Case(way, policy, unwatched && way != Way.Merge, before, rounds),
        Smaller);

    /// <summary>The same with one act less.</summary>
    private static IEnumerable<Case> Smaller(Case @case) =>
        Enumerable.Range(0, @case.Before.Length).Select(at => @case with { Before = Without(@case.Before, at) })
            .Concat(@case.Rounds.SelectMany((round, number) => Enumerable.Range(0, round.Length).Select(at => @case with
            {
                Rounds = [.. @case.Rounds[..number], Without(round, at), .. @case.Rounds[(number + 1)..]],
            })));

    private static Act[] Without(Act[] acts, int at) => [.. acts[..at], .. acts[(at + 1)..]];

    /// <summary>
    /// The same acts in two households, with quick runs in one of them and whole runs in the other. Where not all acts can be seen, a whole
    /// run follows each quick one.
    /// </summary>
    private async Task<bool> AgreeAsync(Case @case, bool isVisible)
    {
        using var quick = await Side.StartAsync(@case);
        using var whole = await Side.StartAsync(@case);
        foreach (var round in @case.Rounds)
        {
            quick.Do(round);
            whole.Do(round);
            var scope = await quick.RunAsync(isQuick: true);
            await whole.RunAsync(isQuick: false);
            // Where nobody has viewed anything yet, nothing can be relied on.
            _changed += scope is ReadingScope.Changed ? 1 : 0;
            _whole += scope is ReadingScope.Whole && @case.Before.Length > 0 ? 1 : 0;
            if (!isVisible)
            {
                await quick.RunAsync(isQuick: false);
            }

            Assert.Equal(whole.States, quick.States);
            Assert.Equal(whole.Writes, quick.Writes);
        }

        return true;
    }

    private sealed record Act(int User, string Key, Kind Kind, int Minutes)
    {
        public override string ToString() => $"{User} {Kind} {Key} {Minutes}";
    }

    private sealed record Case(Way Way, string Policy, bool Unwatched, Act[] Before, Act[][] Rounds)
    {
        public override string ToString() => $"{Way} {Policy} {Unwatched}: {string.Join(", ", Before.AsEnumerable())}; "
            + string.Join("; ", Rounds.Select(static round => string.Join(", ", round.AsEnumerable())));
    }

    /// <summary>One of the two households.</summary>
    private sealed class Side(Case @case) : IDisposable
    {
        private readonly ViewingHousehold _home = new();
        private readonly MemoryStore _store = new();

        public (int Views, long Offset)[] States => [.. from user in Enumerable.Range(1001, 3)
                                                        from key in Keys
                                                        let state = _home.StateOf(user, key)
                                                        select (state.Views, state.Offset)];

        public IEnumerable<(long User, string Key)> Writes => _home.Writes.Order();

        public static async Task<Side> StartAsync(Case @case)
        {
            var side = new Side(@case);
            side.Do(@case.Before);
            await side.RunAsync(isQuick: false);
            await side.RunAsync(isQuick: false);
            return side;
        }

        /// <summary>The users do something, each thing a while after the one before.</summary>
        public void Do(Act[] acts)
        {
            _home.Time.Leap(TimeSpan.FromMinutes(10));
            foreach (var act in acts)
            {
                var user = 1001 + act.User;
                var (views, minutes) = (_home.StateOf(user, act.Key).Views, act.Minutes);
                switch (act.Kind)
                {
                    case Kind.HideOrShow:
                        if (!_home.Hidden.Remove((user, act.Key)))
                        {
                            _home.Hidden.Add((user, act.Key));
                        }

                        break;
                    case Kind.Unwatch:
                        _home.View(user, act.Key, 0);
                        break;
                    default:
                        _home.View(user, act.Key, views + (act.Kind is Kind.View ? 1 : 0), minutes);
                        break;
                }

                _home.Time.Leap(TimeSpan.FromSeconds(100));
            }
        }

        public async Task<ReadingScope> RunAsync(bool isQuick)
        {
            var users = await _home.ConnectAsync(3, PageSize);
            var synchronizer = new WatchStateSynchronizer(_store);
            var options = new SyncOptions
            {
                Policy = ConflictPolicies.All.Single(policy => policy.Name == @case.Policy),
                Direction = @case.Way is Way.TwoWay ? SyncDirection.TwoWay : SyncDirection.OneWay,
                Unwatched = @case.Unwatched,
                MaxRemovals = int.MaxValue,
                Quick = isQuick,
            };
            var targets = @case is { Way: Way.TwoWay, Unwatched: true } ? 1 : 2;
            var plans = @case.Way is Way.Merge ? await synchronizer.PlanMergeAsync(users, options)
                : await synchronizer.PlanAsync(users[0], [.. users.Skip(1).Take(targets)], options);
            await synchronizer.ApplyAsync(plans, users, options);
            return plans[0].Reading;
        }

        public void Dispose()
        {
            _home.Dispose();
            _store.Dispose();
        }
    }
}
