using FsCheck;
using FsCheck.Fluent;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What Plex can be made to store, and how; checked against a model of the server's own rules (sheet §6.7).</summary>
public sealed class WriteRulesTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(100);

    [Theory]
    [InlineData(1, SkipReason.PositionTooShort)]
    [InlineData(60_000, SkipReason.PositionTooShort)]
    [InlineData(60_001, null)]
    [InlineData(5_399_999, null)]
    [InlineData(5_400_000, SkipReason.PositionNearEnd)]
    [InlineData(6_000_000, SkipReason.PositionNearEnd)]
    [InlineData(6_000_001, SkipReason.PositionBeyondEnd)]
    public void Position_is_refused_where_plex_would_not_store_it(long milliseconds, SkipReason? expected) =>
        Assert.Equal(expected, WriteRules.Refuse(TimeSpan.FromMilliseconds(milliseconds), Duration, 0.9));

    [Fact]
    public void Position_is_refused_when_the_duration_is_unknown() =>
        Assert.Equal(SkipReason.NoDuration, WriteRules.Refuse(TimeSpan.FromMinutes(5), null, 0.9));

    [Fact]
    public void Threshold_is_the_servers() =>
        Assert.Equal(SkipReason.PositionNearEnd, WriteRules.Refuse(TimeSpan.FromMinutes(80), Duration, 0.8));

    [Fact]
    public void Marks_clear_a_position_before_they_mark_watched() =>
        Assert.Equal([Mark.Unwatched, Mark.Watched], WriteRules.MarksFrom(Progress(30), Watched()));

    [Fact]
    public void Marks_never_count_a_view_of_what_is_watched() =>
        Assert.Empty(WriteRules.MarksFrom(Watched(), Watched() with { Position = TimeSpan.FromMinutes(5) }));

    [Fact]
    public void Watched_is_reached_when_its_position_cannot_be()
    {
        var (after, skipped) = WriteRules.Reach(default, Watched() with { Position = TimeSpan.FromSeconds(5) }, Duration, 0.9);

        Assert.Equal((Watched(), SkipReason.PositionTooShort), (after, skipped!.Value));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(5_500)]
    public void Unwatched_is_reached_when_its_position_cannot_be(int seconds)
    {
        var (after, skipped) = WriteRules.Reach(Watched(), new WatchState { Position = TimeSpan.FromSeconds(seconds) }, Duration, 0.9);

        Assert.Equal(default, after);
        Assert.NotNull(skipped);
    }

    [Fact]
    public void Watchedness_is_reached_whatever_becomes_of_the_position()
    {
        Prop.ForAll(States.Pairs, pair => WriteRules.Reach(pair.Source, pair.Target, Duration, 0.9).After.IsWatched == pair.Target.IsWatched)
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Writes_lead_to_the_planned_state_on_every_kind_of_server()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (before, desired) = pair;
            var (after, skipped) = WriteRules.Reach(before, desired, Duration, 0.9);
            return new[] { false, true }.All(keepsPosition =>
            {
                var end = Execute(before, after, keepsPosition);
                return end.Matches(after) && end.ViewCount == after.ViewCount && (skipped is not null || end.Matches(desired));
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nothing_is_written_when_the_state_is_reached()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (after, _) = WriteRules.Reach(pair.Source, pair.Target, Duration, 0.9);
            var reached = WriteRules.Reach(after, pair.Target, Duration, 0.9).After;
            return reached == after && WriteRules.MarksFrom(after, after).Length == 0 && !WriteRules.WritesPosition(after, after);
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>The server's side of sheet §6.7.</summary>
    private static WatchState Execute(WatchState state, WatchState after, bool scrobbleKeepsPosition)
    {
        var before = state;
        foreach (var mark in WriteRules.MarksFrom(before, after))
        {
            state = mark is Mark.Unwatched
                ? default
                : state with { ViewCount = state.ViewCount + 1, Position = scrobbleKeepsPosition ? state.Position : TimeSpan.Zero };
        }

        var isStored = after.Position > TimeSpan.FromSeconds(60) && after.Position < Duration * 0.9;
        return WriteRules.WritesPosition(before, after) && isStored ? state with { Position = after.Position } : state;
    }

    private static WatchState Watched() => new() { ViewCount = 1 };

    private static WatchState Progress(int minutes) => new() { Position = TimeSpan.FromMinutes(minutes) };
}
