using System.Globalization;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The life of a change, as a table: what happens to it, and what is known of it then.</summary>
/// <remarks>
/// Watch states are views, minutes and the second of the date. After the state of the change and its outcome come the watch state that the
/// run left, and what holds: the change is <c>p</c>ending, <c>l</c>ost, <c>t</c>ouched, to be <c>c</c>hecked by reading, found as planned
/// by rea<c>d</c>ing, the <c>u</c>ser's, or waits for its position (<c>w</c>).
/// </remarks>
public sealed class ChangeExecutionTests
{
    private static readonly PlexException Refusal = new(PlexErrorKind.Rejected, "No.");

    [Theory]
    // Marks.
    [InlineData("0/0", "1/0", "", "Pending: Planned - p")]
    [InlineData("0/0", "1/0", "sending", "Sent: Failed 0/0 plt")]
    [InlineData("0/0", "1/0", "mark W", "Announced: Failed 1/0 ptc")]
    [InlineData("0/0", "1/0", "mark W, reached", "Written: Applied 1/0 tc")]
    [InlineData("0/0", "1/0", "mark W, reached, read 1/0@5", "Verified: Applied 1/0@5 td")]
    [InlineData("0/10", "1/0", "mark U", "Announced: Failed 0/0 ptc")]
    [InlineData("0/10", "1/0", "mark U, mark W, reached", "Written: Applied 1/0 tc")]
    [InlineData("3/0", "0/0", "mark U, reached, read 0/0", "Verified: Applied 0/0 td")]
    // A view beyond the planned one is the user's own.
    [InlineData("0/0", "1/0", "mark W, reached, read 3/0@5", "Verified: Applied 1/0@5 td")]
    // Refused: only what was accepted before is left.
    [InlineData("0/0", "1/0", "sending, refused", "Failed: Failed -")]
    [InlineData("0/10", "1/0", "mark U, sending, refused", "Failed: Failed 0/0 tc")]
    [InlineData("0/10", "1/0", "mark U, sending, refused, read 0/0", "Failed: Failed 0/0 t")]
    [InlineData("0/10@-60", "1/0", "mark U, sending, refused, read 0/10@-60", "Failed: Failed -")]
    [InlineData("0/10", "1/0", "mark U, sending, refused, read 0/40@900", "Failed: Failed 0/0 t")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, refused, read 0/0", "Failed: Failed -")]
    // In doubt: a mark is looked up, a position looked for.
    [InlineData("0/0", "1/0", "sending, doubt", "Lost: Unknown 0/0 lt")]
    [InlineData("0/0", "1/0", "sending, cut", "Lost: Unknown 0/0 lt")]
    [InlineData("0/0", "1/0", "sending, doubt, saw 1/0@5", "Verified: Applied 1/0@5 td")]
    [InlineData("0/0", "1/0", "sending, doubt, saw 0/0", "Announced: Failed 0/0 pt")]
    [InlineData("0/0", "1/0", "sending, doubt, given up", "InDoubt: Unknown 0/0 t")]
    [InlineData("0/10", "1/0", "sending, doubt, given up 0/0", "InDoubt: Unknown 0/0 t")]
    [InlineData("0/0", "1/0", "sending, doubt, left 5/0@-90", "Theirs: Unknown 5/0@-90 tu")]
    [InlineData("0/0", "1/0", "sending, doubt, left", "Theirs: Unknown 0/0 tu")]
    [InlineData("0/0", "0/30", "positioning, doubt", "InDoubt: Unknown 0/0 tc")]
    [InlineData("0/0", "0/30", "positioning, cut", "Lost: Unknown 0/0 ltc")]
    [InlineData("0/0", "0/30", "positioning, doubt, read 0/30@5", "Verified: Applied 0/30@5 td")]
    [InlineData("0/0", "0/30", "positioning, doubt, read 0/0", "InDoubt: Unknown 0/0 t")]
    // Positions.
    [InlineData("0/0", "0/30", "", "Pending: Planned - pw")]
    [InlineData("0/0", "1/30", "", "Pending: Planned - p")]
    [InlineData("0/0", "1/30", "mark W, reached", "Announced: Failed 1/0 ptcw")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, positioned", "Written: Applied 1/30 tc")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, positioned, read 1/30@5", "Verified: Applied 1/30@5 td")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, positioned, read 2/0@5", "Failed: Failed 2/0@5 t PositionCounted")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, positioned, read 2/0", "Failed: Failed 2/0 t PositionCounted")]
    [InlineData("0/0", "1/30", "mark W, reached, positioning, positioned, read 2/0@900", "Written: Applied 1/30 t")]
    // Accepted and not kept: to be written once more.
    [InlineData("0/0", "1/0", "mark W, reached, miss 0/0", "Lost: Unknown 0/0 lt")]
    [InlineData("0/0", "1/0", "mark W, reached, miss 0/0, saw 0/0", "Announced: Failed 0/0 pt")]
    [InlineData("0/0", "0/30", "positioning, positioned, miss 0/0", "Lost: Unknown 0/0 lt")]
    [InlineData("0/0", "1/0", "mark W, reached, miss 0/0, given up, refused", "Failed: Failed -")]
    // Another state, or one with a date of its own, is the user's doing.
    [InlineData("3/0@-60", "0/0", "mark U, reached, read 1/0@900", "Written: Applied 0/0 t")]
    [InlineData("3/0@-60", "0/0", "mark U, reached, read 0/9@5", "Written: Applied 0/0 t")]
    // Left out: before anything was sent, and afterwards.
    [InlineData("0/0", "1/0", "skip", "Skipped: Skipped - PlayedNow")]
    [InlineData("0/10", "1/0", "mark U, skip", "Failed: Failed 0/0 tc")]
    [InlineData("0/0", "1/0", "sending, doubt, skip", "InDoubt: Unknown 0/0 t")]
    [InlineData("0/0", "1/0", "sending, doubt, left, skip", "Theirs: Unknown 0/0 tu")]
    // Read again, before a write that relies on it.
    [InlineData("1/0@-60", "0/0", "refresh 1/0@-60", "Pending: Planned - p")]
    [InlineData("1/0", "0/0", "refresh 1/0@-60", "Pending: Planned - p")]
    [InlineData("1/0@-60", "0/0", "refresh 1/0@-50", "Skipped: Skipped - ChangedSincePlanned")]
    [InlineData("1/0@-60", "0/0", "refresh 2/0@-60", "Skipped: Skipped - ChangedSincePlanned")]
    [InlineData("1/0@-60", "0/0", "refresh 0/0", "Skipped: Skipped - AlreadyDone")]
    [InlineData("1/0@-60", "0/0", "refresh damaged", "Skipped: Skipped - StateDamaged")]
    [InlineData("1/0@-60", "0/0", "refresh gone", "Skipped: Skipped - NotVisibleToTarget")]
    [InlineData("1/0@-60", "0/0", "refresh other", "Skipped: Skipped - NotSameItem")]
    [InlineData("0/0", "1/30", "mark W, reached, refresh 1/0@5", "Announced: Failed 1/0 ptcw")]
    [InlineData("0/0", "1/30", "mark W, reached, refresh 1/30@5", "Verified: Applied 1/30@5 tcd")]
    [InlineData("0/0", "1/30", "mark W, reached, refresh 2/0@5", "Failed: Failed 1/0 tc")]
    // A killed run had announced it.
    [InlineData("0/0", "1/0", "sending, doubt, adopt 1/0@5", "Verified: Applied 1/0@5 td")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt 0/0", "Withdrawn: Planned -")]
    [InlineData("0/0", "1/0", "sending, doubt, finish 0/0", "Announced: Planned - p")]
    [InlineData("0/10@-60", "1/0", "sending, doubt, adopt 0/0", "Announced: Failed 0/0 pt")]
    [InlineData("0/0", "1/30", "sending, doubt, adopt 1/0@5", "Announced: Failed 1/0@5 ptw")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt 1/0@900", "Theirs: Unknown 1/0@900 tu")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt 4/0@5", "Theirs: Unknown 4/0@5 tu")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt gone", "Theirs: Unknown 0/0 tu")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt damaged", "Theirs: Unknown 0/0 tu")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt other", "Theirs: Unknown 0/0 tu")]
    public void Change_lives_by_the_table(string before, string after, string events, string expected)
    {
        var entry = new ChangeExecution(Change(before, after), States.Start, run: null);

        Play(entry, events);

        Assert.Equal(expected, Describe(entry));
    }

    [Theory]
    [InlineData(null, 8.0, "sending, rated", "Written: Applied 8 tc")]
    [InlineData(null, 8.0, "sending, rated, read 8", "Verified: Applied 8 td")]
    [InlineData(6.0, 8.0, "sending, rated, read 6", "NotKept: Applied 6 t")]
    [InlineData(6.0, null, "refresh 6", "Pending: Planned - p")]
    [InlineData(6.0, 8.0, "refresh 4", "Skipped: Skipped - ChangedSincePlanned")]
    [InlineData(6.0, 8.0, "refresh 8", "Skipped: Skipped - AlreadyDone")]
    [InlineData(6.0, 8.0, "sending, refused", "Failed: Failed -")]
    [InlineData(6.0, 8.0, "sending, cut, adopt 8", "Verified: Applied 8 tcd")]
    [InlineData(6.0, 8.0, "sending, cut, finish 6", "Announced: Planned - pc")]
    [InlineData(6.0, 8.0, "sending, cut, adopt 4", "Theirs: Unknown 4 tcu")]
    public void Rating_lives_by_the_table(double? before, double? after, string events, string expected)
    {
        var entry = new ChangeExecution(
            Change(new WatchState { UserRating = before }, new WatchState { UserRating = after }), States.Start, run: null);

        Play(entry, events, static text => new WatchState { UserRating = double.Parse(text, CultureInfo.InvariantCulture) });

        Assert.Equal(expected, Describe(entry, static state => $"{state.UserRating}"));
    }

    [Theory]
    [InlineData(ChangeOutcome.Applied, "1/0@5", false, "Written: Applied 1/0@5 t")]
    [InlineData(ChangeOutcome.Failed, null, true, "Failed: Failed -")]
    [InlineData(ChangeOutcome.Unknown, "0/0", false, "Lost: Unknown 0/0 lt")]
    [InlineData(ChangeOutcome.Unknown, null, true, "Lost: Unknown 0/0 lt")]
    [InlineData(ChangeOutcome.Planned, null, true, "Pending: Planned - p")]
    [InlineData(ChangeOutcome.Planned, null, false, "Untried: Planned -")]
    public void Change_of_a_killed_run_goes_on_from_what_was_recorded(ChangeOutcome outcome, string? left, bool finish, string expected)
    {
        var recorded =
            new ChangeResult { Change = Change("0/0", "1/0"), Outcome = outcome, StateAfterRun = left is null ? null : States.Parse(left) };

        var entry = new ChangeExecution(recorded, finish, run: null);

        Assert.Equal(expected, Describe(entry));
        var isDecided = outcome is ChangeOutcome.Applied or ChangeOutcome.Failed;
        Assert.Equal((isDecided, isDecided ? recorded : null), (entry.IsOld, entry.Recorded));
        Assert.Equal(outcome is ChangeOutcome.Unknown, entry.IsAnnounced);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("sending, doubt", false)]
    [InlineData("sending, doubt, given up", true)]
    [InlineData("mark W, reached", true)]
    [InlineData("skip", true)]
    public void Change_is_decided_once_nothing_is_out_any_more(string events, bool expected)
    {
        var entry = new ChangeExecution(Change("0/0", "1/0"), States.Start, run: null);

        Play(entry, events);

        Assert.Equal(expected, entry.IsDecided);
    }

    [Theory]
    [InlineData("Pending", ChangeOutcome.Planned, "Announced Written Verified Skipped Failed")]
    [InlineData("Untried", ChangeOutcome.Planned, "")]
    [InlineData("Announced", ChangeOutcome.Planned, "Announced Sent Written Verified Skipped Failed")]
    [InlineData("Sent", ChangeOutcome.Planned, "Announced Lost InDoubt Written Failed")]
    [InlineData("Lost", ChangeOutcome.Unknown, "Pending Announced Withdrawn InDoubt Theirs Verified")]
    [InlineData("Withdrawn", ChangeOutcome.Planned, "")]
    [InlineData("InDoubt", ChangeOutcome.Unknown, "Lost InDoubt Verified Failed")]
    [InlineData("Theirs", ChangeOutcome.Unknown, "")]
    [InlineData("Written", ChangeOutcome.Applied, "Written Verified NotKept Failed")]
    [InlineData("Verified", ChangeOutcome.Applied, "Written Verified NotKept Failed")]
    [InlineData("NotKept", ChangeOutcome.Applied, "Lost Failed")]
    [InlineData("Skipped", ChangeOutcome.Skipped, "")]
    [InlineData("Failed", ChangeOutcome.Failed, "Skipped Failed")]
    public void State_is_followed_by_these_alone(string state, ChangeOutcome outcome, string following)
    {
        var subject = Enum.Parse<ChangeState>(state);

        Assert.Equal(following, string.Join(' ', Enum.GetValues<ChangeState>().Where(next => subject.CanBecome(next))));
        Assert.Equal(outcome, subject.ToOutcome());
    }

    [Theory]
    // Not announced.
    [InlineData("0/0", "1/0", "", "sent")]
    [InlineData("0/0", "1/0", "announced, skip", "sent")]
    [InlineData("0/10", "1/0", "mark U, sending, doubt", "sent")]
    // Its answer is still out, or lost and not read yet.
    [InlineData("0/0", "1/0", "sending", "sent")]
    [InlineData("0/0", "1/0", "sending, doubt", "announced")]
    [InlineData("0/0", "1/0", "sending, cut", "announced")]
    [InlineData("0/0", "1/0", "mark W, reached, miss 0/0", "announced")]
    [InlineData("0/0", "0/30", "positioning, doubt", "announced")]
    // Nothing more is done.
    [InlineData("0/0", "1/0", "sending, doubt, given up", "announced")]
    [InlineData("0/0", "1/0", "sending, doubt, left", "announced")]
    [InlineData("0/0", "1/0", "sending, doubt, adopt 0/0", "announced")]
    [InlineData("0/0", "1/0", "mark W, reached", "announced")]
    [InlineData("0/0", "1/0", "mark W, reached, read 1/0@5", "announced")]
    [InlineData("0/0", "1/0", "mark W, reached, read 0/0", "announced")]
    [InlineData("0/0", "1/0", "sending, refused", "announced")]
    [InlineData("0/0", "1/0", "skip", "announced")]
    public void Change_is_not_sent_once_too_often(string before, string after, string events, string step)
    {
        var entry = new ChangeExecution(Change(before, after), States.Start, run: null);
        Play(entry, events);
        var expected = (entry.State, entry.Announced.Length);

        Assert.Throws<InvalidOperationException>(() => Do(entry, step));

        Assert.Equal(expected, (entry.State, entry.Announced.Length));
    }

    [Theory]
    [InlineData(false, "Announced", true)]
    [InlineData(true, "Pending", false)]
    public void Change_is_announced_again_once_its_outcome_was_recorded(bool isRecorded, string state, bool isAnnounced)
    {
        var entry = new ChangeExecution(Change("0/0", "1/0"), States.Start, run: null);
        Play(entry, "mark W, reached");
        if (isRecorded)
        {
            entry.Record(entry.ToResult());
        }

        Play(entry, "miss 0/0, saw 0/0");

        Assert.Equal((state, isAnnounced), ($"{entry.State}", entry.IsAnnounced));
    }

    [Fact]
    public void Length_and_time_of_the_last_reading_are_kept()
    {
        var entry = new ChangeExecution(Change("1/0", "0/0"), States.Start, run: null);

        StateRefresher.Compare(entry, Item(States.Parse("1/0")) with { Duration = TimeSpan.FromMinutes(7) }, States.Start.AddMinutes(3));

        Assert.Equal((TimeSpan.FromMinutes(7), States.Start.AddMinutes(3)), (entry.Duration, entry.ReadAt));
    }

    [Fact]
    public void Doubt_is_remembered_when_the_next_attempt_goes_well()
    {
        var entry = new ChangeExecution(Change("0/0", "1/0"), States.Start, run: null);

        Play(entry, "sending, doubt, saw 0/0, mark W, reached");

        Assert.Equal((null, Refusal), (entry.Error, entry.Doubted));
    }

    private static void Play(ChangeExecution entry, string events, Func<string, WatchState>? parse = null)
    {
        parse ??= States.Parse;
        foreach (var step in events.Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            var last = step[(step.LastIndexOf(' ') + 1)..];
            var item = last switch
            {
                "gone" => null,
                "damaged" => Item(default) with { IsStateDamaged = true },
                "other" => Item(default) with { Title = "Another" },
                _ => char.IsAsciiDigit(last[0]) ? Item(parse(last)) : null,
            };
            switch (step.Replace(last, "", StringComparison.Ordinal).Trim())
            {
                case "mark":
                    Send(entry);
                    entry.Marked(last == "W" ? Mark.Watched : Mark.Unwatched);
                    break;
                case "read":
                    entry.IsMissingIn(item!.State);
                    break;
                case "miss":
                    Assert.True(entry.IsMissingIn(item!.State));
                    entry.Missed();
                    break;
                case "saw":
                    entry.Observed(item!.State);
                    break;
                case "refresh":
                    StateRefresher.Compare(entry, item, States.Start.AddMinutes(1));
                    break;
                case "adopt":
                    LostWrites.Adopt(entry, item, finish: false);
                    break;
                case "finish":
                    LostWrites.Adopt(entry, item, finish: true);
                    break;
                case "left":
                    entry.Leave(item!.State);
                    break;
                case "given" or "given up":
                    entry.GiveUp(item?.State);
                    break;
                default:
                    Do(entry, step);
                    break;
            }
        }
    }

    private static void Do(ChangeExecution entry, string step)
    {
        Action act = step switch
        {
            "announced" => () => entry.Announce(States.Start.AddSeconds(2)),
            "sent" => entry.Sending,
            "sending" or "positioning" => () => Send(entry),
            "reached" => entry.Reached,
            "positioned" => entry.Positioned,
            "rated" => entry.Rated,
            "refused" => () => entry.Refused(Refusal),
            "doubt" => () => entry.Doubt(Refusal),
            "cut" => () => entry.Doubt(null),
            "skip" => () => entry.Skip(SkipReason.PlayedNow),
            "left" => () => entry.Leave(null),
            _ => throw new ArgumentException(step),
        };
        act();
    }

    private static void Send(ChangeExecution entry)
    {
        entry.Announce(States.Start.AddSeconds(2));
        entry.Sending();
    }

    private static string Describe(ChangeExecution entry, Func<WatchState, string>? format = null)
    {
        var result = entry.ToResult();
        var holds = string.Concat(
            entry.IsPending ? "p" : "",
            entry.IsLost ? "l" : "",
            entry.IsTouched ? "t" : "",
            entry.IsToVerify ? "c" : "",
            entry.State is ChangeState.Verified ? "d" : "",
            entry.State is ChangeState.Theirs ? "u" : "",
            entry.AwaitsPosition ? "w" : "");
        var error = result.Error is { } e && e != Refusal ? $"{e.Kind}" : "";
        var left = result.StateAfterRun is { } state ? (format ?? Format)(state) : "-";
        return $"{entry.State}: {result.Outcome} {left} {holds} {error}{result.SkipReason}".Trim()
            .Replace("  ", " ", StringComparison.Ordinal);
    }

    private static PlannedChange Change(string before, string after) => Change(States.Parse(before), States.Parse(after));

    private static PlannedChange Change(WatchState before, WatchState after) => new()
    {
        Item = Item(before),
        Library = LibraryKey.Parse("1"),
        Action = PlannedChange.ActionOf(before, after),
        After = after,
        Reason = ChangeReason.SourceWatched,
    };

    private static MediaItem Item(WatchState state) => new()
    {
        RatingKey = RatingKey.Parse("1"),
        Type = MediaType.Movie,
        Title = "Movie",
        Duration = TimeSpan.FromMinutes(100),
        State = state,
    };

    private static string Format(WatchState state) =>
        $"{state.ViewCount}/{(int)state.Position.TotalMinutes}"
        + (state.LastViewedAt is { } date ? $"@{(date - States.Start).TotalSeconds}" : "");
}
