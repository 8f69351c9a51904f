using System.Text.Json;
using System.Text.RegularExpressions;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// A run was killed between two marks of an item: whatever happens to the item before the next run, what it was is not forgotten.
/// </summary>
public abstract class KilledRunTests(StoreKind kind) : StoreTests(kind)
{
    private protected static readonly ItemState Before = new(3, 30 * 60_000, 1_700_000_000);

    private protected LeapingTime Time { get; } = new();

    private protected override TimeProvider Clock => Time;

    [Fact]
    public async Task Undo_brings_back_an_item_that_was_hidden_when_the_killed_run_was_settled()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        session.Simulated.Edit(server => server.Item("2").HiddenFrom.Add(1002));

        var seen = new List<SyncProgress>();
        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid, new Seen(seen))));
        session.Simulated.Edit(server => server.Item("2").HiddenFrom.Clear());
        await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(run, kid), kid);

        Assert.Equal((1, run), (seen[^1].InDoubt, seen[^1].Stopped));
        Assert.Equal(ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal((1, Before.ViewOffset), (StateOf(session).ViewCount, StateOf(session).ViewOffset));
    }

    [Fact]
    public async Task Undo_names_an_item_that_was_renamed_before_the_killed_run_was_settled()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        var title = session.Simulated.Item("2").Title;
        session.Simulated.Edit(server => server.Item("2").Title = "Movie 2: the restored version");

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));
        var named = await Synchronizer.PlanUndoAsync(run, kid);
        session.Simulated.Edit(server => server.Item("2").Title = title);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(run, kid), kid);

        Assert.Equal(ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal(SkipReason.NotSameItem, Assert.Single(named.Skipped).Reason);
        Assert.Equal((1, Before.ViewOffset), (StateOf(session).ViewCount, StateOf(session).ViewOffset));
    }

    [Fact]
    public async Task Item_that_the_user_began_before_the_killed_run_was_settled_is_left_and_named()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        var begun = new ItemState(0, 5 * 60_000, Later());
        session.Simulated.SetState(session.Kid, "2", begun);

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));
        var undo = await Synchronizer.PlanUndoAsync(run, kid);

        Assert.Equal(ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal(TimeSpan.FromMinutes(5), settled.StateAfterRun?.Position);
        Assert.Equal(SkipReason.ChangedSincePlanned, Assert.Single(undo.Skipped).Reason);
        Assert.Empty(undo.Changes);
        Assert.Equal(begun, StateOf(session));
    }

    [Fact]
    public async Task Item_that_the_user_marked_before_the_killed_run_was_settled_is_left_and_named()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        var marked = new ItemState(1, 0, Later());
        session.Simulated.SetState(session.Kid, "2", marked);

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));
        var undo = await Synchronizer.PlanUndoAsync(run, kid);

        Assert.Equal(ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal(SkipReason.ChangedSincePlanned, Assert.Single(undo.Skipped).Reason);
        Assert.Equal(marked, StateOf(session));
    }

    [Fact]
    public async Task Item_that_is_being_played_when_the_killed_run_is_settled_is_named_and_brought_back_later()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        session.Simulated.StartPlaying(session.Kid, "2");

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));
        session.Simulated.StopPlaying(session.Kid, "2");
        await Synchronizer.ApplyAsync(await Synchronizer.PlanUndoAsync(run, kid), kid);

        Assert.Equal(ChangeOutcome.Failed, settled.Outcome);
        Assert.Equal((1, Before.ViewOffset), (StateOf(session).ViewCount, StateOf(session).ViewOffset));
    }

    [Fact]
    public async Task Item_is_completed_when_nothing_has_happened_to_it()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, _) = await KillHalfWayAsync(session);

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));

        Assert.Equal(ChangeOutcome.Applied, settled.Outcome);
        Assert.Equal((1, 0), (StateOf(session).ViewCount, StateOf(session).ViewOffset));
    }

    [Fact]
    public async Task Run_of_which_nothing_was_done_leaves_nothing()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, _) = await KillHalfWayAsync(session, isSent: false);

        await Synchronizer.SettleAsync(kid);

        Assert.Empty(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(Before, StateOf(session));
    }

    [Fact]
    public async Task State_before_with_another_date_is_not_taken_for_untouched()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        session.Simulated.SetState(session.Kid, "2", Before with { LastViewedAt = Later() });

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));

        Assert.Equal(ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal(run, Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).Id);
    }

    [Fact]
    public async Task Film_that_the_user_finished_is_not_unwatched_for_the_position_of_a_killed_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        await AnnounceAsync(session, plan, "4");
        session.Simulated.SetState(session.Kid, "4", new ItemState(1, 0, Time.GetUtcNow().ToUnixTimeSeconds()));

        await Synchronizer.SettleAsync(kid);

        Assert.Equal(1, session.Simulated.State(session.Kid, "4").ViewCount);
    }

    [Fact]
    public async Task Change_that_was_proved_untouched_is_not_taken_for_the_runs_when_the_user_makes_it_later()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        var run = await AnnounceAsync(session, plan, "2", "3");
        await kid.MarkWatchedAsync(RatingKey.Parse("3"));
        await Synchronizer.SettleAsync(kid);
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 0, Time.GetUtcNow().ToUnixTimeSeconds()));

        var undo = await Synchronizer.PlanUndoAsync(run, kid);

        Assert.Equal("3", Assert.Single(undo.Changes).Item.RatingKey.ToString());
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(8, 22)]
    [InlineData(29, 1)]
    [InlineData(31, null)]
    [InlineData(3600, null)]
    [InlineData(-5, 30)]
    public async Task Settling_waits_only_until_the_last_write_is_old_enough(int age, int? expected)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (kid, run) = await KillHalfWayAsync(session);
        session.World.DateOffset = TimeSpan.FromSeconds(age);
        var seen = new List<SyncProgress>();

        await Synchronizer.SettleAsync(kid, new Seen(seen));

        var settling = Assert.Single(seen, report => report.Phase is SyncPhase.Settling);
        Assert.Equal(run, settling.Stopped);
        Assert.Equal(expected is null, settling.Wait is null);
        Assert.InRange(settling.Wait?.TotalSeconds ?? 0, (expected ?? 0) - 2, (expected ?? 0) + 1);
        Assert.Equal((1, 0), (StateOf(session).ViewCount, StateOf(session).ViewOffset));
    }

    [Fact]
    public async Task Settling_waits_the_wholeTime_when_the_server_does_not_tell_theTime()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        session.World.SendsDate = false;
        var (kid, _) = await KillHalfWayAsync(session);
        Time.Leap(TimeSpan.FromHours(1));
        var seen = new List<SyncProgress>();

        await Synchronizer.SettleAsync(kid, new Seen(seen));

        Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(seen, report => report.Phase is SyncPhase.Settling).Wait);
    }

    [Fact]
    public async Task Mark_that_comes_late_after_a_kill_is_not_repeated()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time), TimeSpan.FromSeconds(1));
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        await AnnounceAsync(session, plan, "2");
        session.Plex.Faults.On("/:/scrobble").Times(1).LateEffect(TimeSpan.FromSeconds(25), answered: true);
        await kid.MarkWatchedAsync(RatingKey.Parse("2"));

        await Synchronizer.ResumeAsync(
            Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).Id, kid);
        await session.Plex.SettleAsync();

        Assert.Equal(1, StateOf(session).ViewCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_whose_token_is_taken_away_ends_in_good_order_and_is_completed_by_the_next(bool isAnswerLost)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (owner, kid) = await ConnectAsync(session);
        var marks = 0;
        session.Plex.Faults.On(request =>
        {
            if (request.Path == "/:/scrobble" && Interlocked.Increment(ref marks) == 3)
            {
                session.Simulated.ReplaceToken(session.Kid);
            }

            return false;
        }).Status(500);
        if (isAnswerLost)
        {
            session.Plex.Faults.On("/:/scrobble").Times(1).ResetAfter();
        }

        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);

        // What the server did with the mark whose answer was lost can only be read with a token that it takes.
        Assert.Equal(PlexErrorKind.InvalidToken, report.Error?.Kind);
        Assert.Equal(
            !isAnswerLost, Assert.Single(await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken)).IsFinished);

        session.Plex.Faults.Clear();
        var (again, renewed) = await ConnectAsync(session);
        await Synchronizer.SettleAsync(renewed);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(again, renewed), again, renewed);

        Assert.All(
            await Journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken), run => Assert.True(run.IsFinished));
        Assert.Empty((await Synchronizer.PlanAsync(again, renewed)).Changes);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    private long Later() => Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    private static ItemState StateOf(Session session) => session.Simulated.State(session.Kid, "2");

    private protected static ChangeResult ResultOf(SyncReport report) =>
        Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "2");

    private protected static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }

    /// <summary>
    /// Kid is watching movie 2 again; a mirror of Owner, who has watched it, is killed when it has marked it unwatched on the way.
    /// </summary>
    private async Task<(PlexServer Kid, RunId Run)> KillHalfWayAsync(Session session, bool isSent = true)
    {
        var (owner, kid) = await ConnectAsync(session);
        session.Simulated.SetState(session.Kid, "2", Before);
        var plan = await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Policy = ConflictPolicies.Mirror });
        var run = await AnnounceAsync(session, plan, "2");
        if (isSent)
        {
            await kid.MarkUnwatchedAsync(RatingKey.Parse("2"));
        }

        return (kid, run);
    }

    private protected async Task<RunId> AnnounceAsync(Session session, SyncPlan plan, params string[] keys)
    {
        await using var journal = await Journal.BeginAsync(plan, TestContext.Current.CancellationToken);
        foreach (var change in plan.Changes.Where(change => keys.Contains(change.Item.RatingKey.ToString())))
        {
            await journal.AnnounceAsync(change, session.World.SendsDate ? Time.GetUtcNow() : null, TestContext.Current.CancellationToken);
        }

        return journal.Run;
    }

    private sealed class Seen(List<SyncProgress> reports) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            lock (reports)
            {
                reports.Add(value);
            }
        }
    }
}

public sealed class FileStoreKilledRunTests() : KilledRunTests(StoreKind.Files)
{
    [Theory]
    [InlineData(10, true)]
    [InlineData(1800, false)]
    public async Task Run_of_an_older_version_is_settled_by_when_its_file_was_written_last(int seconds, bool isTheRuns)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        session.World.SendsDate = false;
        var run = await AnnounceAsync(session, plan, "2");
        session.World.SendsDate = true;
        var file = Store.SingleFile();
        file.LastWriteTimeUtc = file.LastWriteTimeUtc.AddHours(-1);
        var header = await File.ReadAllTextAsync(file.FullName, TestContext.Current.CancellationToken);
        var stoppedAt = file.LastWriteTimeUtc;
        await File.WriteAllTextAsync(
            file.FullName, StartedAt().Replace(header, $"\"startedAt\":\"{stoppedAt:O}\""), TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(file.FullName, stoppedAt);
        var viewedAt = new DateTimeOffset(stoppedAt).AddSeconds(seconds).ToUnixTimeSeconds();
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 0, viewedAt));

        var settled = ResultOf(Assert.Single(await Synchronizer.SettleAsync(kid)));
        var undo = await Synchronizer.PlanUndoAsync(run, kid);

        Assert.Equal(isTheRuns ? ChangeOutcome.Applied : ChangeOutcome.Unknown, settled.Outcome);
        Assert.Equal(isTheRuns, undo.Changes.Any(change => change.Item.RatingKey.ToString() == "2"));
    }

    [Fact]
    public async Task Mark_that_is_sent_someTime_after_the_first_is_announced_anew()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (owner, kid) = await ConnectAsync(session);
        session.Simulated.SetState(session.Kid, "2", Before);
        session.Plex.Faults.On(request => Leaps(request, "/:/unscrobble", 25));

        await Synchronizer.ApplyAsync(
            await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Policy = ConflictPolicies.Mirror }), owner, kid);

        var times = AnnouncementsOf("2");
        Assert.InRange((times[^1] - times[0]).TotalSeconds, 24, 60);
    }

    [Fact]
    public async Task Mark_that_is_sent_again_is_announced_anew()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: Time));
        var (owner, kid) = await ConnectAsync(session);
        session.Plex.Faults.On("/:/scrobble").And(request => request["key"] == "2").Times(1).Status(429, headers: ("Retry-After", "25"));

        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);

        var times = AnnouncementsOf("2");
        Assert.InRange((times[^1] - times[0]).TotalSeconds, 24, 60);
    }

    private static Regex StartedAt() => new("\"startedAt\":\"[^\"]*\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private bool Leaps(SimulatedRequest request, string path, int seconds)
    {
        if (request.Path == path)
        {
            Time.Leap(TimeSpan.FromSeconds(seconds));
        }

        return false;
    }

    private List<DateTimeOffset> AnnouncementsOf(string key) =>
        File.ReadLines(Store.SingleFile().FullName).Where(line => line.StartsWith($"{{\"sending\":\"{key}\"", StringComparison.Ordinal))
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("at").GetDateTimeOffset())
        .ToList();
}

public sealed class MemoryStoreKilledRunTests() : KilledRunTests(StoreKind.Memory);
