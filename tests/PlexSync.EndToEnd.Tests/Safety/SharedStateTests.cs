using Microsoft.Extensions.Time.Testing;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>Several runs with one journal: at the same time, one after the other on a clock that jumps, and one that vanishes.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SharedStateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-shared-");

    [Fact]
    public async Task Two_runs_at_a_time_that_share_a_pair_both_do_their_work()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var movies = session.World.Server.Libraries[0].Items;
        var keys = movies.Where(item => !item.HiddenFrom.Contains(1002)).Select(item => item.RatingKey).ToList();
        var mirror =
            new SyncOptions { Policy = ConflictPolicies.Mirror, Match = MatchMode.Key, MaxRemovals = 1000, Libraries = ["Movies"] };
        for (var round = 0; round < 3; round++)
        {
            foreach (var key in keys)
            {
                session.Simulated.SetState(1002, key, new ItemState(1, 0, 1_700_000_000));
                session.Simulated.SetState(1003, key, new ItemState(1, 0, 1_700_000_000));
            }

            // Kid and Teen are a pair that both runs have to forget items of.
            await Synchronizer.ApplyAsync(await Synchronizer.PlanMergeAsync([kid, teen]), [kid, teen]);
            var (first, second) = (await Synchronizer.PlanAsync(owner, kid, mirror), await Synchronizer.PlanAsync(owner, teen, mirror));

            var reports = await Task.WhenAll(
                Task.Run(() => Synchronizer.ApplyAsync(first, owner, kid, mirror)),
                Task.Run(() => Synchronizer.ApplyAsync(second, owner, teen, mirror)));

            Assert.All(reports, static report => Assert.Null(report.Error));
            Assert.All(reports, static report => Assert.True(report.Plan.Removals > 0));
        }
    }

    [Fact]
    public async Task Removal_of_one_run_never_travels_as_the_users_own_whatever_another_run_writes_meanwhile()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var unwatched = new SyncOptions { Unwatched = true };
        var mirror = new SyncOptions { Policy = ConflictPolicies.Mirror, MaxRemovals = 1000 };
        for (var round = 0; round < 5; round++)
        {
            foreach (var key in (string[])["6", "7"])
            {
                session.Simulated.SetState(1002, key, new ItemState(1, 0, 1_700_000_000));
                session.Simulated.SetState(1003, key, new ItemState(1, 0, 1_700_000_000));
            }

            // Armed, and agreed on 6 and 7.
            await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(kid, teen, unwatched), kid, teen, unwatched);
            var taking = await Synchronizer.PlanAsync(owner, kid, mirror);
            var copying = await Synchronizer.PlanAsync(kid, teen, unwatched);

            await Task.WhenAll(
                Task.Run(() => Synchronizer.ApplyAsync(taking, owner, kid, mirror)),
                Task.Run(() => Synchronizer.ApplyAsync(copying, kid, teen, unwatched)));
            await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(kid, teen, unwatched), kid, teen, unwatched);

            Assert.Equal((0, 0), (session.Simulated.State(1002, "6").ViewCount, session.Simulated.State(1002, "7").ViewCount));
            Assert.Equal((1, 1), (session.Simulated.State(1003, "6").ViewCount, session.Simulated.State(1003, "7").ViewCount));
        }
    }

    [Fact]
    public async Task Last_run_is_the_one_that_began_last_even_if_the_clock_of_an_earlier_one_was_ahead()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var ahead = new WatchStateSynchronizer(new FileStore(_folder.FullName, InAYear));
        var one = await ahead.ApplyAsync(await ahead.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Movies"] }), owner, kid);
        var two = await Synchronizer.ApplyAsync(
            await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["TV Shows"] }), owner, kid);

        Assert.Equal(two.Run, await FindLastAsync());

        var undo = await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(one.Run!.Value, kid), kid);
        Assert.Equal(two.Run, await FindLastAsync());
        var runs = await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([undo.Run, two.Run, one.Run], runs.Select(run => (RunId?)run.Id));

        await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(two.Run!.Value, kid), kid);
        Assert.Null(await FindLastAsync());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("empty")]
    public async Task Order_of_runs_is_kept_where_the_file_that_counts_them_is_lost(string how)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var ahead = new WatchStateSynchronizer(new FileStore(_folder.FullName, InAYear));
        await ahead.ApplyAsync(await ahead.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Movies"] }), owner, kid);
        var file = Path.Combine(_folder.FullName, "order");
        File.Delete(file);
        if (how != "missing")
        {
            await File.WriteAllTextAsync(file, how == "empty" ? "" : "-7 hundred", TestContext.Current.CancellationToken);
        }

        var two = await Synchronizer.ApplyAsync(
            await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["TV Shows"] }), owner, kid);

        Assert.Equal(two.Run, await FindLastAsync());
    }

    [Fact]
    public async Task Run_that_vanishes_before_it_is_settled_is_passed_over()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        var other = await Journal.BeginAsync(plan, TestContext.Current.CancellationToken);
        // The other process ends, having written nothing, just after this one has seen its run.
        var mine = new WatchStateSynchronizer(new Vanishing(Journal, () =>
        {
            other.CompleteAsync(new SyncReport { Plan = plan, Results = [] }).GetAwaiter().GetResult();
            other.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }));

        Assert.Empty(await mine.SettleAsync(kid, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Resuming_a_run_that_vanishes_says_that_there_is_no_such_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        await using (await Journal.BeginAsync(plan, TestContext.Current.CancellationToken))
        {
        }

        var run = Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));
        var file = Directory.GetFiles(_folder.FullName, "*.jsonl", SearchOption.AllDirectories).Single();
        var mine = new WatchStateSynchronizer(new Vanishing(Journal, () => File.Delete(file)));

        var error = await Assert.ThrowsAsync<PlexException>(() => mine.ResumeAsync(run.Id, kid));

        Assert.Equal(PlexErrorKind.RunNotFound, error.Kind);
    }

    [Fact]
    public async Task Every_folder_and_file_that_a_run_makes_is_its_users_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes; the user's profile is closed to others.");
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        // Accepted and not kept, so that there is a list of such.
        session.Plex.Faults.On("/:/scrobble").And(query => query["key"] == "2").Status(200, "");
        var synchronizer = new WatchStateSynchronizer(new FileStore(Path.Combine(_folder.FullName, "new", "journals")));

        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);

        var made = Directory.GetFileSystemEntries(Path.Combine(_folder.FullName, "new"), "*", SearchOption.AllDirectories);
        foreach (var name in (string[])["journals", "lock", "lock.holder", "order", "pairs", "refused.json"])
        {
            Assert.Contains(made, path => Path.GetFileName(path) == name);
        }

        var others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.All(made, path => Assert.True((File.GetUnixFileMode(path) & others) == UnixFileMode.None, path));
    }

    [Fact]
    public async Task Planted_journal_is_refused_and_nothing_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes; the user's profile is closed to others.");
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        await using (await Journal.BeginAsync(plan, TestContext.Current.CancellationToken))
        {
        }

        var planted = Directory.GetFiles(_folder.FullName, "*.jsonl", SearchOption.AllDirectories).Single();
        File.SetUnixFileMode(planted, File.GetUnixFileMode(planted) | UnixFileMode.OtherWrite);

        var error = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync(plan, owner, kid));

        Assert.Equal((PlexErrorKind.NotPrivate, planted), (error.Kind, error.Subject));
        Assert.Empty(session.Simulated.Writes);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private FileStore Journal => new(_folder.FullName);

    private WatchStateSynchronizer Synchronizer => field ??= new(Journal);

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }

    /// <summary>The clock of a machine that is far ahead.</summary>
    private static FakeTimeProvider InAYear => new(TimeProvider.System.GetUtcNow().AddDays(400));

    private async Task<RunId?> FindLastAsync() =>
        SyncRun.FindLast(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));

    /// <summary>Something happens between the list of the runs and the taking up of one.</summary>
    private sealed class Vanishing(ISyncStore inner, Action vanish) : WrappedStore(inner)
    {
        public override Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default)
        {
            vanish();
            return base.ResumeAsync(run, cancellationToken);
        }
    }
}
