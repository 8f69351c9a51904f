using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>What the server accepted is looked for; what it does not keep is written once more, then reported and remembered.</summary>
public abstract class VerifyTests(StoreKind kind) : StoreTests(kind)
{
    private TimeProvider _time = TimeProvider.System;

    [Theory]
    [InlineData("/:/scrobble")]
    [InlineData("/:/timeline")]
    public async Task Change_that_the_server_did_not_keep_is_written_once_more(string endpoint)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Plex.Faults.On(endpoint).Times(1).Status(200, "");

        var report = await SyncAsync(session);

        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Equal(8, report.Verified);
        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Theory]
    [InlineData("/:/scrobble", 2)]
    [InlineData("/:/timeline", 4)]
    public async Task Change_that_the_server_never_keeps_is_not_repeated_until_the_source_changes(string endpoint, int item)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var key = $"{item}";
        session.Plex.Faults.On(endpoint).And(request => request["key"]?.Split('/')[^1] == key).Status(200, "");

        var first = await SyncAsync(session);
        session.Plex.Faults.Clear();
        session.Simulated.ClearWrites();
        var second = await SyncAsync(session);

        var failed = Assert.Single(first.Results, result => result.Outcome is ChangeOutcome.Failed);
        Assert.Equal((key, PlexErrorKind.DidNotStick), (failed.Change.Item.RatingKey.ToString(), failed.Error?.Kind));
        Assert.Equal(
            SkipReason.DidNotStick, Assert.Single(second.Plan.Skipped, skipped => skipped.Item.RatingKey.ToString() == key).Reason);
        Assert.Empty(session.Simulated.Writes);

        var state = session.Simulated.State(session.World.Owner, key);
        session.Simulated.SetState(session.World.Owner, key, state with { LastViewedAt = state.LastViewedAt + 60 });
        var third = await SyncAsync(session);

        Assert.Equal(ChangeOutcome.Applied, Assert.Single(third.Results).Outcome);
    }

    [Fact]
    public async Task Unscrobble_that_the_server_did_not_keep_leaves_no_view_twice_and_no_false_claim()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Simulated.SetState(session.Kid, "2", new ItemState(ViewOffset: 600_000, LastViewedAt: 1_600_000_000));
        session.Simulated.Switches.ScrobbleKeepsPosition = true;
        session.Plex.Faults.On("/:/unscrobble").Status(200, "");

        var report = await SyncAsync(session);

        var left = Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "2").StateAfterRun;
        var state = session.Simulated.State(session.Kid, "2");
        Assert.Equal((1, 600_000), (state.ViewCount, state.ViewOffset));
        Assert.Equal((1, 600_000), (left?.ViewCount, left?.Position.TotalMilliseconds));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(25, true)]
    [InlineData(4, false)]
    [InlineData(25, false)]
    public async Task Change_that_shows_late_is_not_written_again_however_short_the_timeout_is(int seconds, bool answered)
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()), timeout: TimeSpan.FromSeconds(1));
        session.Plex.Faults.On("/:/scrobble").LateEffect(TimeSpan.FromSeconds(seconds), answered);

        var report = await SyncAsync(session);
        await session.Plex.SettleAsync();

        Assert.All(session.Simulated.StatesOf(session.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600_000)]
    public async Task What_a_refused_change_left_is_read_and_not_assumed(long begunAt)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var before = begunAt == 0 ? ItemState.None : new ItemState(0, begunAt, 1_600_000_000);
        session.Simulated.SetState(session.Kid, "5", before);
        // Owner has watched movie 5, and begun it again.
        session.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "5").Status(200, "");
        session.Plex.Faults.On("/:/timeline").And(static request => request["ratingKey"] == "5").Status(400);

        var report = await SyncAsync(session);
        session.Plex.Faults.Clear();
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);
        await Synchronizer.ApplyAsync(undo, kid);

        var failed = Assert.Single(report.Results, static result => result.Outcome is ChangeOutcome.Failed);
        Assert.Equal(("5", PlexErrorKind.Rejected), (failed.Change.Item.RatingKey.ToString(), failed.Error?.Kind));
        Assert.Equal(begunAt == 0, failed.StateAfterRun is null);
        Assert.Equal(
            (0, begunAt), (session.Simulated.State(session.Kid, "5").ViewCount, session.Simulated.State(session.Kid, "5").ViewOffset));
    }

    [Fact]
    public async Task Item_that_the_user_watched_again_before_it_was_read_back_is_not_unwatched_a_second_time()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        session.Simulated.SetState(session.Kid, "6", new ItemState(1, 0, 1_700_000_000));
        // Owner has not watched movie 6.
        var again = new ItemState(1, 0, time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds());

        var report = await SyncAsync(
            session, new SyncOptions { Policy = ConflictPolicies.Mirror }, () => session.Simulated.SetState(session.Kid, "6", again));

        Assert.Equal(
            ChangeOutcome.Applied, Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "6").Outcome);
        Assert.Equal(again, session.Simulated.State(session.Kid, "6"));
    }

    [Fact]
    public async Task Film_that_the_user_began_while_a_lost_mark_was_looked_up_is_left_to_them()
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        session.Simulated.SetState(session.Kid, "6", new ItemState(1, 0, 1_700_000_000));
        session.Plex.Faults.On("/:/unscrobble").ResetAfter();
        var begun = new ItemState(0, 5 * 60_000, time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds());
        var progress = new Hook(SyncPhase.Settling, () => session.Simulated.SetState(session.Kid, "6", begun));

        var report = await SyncAsync(session, new SyncOptions { Policy = ConflictPolicies.Mirror }, progress);

        var result = Assert.Single(report.Results, result => result.Change.Item.RatingKey.ToString() == "6");
        Assert.Equal((ChangeOutcome.Unknown, TimeSpan.FromMinutes(5)), (result.Outcome, result.StateAfterRun?.Position));
        Assert.Equal(begun, session.Simulated.State(session.Kid, "6"));
    }

    [Fact]
    public async Task Undo_leaves_a_view_that_the_user_added_before_the_run_was_read_back()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()));
        var report = await SyncAsync(session, null, () =>
        {
            var state = session.Simulated.State(session.Kid, "2");
            session.Simulated.SetState(session.Kid, "2", state with { ViewCount = state.ViewCount + 1 });
        });
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal("2", Assert.Single(undo.Skipped).Item.RatingKey.ToString());
        Assert.DoesNotContain(undo.Changes, change => change.Item.RatingKey.ToString() == "2");
    }

    [Fact]
    public async Task Position_whose_answer_was_cut_off_is_tried_again_by_the_next_run()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()));
        session.Plex.Faults.On("/:/timeline").Status(200, "<?xml version=\"1.0\"?><MediaContainer size=\"0\" playbackSt");

        var first = await SyncAsync(session);
        session.Plex.Faults.Clear();
        var second = await SyncAsync(session);

        Assert.All(
            first.Results.Where(result => result.Change.After.IsInProgress), result => Assert.Equal(ChangeOutcome.Failed, result.Outcome));
        Assert.DoesNotContain(first.Results, result => result.Error?.Kind is PlexErrorKind.DidNotStick);
        Assert.Equal(2, second.Count(ChangeOutcome.Applied));
        Assert.Equal(20 * 60_000, session.Simulated.State(session.Kid, "4").ViewOffset);
    }

    [Fact]
    public async Task Position_of_which_an_attempt_was_cut_off_is_not_remembered_as_not_kept()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()));
        session.Plex.Faults.On("/:/timeline").Times(1).Status(200, "{\"MediaContainer\":{\"size\":0,\"playb");
        session.Plex.Faults.On("/:/timeline").Status(200, "");

        await SyncAsync(session, new SyncOptions { Libraries = ["TV Shows"] });
        session.Plex.Faults.Clear();
        var second = await SyncAsync(session, new SyncOptions { Libraries = ["TV Shows"] });

        Assert.Equal(ChangeOutcome.Applied, Assert.Single(second.Results).Outcome);
    }

    [Theory]
    [InlineData(6, false, false)]
    [InlineData(8, false, true)]
    [InlineData(0, true, true)]
    public async Task Change_that_was_not_kept_is_tried_again_after_a_week_or_on_demand(int days, bool retryUnkept, bool isTried)
    {
        var time = new LeapingTime();
        await using var session = await Session.StartAsync(Worlds.Small(clock: time));
        session.Plex.Faults.On("/:/timeline").Status(200, "");
        var options = new SyncOptions { Libraries = ["TV Shows"] };
        await SyncAsync(session, options);
        session.Plex.Faults.Clear();
        time.Leap(TimeSpan.FromDays(days));
        options.RetryUnkept = retryUnkept;

        var second = await SyncAsync(session, options);

        Assert.Equal(isTried ? 1 : 0, second.Count(ChangeOutcome.Applied));
        Assert.Equal(!isTried, second.Plan.Skipped.Any(skipped => skipped.Reason is SkipReason.DidNotStick));
    }

    [Fact]
    public async Task Position_that_the_server_counted_as_a_view_is_reported_not_repeated_and_taken_back_by_an_undo()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()));
        var views = 0;
        session.Plex.Faults.On(request =>
        {
            if (request.Path == "/:/timeline" && request["ratingKey"] == "4")
            {
                views++;
                session.Simulated.SetState(session.Kid, "4", new ItemState(1, 0, session.World.Clock.GetUtcNow().ToUnixTimeSeconds()));
                return true;
            }

            return false;
        }).Status(200, "");

        var first = await SyncAsync(session);
        var second = await SyncAsync(session, new SyncOptions { Policy = ConflictPolicies.Mirror });
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        session.Plex.Faults.Clear();
        var undo = await Synchronizer.PlanUndoAsync(first.Run!.Value, kid);

        var failed = Assert.Single(first.Results, result => result.Outcome is ChangeOutcome.Failed);
        Assert.Equal(("4", PlexErrorKind.PositionCounted), (failed.Change.Item.RatingKey.ToString(), failed.Error?.Kind));
        Assert.Equal(1, views);
        Assert.DoesNotContain(second.Results, result => result.Change.Item.RatingKey.ToString() == "4");
        var back = Assert.Single(undo.Changes, change => change.Item.RatingKey.ToString() == "4");
        Assert.True(back.After.IsEmpty);
    }

    [Fact]
    public async Task Each_position_is_sent_as_a_playing_session_of_its_own()
    {
        await using var session = await Session.StartAsync(Worlds.Small(clock: new LeapingTime()));
        var sessions = new List<string>();
        session.Plex.Faults.On(request =>
        {
            if (request.Path == "/:/timeline")
            {
                lock (sessions)
                {
                    sessions.Add(request.HeaderOrQuery("X-Plex-Session-Identifier") ?? "");
                }
            }

            return false;
        }).Status(500);

        await SyncAsync(session);

        Assert.Equal(3, sessions.Distinct().Count());
        Assert.All(sessions, Assert.NotEmpty);
    }

    private protected override TimeProvider Clock => _time;

    private Task<SyncReport> SyncAsync(Session session, SyncOptions? options, Action beforeReadBack) =>
        SyncAsync(session, options, new Hook(SyncPhase.Verifying, beforeReadBack));

    private protected async Task<SyncReport> SyncAsync(
        Session session, SyncOptions? options = null, IProgress<SyncProgress>? progress = null)
    {
        _time = session.World.Clock;
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        return await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, options), owner, kid, options, progress);
    }

    /// <summary>Does something once, when a phase begins.</summary>
    private sealed class Hook(SyncPhase phase, Action action) : IProgress<SyncProgress>
    {
        private int _isDone;

        public void Report(SyncProgress value)
        {
            if (value.Phase == phase && value.Done == 0 && Interlocked.Exchange(ref _isDone, 1) == 0)
            {
                action();
            }
        }
    }
}

public sealed class FileStoreVerifyTests() : VerifyTests(StoreKind.Files)
{
    [Theory]
    [InlineData(6, false)]
    [InlineData(8, true)]
    public async Task Change_that_an_older_version_remembered_without_a_date_is_as_old_as_the_file(int days, bool isTried)
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        session.Plex.Faults.On("/:/timeline").Status(200, "");
        await SyncAsync(session);
        session.Plex.Faults.Clear();
        var file = Store.SingleFile("refused.json").FullName;
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            file, System.Text.RegularExpressions.Regex.Replace(text, ",\"refusedAt\":\"[^\"]*\"", ""),
            TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-days));

        var second = await SyncAsync(session);

        Assert.Equal(isTried ? 2 : 0, second.Count(ChangeOutcome.Applied));
    }
}

public sealed class MemoryStoreVerifyTests() : VerifyTests(StoreKind.Memory);
