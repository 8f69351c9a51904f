namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What was recorded of a run, put together again.</summary>
public sealed class RunLogTests
{
    private static readonly ServerUser Target = new(MachineIdentifier.Parse("m"), new UserId(2));
    private static readonly RunId Id = RunId.Parse("2026-11-01T20-00-00Z-ab12");
    private static readonly PlannedChange Watched = Recorded.Change("1", "0/0", "1/0");
    private static readonly PlannedChange Begun = Recorded.Change("2", "0/0", "0/20");
    private static readonly PlannedChange Rated = Recorded.Rating("1", 8);

    private readonly RunLog _log = new(Id, number: 3, Recorded.PlanFor(Target, Watched, Begun, Rated), States.Start);

    [Fact]
    public void Change_is_planned_until_it_is_announced_and_unknown_until_its_outcome_is_recorded()
    {
        _log.Announce(Begun, serverTime: null);
        _log.Record(Recorded.Applied(Rated, "0/0"));

        Assert.Equal([ChangeOutcome.Planned, ChangeOutcome.Unknown, ChangeOutcome.Applied], Outcomes);
    }

    [Fact]
    public void Change_that_is_announced_again_is_unknown_again()
    {
        _log.Announce(Watched, States.Start.AddSeconds(1));
        _log.Record(Recorded.Applied(Watched, "1/0@2"));
        _log.Announce(Watched, States.Start.AddSeconds(60));

        var result = _log.ToReport().Results[0];

        Assert.Equal((ChangeOutcome.Unknown, null), (result.Outcome, result.StateAfterRun));
        Assert.Equal([States.Start.AddSeconds(1), States.Start.AddSeconds(60)], result.Announced);
    }

    [Fact]
    public void Last_record_of_a_change_counts_with_all_its_announcements()
    {
        _log.Announce(Watched, States.Start.AddSeconds(1));
        _log.Announce(Watched, serverTime: null);
        _log.Record(Recorded.NotKept(Watched));
        _log.Announce(Watched, States.Start.AddSeconds(9));
        _log.Record(Recorded.Applied(Watched, "1/0@10"));

        var result = _log.ToReport().Results[0];

        Assert.Equal((ChangeOutcome.Applied, States.Start.AddSeconds(9)), (result.Outcome, result.AnnouncedAt));
        Assert.Equal(2, result.Announced.Length);
    }

    [Fact]
    public void Run_that_was_killed_can_have_written_until_a_server_has_settled_what_was_recorded_last()
    {
        _log.RecordedAt = States.Start.AddMinutes(5);

        Assert.Equal(new RunSpan(States.Start, States.Start.AddMinutes(5) + WriteTimes.Settling), _log.ToReport().Span);
        Assert.False(_log.ToRun().IsFinished);
    }

    [Fact]
    public void Run_that_recorded_nothing_was_killed_when_it_began() =>
        Assert.Equal(new RunSpan(States.Start, States.Start + WriteTimes.Settling), _log.ToReport().Span);

    [Fact]
    public void Run_that_was_completed_has_written_until_then()
    {
        _log.RecordedAt = States.Start.AddMinutes(9);
        _log.Complete(verified: 2, new PlexException(PlexErrorKind.InvalidToken, "Gone."), States.Start.AddMinutes(5));

        var report = _log.ToReport();

        Assert.True(_log.IsFinished);
        Assert.Equal(new RunSpan(States.Start, States.Start.AddMinutes(5)), report.Span);
        Assert.Equal((2, PlexErrorKind.InvalidToken, Id), (report.Verified, report.Error?.Kind, report.Run));
    }

    [Fact]
    public void Run_is_listed_with_what_it_wrote_or_may_have()
    {
        _log.Announce(Begun, serverTime: null);
        _log.Record(Recorded.Applied(Watched, "1/0@2"));

        var run = _log.ToRun();

        Assert.Equal((Id, 3, Target.User, States.Start), (run.Id, run.Number, run.Target.Id, run.StartedAt));
        Assert.Equal((3, 2), (run.Changes, run.Written));
        Assert.Equal(
            [(ChangeOutcome.Planned, 1), (ChangeOutcome.Applied, 1), (ChangeOutcome.Unknown, 1)],
            run.Outcomes.OrderBy(static pair => pair.Key).Select(static pair => (pair.Key, pair.Value)));
    }

    private IEnumerable<ChangeOutcome> Outcomes => _log.ToReport().Results.Select(static result => result.Outcome);
}
