namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What a server did not keep is remembered until it is written, or a week has passed.</summary>
public sealed class UnkeptChangeTests
{
    private static readonly ServerUser Target = new(MachineIdentifier.Parse("m"), new UserId(2));
    private static readonly PlannedChange Change = Recorded.Change("1", "0/0", "1/0");
    private static readonly IReadOnlyList<UnkeptChange> Known =
        [new(Change, States.Start), new(Recorded.Change("2", "0/0", "1/0"), States.Start)];

    [Theory]
    [InlineData(0, true)]
    [InlineData(6.9, true)]
    [InlineData(7, false)]
    [InlineData(-6.9, true)]
    [InlineData(-7, false)]
    public void Change_counts_for_a_week_also_where_the_clock_was_ahead(double days, bool expected) =>
        Assert.Equal(expected, new UnkeptChange(Change, States.Start).IsCurrent(States.Start.AddDays(days)));

    [Theory]
    [InlineData(PlexErrorKind.DidNotStick, null, true)]
    [InlineData(PlexErrorKind.PositionCounted, null, true)]
    [InlineData(null, SkipReason.OwnersRating, true)]
    [InlineData(PlexErrorKind.Rejected, null, false)]
    [InlineData(null, SkipReason.PlayedNow, false)]
    public void Change_is_remembered_that_the_server_accepted_and_did_not_keep(PlexErrorKind? error, SkipReason? reason, bool expected)
    {
        var result = new ChangeResult
        {
            Change = Change,
            Outcome = error is null ? ChangeOutcome.Skipped : ChangeOutcome.Failed,
            SkipReason = reason,
            Error = error is { } kind ? new PlexException(kind, "Not kept.") : null,
        };

        Assert.Equal(expected ? [new UnkeptChange(Change, States.Start)] : [], Update([], result));
    }

    [Fact]
    public void Change_that_is_not_kept_again_is_remembered_from_then_on()
    {
        var now = States.Start.AddDays(3);

        var unkept = UnkeptChange.Update(Known, ReportOf(Recorded.NotKept(Change)), now);

        Assert.Equal([("1", now), ("2", States.Start)], unkept.Select(static one => ($"{one.Change.Item.RatingKey}", one.At)));
    }

    [Fact]
    public void Change_that_half_of_was_written_is_still_not_kept() =>
        Assert.Equal(2, Update(Known, Recorded.NotKept(Change) with { StateAfterRun = States.Parse("1/0@9") }).Count);

    [Fact]
    public void Change_that_was_written_is_forgotten() =>
        Assert.Equal("2", $"{Assert.Single(Update(Known, Recorded.Applied(Change, "1/0@9"))).Change.Item.RatingKey}");

    [Fact]
    public void Rating_that_was_written_says_nothing_of_the_items_state() =>
        Assert.Same(Known, Update(Known, Recorded.Applied(Recorded.Rating("1", 8), "0/0")));

    [Fact]
    public void List_stays_the_same_where_nothing_changes() =>
        Assert.Same(Known, Update(Known, new ChangeResult { Change = Change, Outcome = ChangeOutcome.Skipped }));

    private static IReadOnlyList<UnkeptChange> Update(IReadOnlyList<UnkeptChange> known, ChangeResult result) =>
        UnkeptChange.Update(known, ReportOf(result), States.Start);

    private static SyncReport ReportOf(ChangeResult result) => Recorded.ReportOf(Recorded.PlanFor(Target, result.Change), result);
}
