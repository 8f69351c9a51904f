using System.Text.RegularExpressions;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>An undo takes back the run's doing, all of it, and nothing else.</summary>
public abstract class UndoTests(StoreKind kind) : StoreTests(kind)
{
    [Fact]
    public async Task Undo_leaves_what_the_user_watched_before_a_killed_run_was_settled()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        // Killed before anything was sent.
        await using (await Journal.BeginAsync(plan, TestContext.Current.CancellationToken))
        {
        }

        var run = Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 0, 1_790_000_000));

        await Synchronizer.SettleAsync(kid);

        Assert.False(run.IsFinished);
        Assert.Empty(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
    }

    [Fact]
    public async Task Undo_takes_a_run_over_several_targets_back_at_once()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var users = new[] { session.Kid, session.World.User("Teen") };
        var before = WatchedBy(session, users);
        var reports = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid, teen]), [kid, teen]);
        var parts = SyncRun.FindParts(await Synchronizer.ListRunsAsync(), $"{reports[0].Number}");

        var plans = await Synchronizer.PlanUndoAsync(parts[0].Id, [teen, kid]);
        var undone = await Synchronizer.ApplyAsync(plans, [kid, teen]);

        Assert.Equal(2, parts.Select(static part => part.TargetUser).Intersect([kid.ServerUser, teen.ServerUser]).Count());
        Assert.Equal([teen.ServerUser, kid.ServerUser], plans.Select(static plan => plan.TargetUser));
        Assert.Equal(before, WatchedBy(session, users));
        var runs = await Synchronizer.ListRunsAsync();
        Assert.Equal([2, 2, 1, 1], runs.Select(static run => run.Number));
        Assert.All(undone, static report => Assert.Equal(2, report.Number));
        Assert.All(parts, part => Assert.Equal(undone[0].Run, part.FindUndo(runs)?.Id));
        Assert.Null(SyncRun.FindLast(runs));
    }

    [Fact]
    public async Task Undo_settles_the_killed_runs_on_all_targets_before_it_plans()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var plans = await Synchronizer.PlanAsync(owner, [kid, teen]);
        foreach (var lease in await Journal.BeginAsync(plans, TestContext.Current.CancellationToken))
        {
            await using (lease)
            {
                // Killed right after a change was announced, and before it was sent.
                var change = plans[0].Changes[0];
                await lease.AnnounceAsync(change, serverTime: null, TestContext.Current.CancellationToken);
            }
        }

        var run = (await Synchronizer.ListRunsAsync())[0].Id;

        var exact = await Synchronizer.PlanUndoAsync(run, [kid, teen], dryRun: true);
        Assert.All(await Synchronizer.ListRunsAsync(), static part => Assert.False(part.IsFinished));
        var e = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanUndoAsync(run, [kid, teen]));

        Assert.Equal(2, exact.Count);
        // Nothing of it had happened, so that nothing is left to take back.
        Assert.Equal(PlexErrorKind.RunNotFound, e.Kind);
        Assert.Empty(await Synchronizer.ListRunsAsync());
    }

    [Fact]
    public async Task Undo_names_a_target_that_was_not_in_the_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);

        var missing = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanUndoAsync(report.Run!.Value, [kid, teen]));
        var twice = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanUndoAsync(report.Run!.Value, [kid, kid]));

        Assert.Equal((PlexErrorKind.RunNotFound, PlexErrorKind.SameUser), (missing.Kind, twice.Kind));
        Assert.Empty(await Synchronizer.PlanUndoAsync(report.Run!.Value, []));
    }

    [Fact]
    public async Task Undo_names_items_whose_rating_key_was_given_to_another()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        session.Simulated.Edit(server => server.Libraries[0].Items[1].Title = "Another film");

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal(SkipReason.NotSameItem, Assert.Single(undo.Skipped).Reason);
        Assert.DoesNotContain(undo.Changes, change => change.Item.RatingKey.ToString() == "2");
    }

    [Fact]
    public async Task Last_run_is_the_one_that_began_last()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var options = new SyncOptions { Libraries = ["TV Shows"] };
        var old = await Synchronizer.PlanAsync(owner, kid, options);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Movies"] }), owner, kid);

        var applied = await Synchronizer.ApplyAsync(old, owner, kid);

        var runs = await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(applied.Run, runs[0].Id);
        Assert.Equal(applied.Run, SyncRun.FindLast(runs));
    }

    [Theory]
    [InlineData(30 * 86_400)]
    [InlineData(-3600)]
    [InlineData(null)]
    public async Task Undo_leaves_a_view_with_another_date_than_was_read_back(int? later)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var own = new ItemState(1, 0, session.Simulated.State(session.Kid, "2").LastViewedAt + later);
        session.Simulated.SetState(session.Kid, "2", own);

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);
        await Synchronizer.ApplyAsync(undo, kid);

        var skipped = Assert.Single(undo.Skipped);
        Assert.Equal(("2", SkipReason.ChangedSincePlanned), (skipped.Item.RatingKey.ToString(), skipped.Reason));
        Assert.Equal(own, session.Simulated.State(session.Kid, "2"));
        Assert.Equal(ItemState.None, session.Simulated.State(session.Kid, "3"));
    }

    [Fact]
    public async Task Run_that_was_undone_and_brought_back_can_be_undone_again()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        for (var i = 0; i < 2; i++)
        {
            time.Leap(TimeSpan.FromHours(1));
            var undone = await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(report.Run!.Value, kid), kid);
            Assert.Equal(8, undone.Count(ChangeOutcome.Applied));

            time.Leap(TimeSpan.FromHours(1));
            var redone = await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(undone.Run!.Value, kid), kid);
            Assert.Equal(8, redone.Count(ChangeOutcome.Applied));
        }

        Assert.Equal(8, (await Synchronizer.PlanUndoAsync(report.Run!.Value, kid)).Changes.Count);
    }

    [Fact]
    public async Task Undo_leaves_a_position_that_the_user_came_back_to()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var left = session.Simulated.State(session.Kid, "4");
        session.Simulated.SetState(session.Kid, "4", left with { LastViewedAt = left.LastViewedAt + 3600 });

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal("4", Assert.Single(undo.Skipped).Item.RatingKey.ToString());
    }

    [Fact]
    public async Task Newest_keeps_a_position_that_the_user_came_back_to_after_the_run_had_set_it()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var newest = new SyncOptions { Policy = ConflictPolicies.Newest };
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, newest), owner, kid, newest);
        var left = session.Simulated.State(session.Kid, "4");
        session.Simulated.SetState(session.World.Owner, "4", new ItemState(0, 40 * 60_000, left.LastViewedAt + 3600));
        session.Simulated.SetState(session.Kid, "4", left with { LastViewedAt = left.LastViewedAt + 7200 });

        var plan = await Synchronizer.PlanAsync(owner, kid, newest);

        Assert.DoesNotContain(plan.Changes, change => change.Item.RatingKey.ToString() == "4");
    }

    private static List<string> WatchedBy(Session session, IEnumerable<SimulatedUser> users) =>
    [
        .. users.SelectMany(user => session.Simulated.StatesOf(user), static (user, pair) => (user.Title, Item: pair))
            .Where(static state => state.Item.Value.IsWatched || state.Item.Value.IsInProgress)
            .Select(static state => $"{state.Title}: {state.Item.Key}").Order(StringComparer.Ordinal),
    ];

    private protected static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }
}

public sealed class FileStoreUndoTests() : UndoTests(StoreKind.Files)
{
    [Fact]
    public async Task Undo_and_resume_refuse_a_journal_that_was_moved_to_another_user()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var file = Store.SingleFile();
        Directory.CreateDirectory(Path.Combine(file.Directory!.Parent!.FullName, "user-1001"));
        file.CopyTo(Path.Combine(file.Directory.Parent.FullName, "user-1001", file.Name));

        var error = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.SettleAsync(owner));

        Assert.Equal(PlexErrorKind.InvalidFile, error.Kind);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(86_400, false)]
    [InlineData(-86_400, false)]
    [InlineData(null, false)]
    public async Task Undo_of_a_run_whose_journal_has_no_dates_takes_back_what_is_dated_within_it(int? later, bool isTaken)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var file = Store.SingleFile().FullName;
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        // As an older version wrote it.
        var lines = text.Split('\n').Select(line => line.StartsWith("{\"change\"", StringComparison.Ordinal)
            ? line
            : Regex.Replace(line, ",\"(at|endedAt|lastViewedAt)\":\"[^\"]*\"|(?<=\\{)\"lastViewedAt\":\"[^\"]*\",", ""));
        await File.WriteAllTextAsync(file, string.Join('\n', lines), TestContext.Current.CancellationToken);
        var state = session.Simulated.State(session.Kid, "2");
        session.Simulated.SetState(session.Kid, "2", state with { LastViewedAt = state.LastViewedAt + later });

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal(isTaken, undo.Changes.Any(change => change.Item.RatingKey.ToString() == "2"));
        Assert.Equal(!isTaken, undo.Skipped.Any(skipped => skipped.Item.RatingKey.ToString() == "2"));
    }
}

public sealed class MemoryStoreUndoTests() : UndoTests(StoreKind.Memory);
