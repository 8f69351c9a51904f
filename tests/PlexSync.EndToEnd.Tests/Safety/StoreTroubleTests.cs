using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>What a run has done is told, and what it agreed on holds, whatever the store and other runs do meanwhile.</summary>
public sealed class StoreTroubleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-trouble-");

    private FileStore Journal => new(_folder.FullName);

    [Fact]
    public async Task Removal_of_a_run_that_is_open_all_the_while_never_travels_as_the_users_own()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid, teen) = await ConnectAsync(session);
        var unwatched = new SyncOptions { Unwatched = true };
        var mirror = new SyncOptions { Policy = ConflictPolicies.Mirror, MaxRemovals = 1000 };
        foreach (var key in (string[])["6", "7"])
        {
            session.Simulated.SetState(1002, key, new ItemState(1, 0, 1_700_000_000));
            session.Simulated.SetState(1003, key, new ItemState(1, 0, 1_700_000_000));
        }

        var synchronizer = new WatchStateSynchronizer(Journal);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(kid, teen, unwatched), kid, teen, unwatched);
        var done = false;
        var gate = new Lock();
        var taking = new WatchStateSynchronizer(new Hooked(Journal)
        {
            Recording = _ =>
            {
                // Nothing is sent before the other run has come and gone.
                lock (gate)
                {
                    if (done)
                    {
                        return;
                    }

                    done = true;
                    Task.Run(async () => await synchronizer.ApplyAsync(
                        await synchronizer.PlanAsync(kid, teen, unwatched), kid, teen, unwatched)).GetAwaiter().GetResult();
                }
            },
        });
        await taking.ApplyAsync(await taking.PlanAsync(owner, kid, mirror), owner, kid, mirror);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(kid, teen, unwatched), kid, teen, unwatched);

        Assert.Equal((0, 0), (session.Simulated.State(1002, "6").ViewCount, session.Simulated.State(1002, "7").ViewCount));
        Assert.Equal((1, 1), (session.Simulated.State(1003, "6").ViewCount, session.Simulated.State(1003, "7").ViewCount));
    }

    [Fact]
    public async Task Cancelled_run_reports_what_it_did_although_a_lock_that_it_did_not_come_to_is_gone()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        var synchronizer = new WatchStateSynchronizer(Journal);
        var plans = await synchronizer.PlanAsync(owner, [kid, teen]);
        Assert.All(plans, static plan => Assert.NotEmpty(plan.Changes));
        using var cancellation = new CancellationTokenSource();
        session.Plex.Faults.On(request =>
        {
            if (request.Path == "/:/scrobble" && !cancellation.IsCancellationRequested)
            {
                File.Delete(Directory.GetFiles(_folder.FullName, "lock", SearchOption.AllDirectories)
                    .Single(static path => path.Contains("user-1003", StringComparison.Ordinal)));
                cancellation.Cancel();
            }

            return false;
        }).Hang();

        var error = await Assert.ThrowsAsync<SyncCanceledException>(
            () => synchronizer.ApplyAsync(plans, [owner, kid, teen], cancellationToken: cancellation.Token));
        Assert.NotEmpty(error.Reports);
    }

    [Fact]
    public async Task What_was_written_is_reported_although_agreements_fail_in_a_way_of_the_stores_own()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session);
        var wrote = false;
        var synchronizer = new WatchStateSynchronizer(new Hooked(Journal)
        {
            Recording = last => wrote |= last,
            Changing = () =>
            {
                if (wrote)
                {
                    throw new InvalidOperationException("The database is gone.");
                }
            },
        });
        var plan = await synchronizer.PlanAsync(owner, kid);

        var report = await synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Equal(PlexErrorKind.JournalFailed, report.Error?.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task First_target_is_reported_although_the_store_cannot_be_read_before_the_second(bool isPlex)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        var wrote = false;
        var synchronizer = new WatchStateSynchronizer(new Hooked(Journal)
        {
            Recording = last => wrote |= last,
            Marks = user =>
            {
                if (wrote && user.User.Value == 1003)
                {
                    throw isPlex ? new PlexException(PlexErrorKind.JournalFailed, "x") : new InvalidOperationException("It is gone.");
                }
            },
        });
        var plans = await synchronizer.PlanAsync(owner, [kid, teen]);

        var reports = await synchronizer.ApplyAsync(plans, [owner, kid, teen]);

        Assert.Equal(plans[0].Changes.Count, reports[0].Count(ChangeOutcome.Applied));
    }

    [Fact]
    public async Task Removal_is_left_out_when_the_store_fails_in_a_way_of_its_own()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session);
        var mirror = new SyncOptions { Policy = ConflictPolicies.Mirror, MaxRemovals = 1000 };
        session.Simulated.SetState(1002, "6", new ItemState(1, 0, 1_700_000_000));
        session.Simulated.SetState(1002, "7", new ItemState(1, 0, 1_700_000_000));
        var isOn = false;
        var synchronizer = new WatchStateSynchronizer(new Hooked(Journal)
        {
            Marks = user =>
            {
                if (isOn && user.User.Value == 1001)
                {
                    throw new InvalidOperationException("The database is gone.");
                }
            },
        });
        var plan = await synchronizer.PlanAsync(owner, kid, mirror);
        Assert.True(plan.Removals > 0);
        isOn = true;

        var report = await synchronizer.ApplyAsync(plan, owner, kid, mirror);

        Assert.NotNull(report);
    }

    [Fact]
    public async Task Plan_applied_twice_does_not_take_back_what_it_agreed_on()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session);
        var options = new SyncOptions { Unwatched = true };
        var synchronizer = new WatchStateSynchronizer(Journal);
        var plan = await synchronizer.PlanAsync(owner, kid, options);
        await synchronizer.ApplyAsync(plan, owner, kid, options);
        var first = (await Journal.ReadAgreementsAsync(UserOf(owner), UserOf(kid)))!.Items.Count();
        await synchronizer.ApplyAsync(plan, owner, kid, options);
        var second = (await Journal.ReadAgreementsAsync(UserOf(owner), UserOf(kid)))!.Items.Count();

        Assert.Equal((first, true), (second, first > 0));
    }

    [Fact]
    public async Task Nothing_is_sent_any_more_once_a_request_could_outlast_the_lease()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid, _) = await ConnectAsync(session);
        var left = 3;
        var synchronizer = new WatchStateSynchronizer(new Hooked(Journal)
        {
            Sending = () =>
            {
                if (Interlocked.Decrement(ref left) < 0)
                {
                    throw new PlexException(PlexErrorKind.LeaseLost, "It ends too soon.");
                }
            },
        });
        var plan = await synchronizer.PlanAsync(owner, kid);

        var report = await synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Equal(3, session.Simulated.Writes.Count);
        Assert.Equal(PlexErrorKind.LeaseLost, report.Error?.Kind);

        // The next owner settles what was announced, and writes the rest once.
        var next = new WatchStateSynchronizer(Journal);
        await next.ApplyAsync(await next.PlanAsync(owner, kid), owner, kid);
        Assert.Empty((await next.PlanAsync(owner, kid)).Changes);
        Assert.DoesNotContain(
            session.Simulated.Writes.Where(static write => write.Kind is WriteKind.Scrobble).CountBy(static write => write.RatingKey),
            static item => item.Value > 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_that_is_removed_after_it_was_listed_does_not_end_another(bool isQuick)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session);
        var gone = 0;
        using var memory = new MemoryStore();
        var synchronizer = new WatchStateSynchronizer(new Hooked(memory)
        {
            Reading = run =>
            {
                gone++;
                throw new PlexException(PlexErrorKind.RunNotFound, $"There is no run {run.Id}.");
            },
        });
        var options = new SyncOptions { Policy = ConflictPolicies.Newest, Quick = isQuick };
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, options), owner, kid, options);
        // Another run on Kid, which the first knows nothing of.
        var other = new WatchStateSynchronizer(memory);
        session.Simulated.Edit(static server => server.Library("Movies").AddMovie("New", 2026).WatchedBy(server.World.Owner));
        await other.ApplyAsync(await other.PlanAsync(owner, kid), owner, kid);

        var plan = await synchronizer.PlanAsync(owner, kid, options);

        Assert.Empty(plan.Changes);
        Assert.True(gone > 0);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static ServerUser UserOf(PlexServer server) => new(server.MachineIdentifier, server.User.Id);

    private static async Task<(PlexServer Owner, PlexServer Kid, PlexServer Teen)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"), await session.SwitchAsync(owner, "Teen", "4321"));
    }

    private sealed class Hooked(ISyncStore inner) : WrappedStore(inner)
    {
        public Action<bool> Recording { get; init; } = static _ => { };

        public Action Changing { get; init; } = static () => { };

        public Action<ServerUser> Marks { get; init; } = static _ => { };

        public Action Sending { get; init; } = static () => { };

        public Action<SyncRun> Reading { get; init; } = static _ => { };

        public override Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default)
        {
            Reading(run);
            return base.ReadRunAsync(run, cancellationToken);
        }

        public override Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default)
        {
            Marks(target);
            return base.ListMarksAsync(target, cancellationToken);
        }

        public override Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default)
        {
            Changing();
            return base.ChangeAgreementsAsync(change, cancellationToken);
        }

        protected override void OnRecording(bool isLast) => Recording(isLast);

        protected override void OnSending() => Sending();
    }
}
