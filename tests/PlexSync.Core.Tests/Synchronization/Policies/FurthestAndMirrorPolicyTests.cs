using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The rules of <c>furthest</c> and <c>mirror</c> (docs/policies.md), and what holds for all states.</summary>
public sealed class FurthestAndMirrorPolicyTests
{
    private static readonly IConflictPolicy Furthest = new FurthestPolicy();
    private static readonly IConflictPolicy Mirror = new MirrorPolicy();
    private static readonly MediaItem Movie =
        new() { RatingKey = RatingKey.Parse("1"), Type = MediaType.Movie, Title = "Movie", Duration = TimeSpan.FromMinutes(100) };

    [Fact]
    public void Furthest_changes_nothing_when_the_source_has_no_state() =>
        AssertResolves(Furthest, default, State(position: 30), State(position: 30), "");

    [Fact]
    public void Furthest_marks_watched_when_the_source_has_watched() =>
        AssertResolves(Furthest, State(views: 3), State(position: 90), State(views: 1), "sourceWatched");

    [Fact]
    public void Furthest_leaves_a_watched_target_alone() =>
        AssertResolves(Furthest, State(views: 1, position: 40), State(views: 2, position: 10), State(views: 2, position: 10), "");

    [Theory]
    [InlineData(50, 20, 50, "sourceInProgress")]
    [InlineData(20, 50, 50, "")]
    [InlineData(20, 20, 20, "")]
    public void Furthest_takes_the_larger_position(int source, int target, int expected, string reason) =>
        AssertResolves(Furthest, State(position: source), State(position: target), State(position: expected), reason);

    [Fact]
    public void Mirror_changes_nothing_when_both_are_equal() =>
        AssertResolves(Mirror, State(views: 1), State(views: 5), State(views: 5), "");

    [Fact]
    public void Mirror_takes_away_what_the_source_has_not() =>
        AssertResolves(Mirror, default, State(views: 2, position: 20), default, "sourceUnwatched");

    [Fact]
    public void Mirror_marks_watched_when_only_the_source_has_watched() =>
        AssertResolves(Mirror, State(views: 2, position: 20), State(position: 30), State(views: 1, position: 20), "sourceWatched");

    [Fact]
    public void Mirror_clears_a_position_when_the_source_has_only_watched() =>
        AssertResolves(Mirror, State(views: 1), State(views: 2, position: 20), State(views: 2), "sourceWatched");

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 90)]
    [InlineData(3, 0)]
    public void Mirror_takes_the_position_of_a_source_in_progress(int views, int position) =>
        AssertResolves(Mirror, State(position: 20), State(views, position), State(position: 20), "sourceInProgress");

    [Fact]
    public void Furthest_converges_and_never_takes_away()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (source, target) = pair;
            var after = Apply(Furthest, source, target);
            return Apply(Furthest, source, after) == after
                && after.ViewCount >= target.ViewCount
                && (after.IsWatched || after.Position >= target.Position)
                && (!target.IsWatched || after == target);
        }).Check(Thoroughness.Of(100, 10_000));
    }

    [Fact]
    public void Mirror_converges_and_reaches_the_sources_watchedness()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (source, target) = pair;
            var after = Apply(Mirror, source, target);
            return Apply(Mirror, source, after) == after && after.IsWatched == source.IsWatched;
        }).Check(Thoroughness.Of(100, 10_000));
    }

    /// <summary>One run: the policy, the write rules, and the stamp that Plex puts on every write.</summary>
    private static WatchState Apply(IConflictPolicy policy, WatchState source, WatchState target)
    {
        var resolution = policy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target });
        var (after, _) = PlexWriteRules.Reach(target, resolution.Target, Movie.Duration, 0.9);
        return after == target ? target : after with { LastViewedAt = States.Now };
    }

    private static void AssertResolves(IConflictPolicy policy, WatchState source, WatchState target, WatchState expected, string reason)
    {
        var resolution = policy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target });

        Assert.Equal(source, resolution.Source);
        Assert.Equal(expected, resolution.Target);
        Assert.Equal(reason, resolution.Reason.ToString());
    }

    private static WatchState State(int views = 0, int position = 0) =>
        new() { ViewCount = views, Position = TimeSpan.FromMinutes(position) };
}
