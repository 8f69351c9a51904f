namespace PlexSync.Core.Tests.Synchronization.Remembering;

/// <summary>How runs in a list are found, and which of them were taken back.</summary>
public sealed class SyncRunTests
{
    private static readonly RunId First = IdOf(1), Undo = IdOf(2), Redo = IdOf(3);

    [Fact]
    public void Run_is_found_by_its_number_and_by_its_name()
    {
        SyncRun[] runs = [Run(Undo, 2), Run(First, 1, "Teen"), Run(First, 1)];

        Assert.Equal([runs[1], runs[2]], SyncRun.FindParts(runs, "1"));
        Assert.Equal([runs[1], runs[2]], SyncRun.FindParts(runs, $"{First}"));
        Assert.Equal([runs[0]], SyncRun.PartsOf(runs, Undo));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("last")]
    [InlineData("99999999999999999999")]
    [InlineData("2026-11-22T10-00-09Z-ab12")]
    public void Run_that_is_not_there_has_no_parts(string name) =>
        Assert.Empty(SyncRun.FindParts([Run(First, 1), Run(Undo, 0)], name));

    [Fact]
    public void Run_is_undone_by_a_complete_undo_on_the_same_target()
    {
        SyncRun[] runs = [Run(Undo, 2, undoes: First), Run(First, 1, "Teen"), Run(First, 1)];

        Assert.Equal(runs[0], runs[2].FindUndo(runs));
        Assert.Null(runs[1].FindUndo(runs));
        Assert.Null(runs[0].FindUndo(runs));
        Assert.Equal(First, SyncRun.FindLast(runs));
    }

    [Fact]
    public void Undo_that_was_undone_does_not_count()
    {
        SyncRun[] runs = [Run(Redo, 3, undoes: Undo), Run(Undo, 2, undoes: First), Run(First, 1)];

        Assert.Null(runs[2].FindUndo(runs));
        Assert.Equal(Redo, runs[1].FindUndo(runs)?.Id);
    }

    [Fact]
    public void Undo_that_did_not_do_everything_does_not_count()
    {
        SyncRun[] runs = [Run(Undo, 2, undoes: First) with { IsFinished = false }, Run(First, 1)];

        Assert.Null(runs[1].FindUndo(runs));
    }

    [Fact]
    public void Runs_that_undo_each_other_come_to_an_end()
    {
        SyncRun[] runs = [Run(Undo, 2, undoes: First), Run(First, 1, undoes: Undo)];

        Assert.Null(Record.Exception(() => runs[0].FindUndo(runs)));
    }

    private static RunId IdOf(int second) => RunId.Parse($"2026-11-22T10-00-0{second}Z-ab12");

    private static SyncRun Run(RunId id, long number, string target = "Kid", RunId? undoes = null) => new()
    {
        Id = id,
        Number = number,
        Server = new ServerReference(MachineIdentifier.Parse("nas"), "NAS", "1.43"),
        Source = new UserReference(new UserId(1), "Owner"),
        Target = new UserReference(new UserId(target.Length), target),
        Policy = "copy",
        StartedAt = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
        Undoes = undoes,
        Changes = 1,
        IsFinished = true,
        Outcomes = new Dictionary<ChangeOutcome, int> { [ChangeOutcome.Applied] = 1 },
        Written = 1,
    };
}
