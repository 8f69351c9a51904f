using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What Plex can be made to store, and how; checked against a model of the server's own rules (plex-facts §6.7).</summary>
public sealed class PlexWriteRulesTests
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
        Assert.Equal(expected, PlexWriteRules.Refuse(TimeSpan.FromMilliseconds(milliseconds), Duration, 0.9));

    [Fact]
    public void Position_is_refused_when_the_duration_is_unknown() =>
        Assert.Equal(SkipReason.NoDuration, PlexWriteRules.Refuse(TimeSpan.FromMinutes(5), null, 0.9));

    [Fact]
    public void Threshold_is_the_servers() =>
        Assert.Equal(SkipReason.PositionNearEnd, PlexWriteRules.Refuse(TimeSpan.FromMinutes(80), Duration, 0.8));

    [Fact]
    public void Marks_clear_a_position_before_they_mark_watched() =>
        Assert.Equal([Mark.Unwatched, Mark.Watched], StateWrites.MarksFrom(Progress(30), Watched()));

    [Fact]
    public void Marks_never_count_a_view_of_what_is_watched() =>
        Assert.Empty(StateWrites.MarksFrom(Watched(), Watched() with { Position = TimeSpan.FromMinutes(5) }));

    [Fact]
    public void Watched_is_reached_when_its_position_cannot_be()
    {
        var (after, skipped) = PlexWriteRules.Reach(default, Watched() with { Position = TimeSpan.FromSeconds(5) }, Duration, 0.9);

        Assert.Equal((Watched(), SkipReason.PositionTooShort), (after, skipped!.Value));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(5_500)]
    public void Unwatched_is_reached_when_its_position_cannot_be(int seconds)
    {
        var (after, skipped) = PlexWriteRules.Reach(Watched(), new WatchState { Position = TimeSpan.FromSeconds(seconds) }, Duration, 0.9);

        Assert.Equal(default, after);
        Assert.NotNull(skipped);
    }

    [Fact]
    public void Watchedness_is_reached_whatever_becomes_of_the_position()
    {
        Prop.ForAll(
            States.Pairs, pair => PlexWriteRules.Reach(pair.Source, pair.Target, Duration, 0.9).After.IsWatched == pair.Target.IsWatched)
            .Check(Thoroughness.Of(100, 10_000));
    }

    [Fact]
    public void Writes_lead_to_the_planned_state_on_every_kind_of_server()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (before, desired) = pair;
            var (after, skipped) = PlexWriteRules.Reach(before, desired, Duration, 0.9);
            return new[] { false, true }.All(keepsPosition =>
            {
                var end = Execute(before, after, keepsPosition);
                return end.Matches(after) && end.ViewCount == after.ViewCount && (skipped is not null || end.Matches(desired));
            });
        }).Check(Thoroughness.Of(100, 10_000));
    }

    [Fact]
    public void Nothing_is_written_when_the_state_is_reached()
    {
        Prop.ForAll(States.Pairs, pair =>
        {
            var (after, _) = PlexWriteRules.Reach(pair.Source, pair.Target, Duration, 0.9);
            var reached = PlexWriteRules.Reach(after, pair.Target, Duration, 0.9).After;
            return reached == after && StateWrites.MarksFrom(after, after).Length == 0 && !StateWrites.WritesPosition(after, after);
        }).Check(Thoroughness.Of(100, 10_000));
    }

    [Fact]
    public void Count_starts_anew_when_a_position_of_something_watched_is_cleared()
    {
        var (after, skipped) = PlexWriteRules.Reach(
            new WatchState { ViewCount = 3, Position = TimeSpan.FromMinutes(20) }, Watched(), Duration, 0.9);

        Assert.Equal((Watched(), null), (after, skipped));
        Assert.Equal(
            [Mark.Unwatched, Mark.Watched],
            StateWrites.MarksFrom(new WatchState { ViewCount = 3, Position = TimeSpan.FromMinutes(20) }, after));
    }

    [Fact]
    public void Count_stays_when_only_the_position_of_something_watched_moves()
    {
        var before = new WatchState { ViewCount = 3, Position = TimeSpan.FromMinutes(20) };

        Assert.Equal(
            (before with { Position = TimeSpan.FromMinutes(30) }, null),
            PlexWriteRules.Reach(before, Watched() with { Position = TimeSpan.FromMinutes(30) }, Duration, 0.9));
    }

    [Fact]
    public void Nothing_is_reached_when_only_a_position_is_desired_that_cannot_be_stored()
    {
        var before = Progress(30);

        Assert.Equal((before, SkipReason.PositionNearEnd), PlexWriteRules.Reach(before, Progress(95), Duration, 0.9));
        Assert.Equal(
            (before, null),
            PlexWriteRules.Reach(before, Progress(30) with { Position = before.Position + TimeSpan.FromSeconds(1) }, Duration, 0.9));
    }

    [Fact]
    public void Position_alone_is_cleared_by_a_mark() =>
        Assert.Equal([Mark.Unwatched], StateWrites.MarksFrom(Progress(30), default));

    [Fact]
    public void Position_alone_is_moved_without_a_mark() =>
        Assert.Empty(StateWrites.MarksFrom(Progress(30), Progress(40)));

    [Fact]
    public void Position_of_something_unwatched_is_written_again_even_where_it_is_the_same()
    {
        var before = Watched() with { Position = TimeSpan.FromMinutes(30) };

        Assert.Equal([Mark.Unwatched], StateWrites.MarksFrom(before, Progress(30)));
        Assert.True(StateWrites.WritesPosition(before, Progress(30)));
    }

    [Fact]
    public void Position_is_written_where_it_moves_or_marks_have_cleared_it_and_there_is_one()
    {
        Assert.True(StateWrites.WritesPosition(Progress(30), Progress(40)));
        Assert.True(StateWrites.WritesPosition(Progress(30), Watched() with { Position = TimeSpan.FromMinutes(30) }));
        Assert.False(StateWrites.WritesPosition(Progress(30), Progress(30)));
        Assert.False(StateWrites.WritesPosition(Progress(30), Watched()));
        Assert.False(StateWrites.WritesPosition(Progress(30), default));
    }

    [Theory]
    // Unwatched, and the rest not done.
    [InlineData(0, 0, 0, 30, 1, 0, true)]
    [InlineData(0, 0, 2, 30, 1, 0, true)]
    [InlineData(0, 0, 2, 0, 0, 30, true)]
    // Nothing done, or nothing to do.
    [InlineData(0, 0, 0, 0, 1, 0, false)]
    [InlineData(0, 0, 2, 0, 0, 0, false)]
    [InlineData(0, 0, 0, 30, 0, 0, false)]
    [InlineData(0, 0, 0, 20, 0, 30, false)]
    // Watched, and the position not written.
    [InlineData(1, 0, 0, 0, 1, 30, true)]
    [InlineData(1, 0, 0, 20, 1, 30, true)]
    [InlineData(2, 0, 0, 0, 1, 30, false)]
    [InlineData(1, 10, 0, 0, 1, 30, false)]
    // A film that was watched to its end meanwhile, where a position alone was to be written.
    [InlineData(1, 0, 0, 20, 0, 30, false)]
    [InlineData(1, 0, 1, 20, 1, 30, false)]
    [InlineData(1, 0, 0, 0, 1, 0, false)]
    [InlineData(1, 0, 0, 20, 1, 0, false)]
    public void State_is_half_way_when_marks_are_missing_or_the_position_is(
        int views, int position, int viewsBefore, int before, int viewsAfter, int after, bool expected) =>
        Assert.Equal(expected, StateWrites.IsHalfway(State(views, position), State(viewsBefore, before), State(viewsAfter, after)));

    [Theory]
    // Nothing done; all done; some of it done.
    [InlineData(0, 20, 0, 20, 1, 30, true)]
    [InlineData(1, 30, 0, 20, 1, 30, true)]
    [InlineData(1, 20, 0, 20, 1, 30, true)]
    [InlineData(0, 30, 0, 20, 1, 30, true)]
    [InlineData(0, 0, 0, 20, 1, 30, true)]
    [InlineData(1, 0, 0, 20, 1, 30, true)]
    // Cleared, counted, or counted without having been cleared.
    [InlineData(0, 0, 3, 20, 1, 0, true)]
    [InlineData(1, 0, 3, 20, 1, 0, true)]
    [InlineData(4, 0, 3, 20, 1, 0, true)]
    [InlineData(4, 20, 3, 20, 1, 0, true)]
    // Counts that nothing of this leads to.
    [InlineData(2, 0, 3, 20, 1, 0, false)]
    [InlineData(5, 0, 3, 20, 1, 0, false)]
    [InlineData(2, 20, 0, 20, 1, 30, false)]
    [InlineData(1, 30, 0, 20, 0, 30, false)]
    [InlineData(0, 0, 1, 20, 1, 30, false)]
    [InlineData(3, 0, 2, 0, 0, 0, false)]
    // Positions that nothing of this leads to: zero only where a mark may have cleared it.
    [InlineData(0, 25, 0, 20, 1, 30, false)]
    [InlineData(1, 25, 0, 20, 1, 30, false)]
    [InlineData(0, 0, 0, 20, 0, 30, false)]
    [InlineData(0, 20, 0, 20, 0, 30, true)]
    [InlineData(0, 30, 0, 20, 0, 30, true)]
    public void State_is_a_mixture_when_the_writes_can_have_led_to_it(
        int views, int position, int viewsBefore, int before, int viewsAfter, int after, bool expected) =>
        Assert.Equal(expected, StateWrites.IsMixture(State(views, position), State(viewsBefore, before), State(viewsAfter, after)));

    [Theory]
    [InlineData(-1_000, true)]
    [InlineData(1_000, true)]
    [InlineData(-1_001, false)]
    [InlineData(1_001, false)]
    public void Position_of_a_mixture_may_be_a_second_off(int milliseconds, bool expected) =>
        Assert.Equal(
            expected,
            StateWrites.IsMixture(
                State(0, 20) with { Position = TimeSpan.FromMinutes(20) + TimeSpan.FromMilliseconds(milliseconds) },
                State(0, 20),
                State(0, 40)));

    [Theory]
    [InlineData("0/0", "1/10", "0/40", true)]
    [InlineData("0/0", "3/30", "1/0", true)]
    [InlineData("0/0", "1/0", "0/0", false)]
    [InlineData("0/0", "0/0", "1/0", false)]
    [InlineData("1/0", "0/0", "1/30", true)]
    [InlineData("1/0", "0/10", "1/30", true)]
    [InlineData("1/0", "0/0", "0/20", false)]
    [InlineData("1/0", "0/10", "0/20", false)]
    [InlineData("1/0", "0/10", "1/0", false)]
    [InlineData("2/0", "0/0", "1/30", false)]
    [InlineData("1/5", "0/0", "1/30", false)]
    public void State_is_half_way_where_nobody_asked_for_it(string state, string before, string after, bool expected) =>
        Assert.Equal(expected, StateWrites.IsHalfway(States.Parse(state), States.Parse(before), States.Parse(after)));

    [Theory]
    [InlineData("3/30", "3/30", "1/0", true)]
    [InlineData("0/0", "3/30", "1/0", true)]
    [InlineData("4/30", "3/30", "1/0", true)]
    [InlineData("4/0", "3/30", "1/0", true)]
    [InlineData("2/30", "3/30", "1/0", false)]
    [InlineData("5/0", "3/30", "1/0", false)]
    [InlineData("0/5", "3/30", "1/0", false)]
    [InlineData("0/0", "1/10", "0/40", true)]
    [InlineData("0/0", "0/10", "0/40", false)]
    [InlineData("1/0", "0/0", "0/40", false)]
    [InlineData("0/10", "0/10", "0/40", true)]
    [InlineData("2/0", "1/0", "0/0", false)]
    public void Mixture_is_what_some_of_the_writes_lead_to(string state, string before, string after, bool expected) =>
        Assert.Equal(expected, StateWrites.IsMixture(States.Parse(state), States.Parse(before), States.Parse(after)));

    [Theory]
    // The views of the user have a date of their own, before the writes or long after.
    [InlineData("1/0@5", "0/0", "1/0", true)]
    [InlineData("1/0@34", "0/0", "1/0", true)]
    [InlineData("1/0@40", "0/0", "1/0", false)]
    [InlineData("1/0@-10", "0/0", "1/0", false)]
    [InlineData("1/0", "0/0", "1/0", true)]
    [InlineData("1/0", "0/10@-100", "1/0", false)]
    [InlineData("0/0", "3/30@-100", "1/0", true)]
    // What was not written keeps its date.
    [InlineData("3/30@-100", "3/30@-100", "1/0", true)]
    [InlineData("3/30@5", "3/30@-100", "1/0", false)]
    [InlineData("4/30@-100", "3/30@-100", "1/0", true)]
    // A position written where one was before, between marks that came to nothing, has a new date alone.
    [InlineData("0/30@5", "0/30@-100", "1/30", true)]
    [InlineData("0/30@40", "0/30@-100", "1/30", false)]
    [InlineData("0/30@5", "0/30@-100", "1/20", false)]
    [InlineData("1/0@5", "1/0@-100", "0/10", false)]
    // Marking unwatched stamps nothing.
    [InlineData("0/0", "1/0@-100", "0/0", true)]
    [InlineData("1/0@5", "1/0@-100", "0/0", false)]
    [InlineData("0/10@5", "1/10@-100", "0/0", false)]
    public void State_is_of_the_run_where_count_position_and_date_are(string state, string before, string after, bool expected)
    {
        var change = new PlannedChange
        {
            Item = new MediaItem
            {
                RatingKey = RatingKey.Parse("1"),
                Type = MediaType.Movie,
                Title = "Movie",
                State = States.Parse(before),
            },
            Library = LibraryKey.Parse("1"),
            Action = PlannedChange.ActionOf(States.Parse(before), States.Parse(after)),
            After = States.Parse(after),
            Reason = ChangeReason.SourceWatched,
        };
        var announced = States.Start.AddSeconds(2);

        Assert.Equal(expected, change.IsOfRun(States.Parse(state), new WriteTimes([announced], null)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-3, false)]
    [InlineData(60, true)]
    [InlineData(63, false)]
    public void Writes_that_were_not_timed_are_the_runs_within_the_run(int seconds, bool expected) =>
        Assert.Equal(
            expected, new WriteTimes([], new RunSpan(States.Start, States.Start.AddMinutes(1))).Contain(States.Start.AddSeconds(seconds)));

    /// <summary>The server's side of plex-facts §6.7.</summary>
    private static WatchState Execute(WatchState state, WatchState after, bool scrobbleKeepsPosition)
    {
        var before = state;
        foreach (var mark in StateWrites.MarksFrom(before, after))
        {
            state = mark is Mark.Unwatched
                ? default
                : state with { ViewCount = state.ViewCount + 1, Position = scrobbleKeepsPosition ? state.Position : TimeSpan.Zero };
        }

        var isStored = after.Position > TimeSpan.FromSeconds(60) && after.Position < Duration * 0.9;
        return StateWrites.WritesPosition(before, after) && isStored ? state with { Position = after.Position } : state;
    }

    private static WatchState Watched() => new() { ViewCount = 1 };

    private static WatchState State(int views, int minutes) => new() { ViewCount = views, Position = TimeSpan.FromMinutes(minutes) };

    private static WatchState Progress(int minutes) => new() { Position = TimeSpan.FromMinutes(minutes) };
}
