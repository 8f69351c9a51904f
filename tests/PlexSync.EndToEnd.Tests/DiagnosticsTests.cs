using System.Diagnostics;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>What runs tell whoever listens to <c>PlexSync</c> is what clients and reports say.</summary>
public sealed class DiagnosticsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-diagnostics-");

    [Fact]
    public async Task Requests_are_those_that_the_client_counts()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Plex.Faults.On("/library/sections").Times(2).Status(503);
        using var telemetry = new Telemetry();

        await session.SyncAsync();

        var requests = telemetry.Of("plexsync.requests").ToLookup(measured => (string)measured["plexsync.operation"]!);
        Assert.Equal(session.Client.Requests.Reads, requests["read"].Sum(measured => measured.Value));
        Assert.Equal(session.Client.Requests.Writes, requests["write"].Sum(measured => measured.Value));
        Assert.Equal(2, telemetry.Count("plexsync.requests")["unavailable 503 read"]);
        Assert.Equal(telemetry.Of("plexsync.requests").Count(), telemetry.Of("plexsync.request.duration").Count());
        Assert.Equal(2, telemetry.Count("plexsync.retries")["unavailable"]);
    }

    [Fact]
    public async Task Changes_and_skips_are_those_of_the_report()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var (owner, kid) = await ConnectAsync(session);
        using var telemetry = new Telemetry();

        var plan = await Synchronizer.PlanAsync(owner, kid);
        session.Simulated.SetState(session.Kid, $"{plan.Changes[^1].Item.RatingKey}", new ItemState(3, 0, 1_790_000_000));
        using var file = new MemoryStream();
        await plan.WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        // From a file, so that it is compared with the state of now.
        plan = await SyncPlan.ReadAsync(file, TestContext.Current.CancellationToken);
        var report = await Synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Equal(
            report.Results.GroupBy(result => $"{Word(result.Change.Action)} {Word(result.Outcome)}")
                .ToDictionary(group => group.Key, group => group.LongCount()),
            telemetry.Count("plexsync.changes"));
        Assert.Equal(
            plan.Skipped.Select(skipped => (SkipReason?)skipped.Reason).Concat(report.Results.Select(result => result.SkipReason))
                .Where(reason => reason is not null)
                .GroupBy(reason => Word(reason!.Value)).ToDictionary(group => group.Key, group => group.LongCount()),
            telemetry.Count("plexsync.skips"));
        Assert.Equal(1, report.Count(ChangeOutcome.Skipped));
        Assert.True(telemetry.Count("plexsync.changes").Count > 2);
        Assert.True(telemetry.Count("plexsync.skips").Count > 3);
    }

    [Fact]
    public async Task Activities_are_a_plan_with_its_readings_and_a_run_with_its_targets()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        using var telemetry = new Telemetry();

        var plans = await Synchronizer.PlanAsync(owner, [kid, teen]);
        var reports = await Synchronizer.ApplyAsync(plans, [owner, kid, teen]);

        var plan = Assert.Single(telemetry.Named("plexsync.plan"));
        Assert.Equal("copy", plan.GetTagItem("plexsync.policy"));
        Assert.Equal(plans.Sum(one => one.Changes.Count), plan.GetTagItem("plexsync.changes"));
        Assert.Equal(6, telemetry.Named("plexsync.read").Length);
        Assert.All(telemetry.Named("plexsync.read"), read => Assert.Equal(plan.SpanId, read.ParentSpanId));
        Assert.Equal(10, telemetry.Named("plexsync.read").Single(read => Is(read, 1001, 1)).GetTagItem("plexsync.items"));
        Assert.Equal(9, telemetry.Named("plexsync.read").Single(read => Is(read, 1002, 1)).GetTagItem("plexsync.items"));
        var run = Assert.Single(telemetry.Named("plexsync.run"));
        Assert.Collection(
            telemetry.Named("plexsync.apply"),
            apply => AssertTells(apply, 1002, reports[0]),
            apply => AssertTells(apply, 1003, reports[1]));
        Assert.All(telemetry.Named("plexsync.apply"), apply => Assert.Equal(run.SpanId, apply.ParentSpanId));
        Assert.Equal(
            telemetry.Named("plexsync.apply").Select(apply => apply.SpanId), telemetry.Named("plexsync.verify")
                .Select(verify => verify.ParentSpanId));
        Assert.All(telemetry.Activities, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));
        Assert.Equal(
            telemetry.Activities.Select(activity => activity.OperationName), telemetry.Of("plexsync.phase.duration")
                .Select(measured => $"plexsync.{measured["plexsync.phase"]}"));

        static bool Is(Activity read, long user, int library) =>
            read.GetTagItem("user.id") is long id && id == user && read.GetTagItem("plexsync.library") is int key && key == library;

        static void AssertTells(Activity apply, long user, SyncReport report)
        {
            Assert.Equal(user, apply.GetTagItem("user.id"));
            Assert.Equal($"{report.Run}", apply.GetTagItem("plexsync.run"));
            Assert.Equal(report.Results.Count, apply.GetTagItem("plexsync.changes"));
            Assert.Equal(report.Count(ChangeOutcome.Applied), apply.GetTagItem("plexsync.applied"));
            Assert.Equal(0, apply.GetTagItem("plexsync.failed"));
            Assert.Equal(report.Verified, apply.GetTagItem("plexsync.verified"));
        }
    }

    [Fact]
    public async Task Plan_that_fails_is_an_error_of_its_kind()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        using var telemetry = new Telemetry();

        await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Nothing"] }));

        AssertFailed("libraryNotFound", Assert.Single(telemetry.Activities));
        Assert.Equal(1, telemetry.Of("plexsync.phase.duration").Count(measured => measured["error.type"] is "libraryNotFound"));
    }

    [Fact]
    public async Task Library_that_cannot_be_read_fails_its_reading_and_not_the_plan()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        session.Plex.Faults.On("/library/sections/1/all").By(session.Kid).Status(404);
        using var telemetry = new Telemetry();

        await Synchronizer.PlanAsync(owner, kid);

        AssertFailed("notFound", Assert.Single(telemetry.Activities, activity => activity.Status is ActivityStatusCode.Error));
        Assert.Equal(4, telemetry.Named("plexsync.read").Length);
    }

    [Fact]
    public async Task Run_that_is_refused_is_an_error_of_its_kind()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var mirror = new SyncOptions { Policy = ConflictPolicies.Mirror, MaxRemovals = 0 };
        session.Simulated.SetState(session.Kid, "9", new ItemState(1, 0, 1_790_000_000));
        var plan = await Synchronizer.PlanAsync(owner, kid, mirror);
        using var telemetry = new Telemetry();

        await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync(plan, owner, kid, mirror));

        AssertFailed("tooManyRemovals", Assert.Single(telemetry.Activities));
    }

    [Fact]
    public async Task Run_that_is_cancelled_is_an_error_and_tells_only_of_what_it_tried()
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        using var telemetry = new Telemetry();
        using var cancellation = new CancellationTokenSource();
        session.Plex.Faults.On(request =>
        {
            if (request.IsWrite)
            {
                cancellation.Cancel();
            }

            return false;
        });

        var cancelled = await Assert.ThrowsAsync<SyncCanceledException>(
            () => Synchronizer.ApplyAsync(plan, owner, kid, cancellationToken: cancellation.Token));

        var tried = cancelled.Reports[0].Results.Count(result => result.Outcome is not ChangeOutcome.Planned);
        Assert.InRange(tried, 1, plan.Changes.Count - 1);
        Assert.Equal(tried, telemetry.Count("plexsync.changes").Values.Sum());
        AssertFailed("cancelled", Assert.Single(telemetry.Named("plexsync.apply")));
        AssertFailed("cancelled", Assert.Single(telemetry.Named("plexsync.run")));
    }

    [Fact]
    public async Task Changes_are_told_once_when_their_run_was_killed_at_its_end_and_is_settled()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        using var telemetry = new Telemetry();
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var file = _folder.EnumerateFiles("*.jsonl", SearchOption.AllDirectories).Single().FullName;
        // Without the line that says the run is over.
        await File.WriteAllLinesAsync(
            file, (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[..^1], TestContext.Current.CancellationToken);

        var settled = Assert.Single(await Synchronizer.SettleAsync(kid));

        Assert.Equal(report.Results.Count, settled.Count(ChangeOutcome.Applied));
        Assert.Equal(2, telemetry.Named("plexsync.apply").Length);
        Assert.Equal(report.Results.Count, telemetry.Count("plexsync.changes").Values.Sum());
    }

    [Fact]
    public async Task Undo_restoration_explanation_and_snapshot_have_activities_too()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        using var telemetry = new Telemetry();

        await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);
        using var file = new MemoryStream();
        await Synchronizer.SaveSnapshotAsync(kid, file);
        file.Position = 0;
        await Synchronizer.PlanRestoreAsync(file, kid);
        await Synchronizer.ExplainAsync(owner, kid, "Movie 1");

        Assert.Equal(
            ["plan undo", "snapshot ", "plan restore", "explain "],
            telemetry.Activities.Where(activity => activity.OperationName is not "plexsync.read")
                .Select(activity => $"{activity.OperationName.Split('.')[1]} {activity.GetTagItem("plexsync.policy")}"));
    }

    [Fact]
    public async Task No_tag_holds_a_secret_or_a_title()
    {
        using var telemetry = new Telemetry();
        var world = Worlds.Small();
        await using var session = await Session.StartAsync(world, TimeSpan.FromMilliseconds(500));
        var (owner, kid) = await ConnectAsync(session);
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        session.Plex.Faults.On("/:/scrobble").Times(1).Status(400, $"X-Plex-Token: {world.Server.TokenOf(world.User("Kid"))}");
        session.Plex.Faults.On("/:/timeline").Times(1)
            .Status(302, headers: ("Location", $"http://{world.Server.TokenOf(world.User("Kid"))}@elsewhere.example/"));
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid, teen]), [owner, kid, teen]);
        await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Teen", "9753"));

        var secrets = session.Plex.Requests.All.Select(request => request.Token).OfType<string>().Distinct().Append("4321").Append("9753")
            .ToList();
        string[] titles =
        [
            "Owner", "Kid", "Teen", "NAS", "Movies", "TV Shows",
            .. world.Server.Libraries.SelectMany(library => library.Items).Select(item => item.Title),
        ];
        Assert.InRange(secrets.Count, 6, 20);
        Assert.True(telemetry.Tags.Count() > 100);
        Assert.DoesNotContain(
            telemetry.Tags, tag => secrets.Concat(titles).Any(text => $"{tag.Value}".Contains(text, StringComparison.Ordinal)));
        Assert.All(telemetry.Activities, activity => Assert.Null(activity.StatusDescription));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private WatchStateSynchronizer Synchronizer => field ??= new(new FileStore(_folder.FullName));

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }

    private static string Word(Enum value) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static void AssertFailed(string kind, Activity activity)
    {
        Assert.Equal(ActivityStatusCode.Error, activity.Status);
        Assert.Equal(kind, activity.GetTagItem("error.type"));
    }
}
