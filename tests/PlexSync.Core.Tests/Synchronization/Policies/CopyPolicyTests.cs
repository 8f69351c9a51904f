using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The rules of <c>copy</c> (docs/policies.md), and what holds for all states.</summary>
public sealed class CopyPolicyTests
{
    private static readonly MediaItem Movie =
        new() { RatingKey = RatingKey.Parse("1"), Type = MediaType.Movie, Title = "Movie", Duration = TimeSpan.FromMinutes(100) };

    [Fact]
    public void Copy_changes_nothing_when_the_source_has_no_state() =>
        AssertResolves(default, State(position: 30), State(position: 30), "");

    [Fact]
    public void Copy_marks_watched_when_the_source_has_watched() =>
        AssertResolves(State(views: 3), default, State(views: 1), "sourceWatched");

    [Fact]
    public void Copy_replaces_a_position_when_the_source_has_watched() =>
        AssertResolves(State(views: 1), State(position: 30), State(views: 1), "sourceWatched");

    [Theory]
    [InlineData(20)]
    [InlineData(80)]
    public void Copy_takes_the_sources_position_forward_and_back(int minutes) =>
        AssertResolves(State(position: minutes), State(position: 50, day: 9), State(position: minutes, day: 9), "sourceInProgress");

    [Fact]
    public void Copy_leaves_a_watched_target_alone_when_the_source_is_in_progress() =>
        AssertResolves(State(position: 20, day: 9), State(views: 1, day: 1), State(views: 1, day: 1), "");

    [Fact]
    public void Copy_takes_positions_within_a_second_for_equal() =>
        AssertResolves(
            State(position: 20), State(position: 20) with { Position = TimeSpan.FromMinutes(20) + TimeSpan.FromMilliseconds(999) },
            State(position: 20) with { Position = TimeSpan.FromMinutes(20) + TimeSpan.FromMilliseconds(999) }, "");

    [Fact]
    public void Copy_follows_a_source_that_watches_again_when_it_did_so_later() =>
        AssertResolves(
            State(views: 1, position: 20, day: 9), State(views: 2, day: 1), State(views: 2, position: 20, day: 1), "sourceRewatching");

    [Fact]
    public void Copy_does_not_follow_a_source_that_watched_again_earlier() =>
        AssertResolves(State(views: 1, position: 20, day: 1), State(views: 2, day: 9), State(views: 2, day: 9), "");

    [Fact]
    public void Copy_marks_an_untouched_target_and_lets_its_position_follow_when_the_source_watches_again() =>
        AssertResolves(State(views: 1, position: 20, day: 1), default, State(views: 1, position: 20), "sourceRewatching");

    [Fact]
    public void Copy_converges_and_never_takes_away()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (source, target) = pair;
            var (after, _) = Apply(source, target);
            var (again, _) = Apply(source, after);
            return again == after
                && after.ViewCount >= target.ViewCount
                && (!target.IsWatched || !target.IsInProgress || after.IsInProgress);
        }).Check(Thoroughness.Of(100, 10_000));
    }

    /// <summary>One run: the policy, the write rules, and the stamp that Plex puts on every write.</summary>
    private static (WatchState After, SkipReason? Skipped) Apply(WatchState source, WatchState target)
    {
        var resolution = ConflictPolicies.Copy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target });
        var (after, skipped) = PlexWriteRules.Reach(target, resolution.Target, Movie.Duration, 0.9);
        return (after == target ? target : after with { LastViewedAt = States.Now }, skipped);
    }

    private static void AssertResolves(WatchState source, WatchState target, WatchState expected, string reason)
    {
        var resolution = ConflictPolicies.Copy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target });

        Assert.Equal(source, resolution.Source);
        Assert.Equal(expected, resolution.Target);
        Assert.Equal(reason, resolution.Reason.ToString());
    }

    private static WatchState State(int views = 0, int position = 0, int? day = null) => new()
    {
        ViewCount = views,
        Position = TimeSpan.FromMinutes(position),
        LastViewedAt = day is { } number ? States.Now.AddDays(number - 30) : null,
    };
}
