using Microsoft.Extensions.Time.Testing;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Files that version 0.1.0 of November 2026 (8481aaf) wrote: this version reads in them what that one put there.</summary>
public sealed class OlderFilesTests : IDisposable
{
    private static readonly MachineIdentifier Nas = MachineIdentifier.Parse("7919568957ceafcf318df136643e1cd9bc2f701e");

    private static readonly UserId Owner = new(1001);
    private static readonly UserId Kid = new(1002);
    private static readonly UserId Teen = new(1003);
    private static readonly UserId Friend = new(2001);

    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private FileStore Journal => new(Path.Combine(_folder.FullName, "state", "journals"));

    [Fact]
    public async Task Plan_is_read()
    {
        var plan = Assert.Single(await ReadPlansAsync("plan.json"));

        Assert.Equal((Nas, "NAS", "1.43.3.10500-abcdef123"), (plan.Server.MachineIdentifier, plan.Server.Name, plan.Server.Version));
        Assert.Equal((Owner, "Owner", Kid, "Kid"), (plan.Source.Id, plan.Source.Title, plan.Target.Id, plan.Target.Title));
        Assert.Equal((IdentityProof.Proved, "copy", null), (plan.Identity, plan.Policy, plan.Undoes));
        Assert.Equal(
            [("1", 10, 9), ("2", 10, 10)], plan.Libraries.Select(static one => ($"{one.Library.Key}", one.SourceItems, one.TargetItems)));
        Assert.Equal(
            [RatingOf("1"), RatingOf("6"), .. new[] { "2", "3", "4", "5", "13", "14", "15", "16" }.Select(MarkOf)],
            plan.Changes.Select(static change => change.Key));
        var position = plan.Changes.Single(static change => change.Key == MarkOf("4"));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20)), (position.Before.Position, position.After.Position));
        Assert.Equal(LostState.LastViewedAt, position.Lost);
        var rating = plan.Changes[0];
        Assert.Equal((ChangeAction.Rating, 3.0, 8.0), (rating.Action, rating.Before.UserRating, rating.After.UserRating));
        Assert.Equal("Show 1", plan.Changes[^1].Item.ShowTitle);
    }

    [Fact]
    public async Task Plans_of_two_directions_are_read()
    {
        var plans = await ReadPlansAsync("plans.json");

        Assert.Equal(
            [(Owner, Kid, 8, 0), (Kid, Owner, 0, 0)],
            plans.Select(static plan => (plan.Source.Id, plan.Target.Id, plan.Changes.Count, plan.Removals)));
    }

    [Fact]
    public async Task Runs_are_listed()
    {
        var runs = await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                ("2026-11-27T00-09-26Z-eb5c", Teen, "copy", 5, false, 2),
                ("2026-11-27T00-09-26Z-d5ae", Friend, "copy", 5, false, 2),
                ("2026-11-27T00-09-26Z-a625", Friend, "furthest", 4, true, 4),
                ("2026-11-27T00-09-26Z-3e37", Teen, "copy", 4, true, 4),
                ("2026-11-27T00-09-25Z-58ae", Kid, "undo", 6, true, 6),
                ("2026-11-27T00-09-25Z-1cb1", Kid, "copy", 7, true, 6),
            ],
            runs.Select(static run => ($"{run.Id}", run.Target.Id, run.Policy, run.Changes, run.IsFinished, run.Written)));
        Assert.Equal(runs[5].Id, runs[4].Undoes);
        Assert.Equal(1, runs[5].Outcomes[ChangeOutcome.Failed]);
        Assert.Equal(DateTimeOffset.Parse("2026-11-27T00:09:26.1386501Z", null), runs[2].StartedAt);
        Assert.Equal(runs[0].Id, SyncRun.FindLast(runs));
    }

    [Fact]
    public async Task Run_of_this_version_began_after_those_of_an_older_one_whatever_the_clock_says()
    {
        var plan = Assert.Single(await ReadPlansAsync("plan.json"));
        var now = new FileStore(Path.Combine(_folder.FullName, "state", "journals"), new FakeTimeProvider());

        var lease = Assert.Single(await now.BeginAsync([plan], TestContext.Current.CancellationToken));
        await lease.DisposeAsync();

        var runs = await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(7, runs.Count);
        Assert.Equal(lease.Run, runs[0].Id);
        Assert.True(runs[0].StartedAt < runs[6].StartedAt);
    }

    [Fact]
    public async Task Finished_run_is_read_with_its_ratings_and_failures()
    {
        var report = await ReadRunAsync("2026-11-27T00-09-25Z-1cb1");

        Assert.Equal((7, 6), (report.Plan.Changes.Count, report.Verified));
        var rating = report.Results.Single(static result => result.Change.Key == RatingOf("6"));
        Assert.Equal((ChangeOutcome.Applied, 6.5), (rating.Outcome, rating.StateAfterRun?.UserRating));
        var failed = report.Results.Single(static result => result.Outcome is ChangeOutcome.Failed);
        Assert.Equal((MarkOf("7"), PlexErrorKind.DidNotStick, null), (failed.Change.Key, failed.Error?.Kind, failed.StateAfterRun));
        Assert.Equal(
            TimeSpan.FromMinutes(20), report.Results.Single(static result => result.Change.Key == MarkOf("4")).StateAfterRun?.Position);
    }

    [Fact]
    public async Task Undo_is_read()
    {
        var report = await ReadRunAsync("2026-11-27T00-09-25Z-58ae");

        Assert.Equal(RunId.Parse("2026-11-27T00-09-25Z-1cb1"), report.Plan.Undoes);
        Assert.All(report.Results, static result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Null(report.Results.Single(static result => result.Change.Key == RatingOf("6")).StateAfterRun?.UserRating);
        Assert.Equal(0, report.Results.Single(static result => result.Change.Key == MarkOf("2")).StateAfterRun?.ViewCount);
    }

    [Theory]
    [InlineData("2026-11-27T00-09-26Z-d5ae")]
    [InlineData("2026-11-27T00-09-26Z-eb5c")]
    public async Task Killed_run_is_read_up_to_where_it_ended(string run)
    {
        var report = await ReadRunAsync(run);

        Assert.Equal(
            [ChangeOutcome.Applied, ChangeOutcome.Unknown, ChangeOutcome.Planned, ChangeOutcome.Planned, ChangeOutcome.Planned],
            report.Results.Select(static result => result.Outcome));
        Assert.Equal(1, report.Results[0].StateAfterRun?.ViewCount);
    }

    [Fact]
    public async Task Merge_is_read()
    {
        var report = await ReadRunAsync("2026-11-27T00-09-26Z-a625");

        Assert.Equal((Owner, Friend, IdentityProof.Declared), (report.Plan.Source.Id, report.Plan.Target.Id, report.Plan.Identity));
        Assert.Equal([MarkOf("13"), MarkOf("14"), MarkOf("15"), MarkOf("16")], report.Results.Select(static result => result.Change.Key));
    }

    [Fact]
    public async Task What_a_server_did_not_keep_is_remembered()
    {
        var refused = Assert.Single(await Journal.ReadUnkeptAsync(new ServerUser(Nas, Kid), TestContext.Current.CancellationToken)).Change;

        Assert.Equal((MarkOf("7"), ChangeAction.Watched), (refused.Key, refused.Action));
    }

    [Theory]
    [InlineData(1003, true, "13 14 15")]
    [InlineData(1002, false, "")]
    [InlineData(2001, false, "13 14 15")]
    public async Task What_two_users_agreed_on_is_remembered(long other, bool isArmed, string items)
    {
        var baseline = await Journal.ReadAgreementsAsync(
            new ServerUser(Nas, Owner), new ServerUser(Nas, new UserId(other)), TestContext.Current.CancellationToken);

        Assert.Equal(isArmed, baseline?.IsArmed);
        Assert.Equal(items.Split(' ', StringSplitOptions.RemoveEmptyEntries), baseline!.Items.Select(static item => $"{item.One}"));
        Assert.All(baseline.Items, static item => Assert.NotEqual(0UL, item.Work));
    }

    [Fact]
    public async Task Snapshot_is_read()
    {
        await using var file = File.OpenRead(Path.Combine(_folder.FullName, "snapshot.jsonl"));

        var snapshot = await SnapshotReader.ReadAsync(file, TestContext.Current.CancellationToken);

        Assert.Equal((Nas, Owner), (snapshot.Server.MachineIdentifier, snapshot.User.Id));
        Assert.Equal([("Movies", 10), ("TV Shows", 10)], snapshot.Libraries.Select(static one => (one.Library.Title, one.Items.Count)));
        var (first, fifth) = (snapshot.Libraries[0].Items[0], snapshot.Libraries[0].Items[4]);
        Assert.Equal((1, 8.0), (first.State.ViewCount, first.State.UserRating));
        Assert.Contains("imdb://tt0000001", first.ExternalIds);
        Assert.Equal((1, TimeSpan.FromMinutes(30)), (fifth.State.ViewCount, fifth.State.Position));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static ChangeKey MarkOf(string item) => new(RatingKey.Parse(item), IsRating: false);

    private static ChangeKey RatingOf(string item) => new(RatingKey.Parse(item), IsRating: true);

    private async Task<IReadOnlyList<SyncPlan>> ReadPlansAsync(string name)
    {
        await using var file = File.OpenRead(Path.Combine(_folder.FullName, name));
        return await SyncPlan.ReadAllAsync(file, TestContext.Current.CancellationToken);
    }

    private async Task<SyncReport> ReadRunAsync(string run)
    {
        var runs = await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);
        return await Journal.ReadRunAsync(runs.Single(known => $"{known.Id}" == run), TestContext.Current.CancellationToken);
    }
}
