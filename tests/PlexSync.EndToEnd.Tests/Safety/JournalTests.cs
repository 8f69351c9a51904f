using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>One run at a time, on the disk before it writes, and not a write without it.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-journal-");

    [Fact]
    public async Task Plan_is_on_the_disk_before_the_first_write()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var seen = new List<string>();
        session.Plex.Faults.On(request =>
        {
            if (request.IsWrite && seen.Count == 0)
            {
                using var reader = new StreamReader(new FileStream(Files().Single(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                seen.AddRange(reader.ReadToEnd().Split('\n'));
            }

            return false;
        }).Status(500);

        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);

        Assert.Equal(report.Plan.Changes.Count, seen.Count(line => line.StartsWith("{\"change\"", StringComparison.Ordinal)));
        Assert.Contains(seen, line => line.StartsWith("{\"ready\"", StringComparison.Ordinal));
        Assert.Contains(seen, line => line.StartsWith("{\"sending\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Second_run_on_a_user_is_refused_while_the_first_goes_on_and_says_who_holds_it()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        var other = await Synchronizer.PlanAsync(owner, kid);
        await using (await Journal.BeginAsync(plan, TestContext.Current.CancellationToken))
        {
            var error = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync(other, owner, kid));

            Assert.Equal(PlexErrorKind.RunInProgress, error.Kind);
            Assert.Contains($"{Environment.ProcessId}", Assert.Single(error.Candidates), StringComparison.Ordinal);
        }

        Assert.Empty(session.Simulated.Writes);
        await new WatchStateSynchronizer(Journal).ApplyAsync(other, owner, kid);
        Assert.Equal(8, session.Simulated.Writes.DistinctBy(play => play.RatingKey).Count());
    }

    [Fact]
    public async Task Plan_made_while_another_run_was_writing_marks_nothing_twice()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var first = await Synchronizer.PlanAsync(owner, kid);
        SyncPlan? second = null;
        // Whoever reports a write waits for the plan: the run cannot end before it is made.
        var watching = new Watcher(() => second ??= Task.Run(() =>
            Synchronizer.PlanAsync(owner, kid, new SyncOptions { DryRun = true })).GetAwaiter().GetResult());

        await Synchronizer.ApplyAsync(first, owner, kid, progress: watching, cancellationToken: TestContext.Current.CancellationToken);
        await Synchronizer.ApplyAsync(second!, owner, kid);

        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Fact]
    public async Task Dry_run_is_not_applied()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var options = new SyncOptions { DryRun = true };
        var plan = await Synchronizer.PlanAsync(owner, kid, options);

        await Assert.ThrowsAsync<ArgumentException>(() => Synchronizer.ApplyAsync(plan, owner, kid, options));

        Assert.Equal(0, session.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Several_targets_share_one_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var friend = await session.SwitchAsync(owner, "Friend");

        var reports = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid, friend]), [owner, kid, friend]);

        Assert.Equal(reports[0].Run, reports[1].Run);
        Assert.Equal(2, Files().Length);
    }

    [Fact]
    public async Task Run_that_writes_nothing_leaves_nothing()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        await Synchronizer.ApplyAsync(plan, owner, kid);

        var again = await Synchronizer.ApplyAsync(plan, owner, kid);

        Assert.All(again.Results, result => Assert.Equal(SkipReason.AlreadyDone, result.SkipReason));
        Assert.Single(Files());
    }

    [Fact]
    public async Task Nothing_is_written_when_the_journal_cannot_be_begun()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var synchronizer = new WatchStateSynchronizer(new FileStore(Path.Combine(file, "journals")));

        var error = await Assert.ThrowsAsync<PlexException>(
            async () => await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid));

        Assert.Equal(PlexErrorKind.JournalFailed, error.Kind);
        Assert.Empty(session.Simulated.Writes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Run_stops_when_the_disk_is_full(int lines)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var full = new FullDisk(Journal, lines);
        var synchronizer = new WatchStateSynchronizer(full);

        var report = await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);

        Assert.Equal(PlexErrorKind.JournalFailed, report.Error?.Kind);
        Assert.InRange(session.Simulated.Writes.Count, 0, lines);
        Assert.False(Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).IsFinished);

        // Room again: the next run settles it and does the rest.
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        Assert.Empty((await Synchronizer.PlanAsync(owner, kid)).Changes);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Fact]
    public async Task Journal_of_a_run_that_ended_in_an_unexpected_way_is_kept()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Synchronizer.ApplyAsync(
            plan, owner, kid, progress: new Thrower(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.NotEmpty(session.Simulated.Writes);
        Assert.False(Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).IsFinished);
        await Synchronizer.SettleAsync(kid);
        Assert.True(Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).Written > 0);
    }

    [Fact]
    public async Task Item_that_is_being_played_is_left_for_the_next_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        using var file = new MemoryStream();
        await (await Synchronizer.PlanAsync(owner, kid)).WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        session.Simulated.StartPlaying(session.Kid, "2");

        var plan = await Synchronizer.PlanAsync(owner, kid);
        var applied = await Synchronizer.ApplyAsync(await SyncPlan.ReadAsync(file, TestContext.Current.CancellationToken), kid);
        session.Simulated.StartPlaying(session.Kid, "3");
        var undo = await Synchronizer.PlanUndoAsync(applied.Run!.Value, kid);

        Assert.Equal(SkipReason.PlayedNow, Assert.Single(plan.Skipped, skipped => skipped.Item.RatingKey.ToString() == "2").Reason);
        Assert.Equal(SkipReason.PlayedNow, Assert.Single(applied.Results, result => result.Outcome is ChangeOutcome.Skipped).SkipReason);
        Assert.Equal(SkipReason.PlayedNow, Assert.Single(undo.Skipped).Reason);
    }

    [Fact]
    public async Task Run_goes_on_and_says_so_when_nobody_tells_what_is_played()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Plex.Faults.On("/status/sessions").Status(403);
        var (owner, kid) = await ConnectAsync(session);

        var plan = await Synchronizer.PlanAsync(owner, kid);

        Assert.False(plan.IsPlayingKnown);
        Assert.Equal(8, plan.Changes.Count);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private FileStore Journal => new(_folder.FullName);

    private WatchStateSynchronizer Synchronizer => field ??= new(Journal);

    private string[] Files() => Directory.GetFiles(_folder.FullName, "*.jsonl", SearchOption.AllDirectories);

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }

    private sealed class Watcher(Action atFirstWrite) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            if (value is { Phase: SyncPhase.Writing, Done: 1 })
            {
                atFirstWrite();
            }
        }
    }

    private sealed class Thrower : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            if (value is { Phase: SyncPhase.Writing, Done: 3 })
            {
                throw new InvalidOperationException("Unexpected.");
            }
        }
    }

    /// <summary>A journal whose disk has room for the plan and a few lines.</summary>
    private sealed class FullDisk(ISyncStore inner, int lines) : WrappedStore(inner)
    {
        private int _left = lines;

        protected override void OnRecording(bool isLast)
        {
            if (!isLast && Interlocked.Decrement(ref _left) < 0)
            {
                throw new IOException("No space left on device.");
            }
        }
    }
}
