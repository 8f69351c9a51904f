using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>Nothing is taken away without a proof that holds when it is sent.</summary>
public abstract class RemovalProofTests(StoreKind kind) : StoreTests(kind)
{
    private const long Owner = 1001;
    private const long Kid = 1002;
    private const long Teen = 1003;
    private const long Date = 1_700_000_000;
    private const int Minute = 60_000;

    private static readonly SyncOptions Mirror = new() { Policy = ConflictPolicies.Mirror, MaxRemovals = 1000 };

    [Fact]
    public async Task Mirror_takes_nothing_from_the_target_while_a_killed_run_on_the_source_is_open()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        await KillHalfwayAsync(session, owner, kid);

        var plan = await Synchronizer.PlanAsync(kid, teen, Mirror);
        await Synchronizer.ApplyAsync(plan, kid, teen, Mirror);

        Assert.Equal(4, session.Simulated.State(Teen, "2").ViewCount);
        Assert.Contains(plan.Skipped, skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason) == ("2", SkipReason.SourceUnsettled));
        Assert.All(plan.Changes, change => Assert.False(change.IsRemoval));
        await Synchronizer.SettleAsync(kid);
        Assert.Equal(1, session.Simulated.State(Kid, "2").ViewCount);
        Assert.Equal(0, (await Synchronizer.PlanAsync(kid, teen, Mirror)).Removals);
    }

    [Theory]
    [InlineData(SyncDirection.OneWay)]
    [InlineData(SyncDirection.TwoWay)]
    public async Task Unwatching_does_not_travel_when_another_run_writes_to_the_source_while_it_is_read(SyncDirection direction)
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        foreach (var user in new[] { Owner, Kid, Teen })
        {
            session.Simulated.SetState(user, "2", new ItemState(2, 0, Date));
        }

        session.Simulated.SetState(Owner, "2", new ItemState(2, 30 * Minute, Date + 1));
        var options = new SyncOptions { Unwatched = true, Direction = direction, Policy = ConflictPolicies.Furthest };
        PlexServer[] written = direction is SyncDirection.TwoWay ? [kid, owner] : [kid];
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], options), written, options);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], options), written, options);
        var other = await Synchronizer.PlanAsync(teen, owner, Mirror);
        other = other with { Changes = other.Changes.Where(change => change.Item.RatingKey.ToString() == "2").ToList() };
        Assert.True(Assert.Single(other.Changes).After.IsWatched);

        // The other run is between its unscrobble and its scrobble while the source is read, and done before this one writes.
        var change = other.Changes[0];
        IRunLease? run = null;
        var watcher = new Watcher(progress =>
        {
            if (run is null && progress is { Phase: SyncPhase.Reading, Done: 0, Library.Title: "Movies" }
                && progress.User.Id.Value == Owner)
            {
                run = Journal.BeginAsync(other).GetAwaiter().GetResult();
                run.AnnounceAsync(change).AsTask().GetAwaiter().GetResult();
                owner.MarkUnwatchedAsync(change.Item.RatingKey).GetAwaiter().GetResult();
            }
        });
        var plans = await Synchronizer.PlanAsync(owner, [kid], options, watcher, TestContext.Current.CancellationToken);
        await owner.MarkWatchedAsync(change.Item.RatingKey);
        var result = new ChangeResult { Change = change, Outcome = ChangeOutcome.Applied, StateAfterRun = change.After };
        await run!.RecordAsync(result, TestContext.Current.CancellationToken);
        await run.CompleteAsync(new SyncReport { Plan = other, Results = [result] }, TestContext.Current.CancellationToken);
        await run.DisposeAsync();
        await Synchronizer.ApplyAsync(plans, written, options);

        Assert.Equal(2, session.Simulated.State(Kid, "2").ViewCount);
        Assert.True(session.Simulated.State(Owner, "2").IsWatched);
        Assert.Contains(
            plans[0].Skipped, skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason) == ("2", SkipReason.SourceUnsettled));
    }

    [Fact]
    public async Task Mirror_takes_nothing_away_while_a_library_with_the_watched_copy_cannot_be_read()
    {
        await using var session = await StartAsync(Worlds.Twins());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        Assert.True(session.Simulated.State(Kid, "21").IsWatched);
        session.Plex.Faults
            .On(request => request.UserId == Owner && request.Path.Contains("/library/sections/1/all", StringComparison.Ordinal))
            .Status(500);

        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);

        Assert.Empty(plan.Changes);
        Assert.All(Enumerable.Range(21, 10), key => Assert.Contains(
            plan.Skipped, skipped => skipped.Item.RatingKey.ToString() == $"{key}" && skipped.Reason is SkipReason.CopyNotRead));
    }

    [Fact]
    public async Task Mirror_takes_nothing_away_while_it_is_not_known_whether_the_target_sees_the_watched_copy()
    {
        await using var session = await StartAsync(Worlds.Twins());
        foreach (var item in session.Simulated.Libraries.First(library => library.Title == "Movies").Items)
        {
            item.HiddenFrom.Add(Kid);
        }

        session.Simulated.Libraries.First(library => library.Title == "Movies").SharedWith.Add(Kid);
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        Assert.True(session.Simulated.State(Kid, "21").IsWatched);
        session.Plex.Faults
            .On(request => request.UserId == Kid && request.Path.Contains("/library/sections/1/all", StringComparison.Ordinal))
            .Status(500);

        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);

        Assert.Equal(0, plan.Removals);
        Assert.Contains(plan.Skipped, skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason) == ("21", SkipReason.CopyNotRead));
    }

    [Fact]
    public async Task Unwatching_waits_with_what_was_agreed_on_until_every_library_can_be_read()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        var options = new SyncOptions { Unwatched = true, Direction = SyncDirection.TwoWay };
        async Task RunAsync() => await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, [kid], options), [kid, owner], options);
        await RunAsync();
        await RunAsync();
        Assert.True(session.Simulated.State(Kid, "1").IsWatched);
        session.Simulated.SetState(Owner, "1", ItemState.None);
        var run = await Journal.BeginAsync(await Synchronizer.PlanAsync(kid, owner, Mirror), TestContext.Current.CancellationToken);

        // The owner cannot be settled while somebody is at it.
        await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanAsync(owner, [kid], options));
        options.DryRun = true;
        var waiting = await Synchronizer.PlanAsync(owner, [kid], options);
        options.DryRun = false;
        Assert.All(waiting, plan => Assert.Empty(plan.Changes));
        await run.CompleteAsync(new SyncReport { Plan = waiting[0], Results = [] }, TestContext.Current.CancellationToken);
        await run.DisposeAsync();
        await Synchronizer.ApplyAsync(waiting, [kid, owner], options);
        Assert.True(session.Simulated.State(Kid, "1").IsWatched);

        await RunAsync();

        Assert.Equal((ItemState.None, ItemState.None), (session.Simulated.State(Owner, "1"), session.Simulated.State(Kid, "1")));
    }

    [Theory]
    [InlineData(SyncDirection.OneWay)]
    [InlineData(SyncDirection.TwoWay)]
    public async Task Unwatching_that_a_cancelled_run_did_not_come_to_is_made_up_for_by_the_next(SyncDirection direction)
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        var options = new SyncOptions { Unwatched = true, Direction = direction };
        IReadOnlyList<PlexServer> targets = direction is SyncDirection.TwoWay ? [kid, owner] : [kid];
        await RunAsync();
        await RunAsync();
        Assert.True(session.Simulated.State(Kid, "1").IsWatched);
        session.Simulated.SetState(Owner, "1", ItemState.None);
        using var cancellation = new CancellationTokenSource();
        // When the first change is about to be written.
        var watcher = new Watcher(progress =>
        {
            if (progress.Phase is SyncPhase.Writing)
            {
                cancellation.Cancel();
            }
        });
        await Assert.ThrowsAsync<SyncCanceledException>(() => RunAsync(watcher, cancellation.Token));
        Assert.True(session.Simulated.State(Kid, "1").IsWatched);

        await RunAsync();

        Assert.Equal((ItemState.None, ItemState.None), (session.Simulated.State(Owner, "1"), session.Simulated.State(Kid, "1")));

        async Task RunAsync(IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
            await Synchronizer.ApplyAsync(
            await Synchronizer.PlanAsync(owner, [kid], options, cancellationToken: cancellationToken),
            targets,
            options,
            progress,
            cancellationToken);
    }

    [Fact]
    public async Task Unwatching_whose_proof_could_not_be_read_again_is_made_up_for_by_the_next_run()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        var options = new SyncOptions { Unwatched = true, Direction = SyncDirection.TwoWay };
        await ApplyAsync(await PlanAsync());
        await ApplyAsync(await PlanAsync());
        session.Simulated.SetState(Owner, "1", ItemState.None);
        var plans = await PlanAsync();
        session.Plex.Faults
            .On(request => request.UserId == Owner && request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal))
            .Times(20).Status(500);

        var refused = await ApplyAsync(plans);
        session.Plex.Faults.Clear();
        Assert.Equal(SkipReason.SourceNotRead, ResultOf(refused[0], "1").SkipReason);
        await ApplyAsync(await PlanAsync());

        Assert.Equal((ItemState.None, ItemState.None), (session.Simulated.State(Owner, "1"), session.Simulated.State(Kid, "1")));

        Task<IReadOnlyList<SyncPlan>> PlanAsync() => Synchronizer.PlanAsync(owner, [kid], options);

        Task<IReadOnlyList<SyncReport>> ApplyAsync(IReadOnlyList<SyncPlan> made) => Synchronizer.ApplyAsync(made, [kid, owner], options);
    }

    [Theory]
    [InlineData("Movies 4K", null)]
    [InlineData(null, "Movies")]
    public async Task Mirror_takes_nothing_away_where_the_watched_copy_is_in_a_library_that_was_left_out(string? library, string? excluded)
    {
        await using var session = await StartAsync(Worlds.Twins());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        var options = new SyncOptions
        {
            Policy = ConflictPolicies.Mirror,
            MaxRemovals = 1000,
            Libraries = library is null ? [] : [library],
            ExcludedLibraries = excluded is null ? [] : [excluded],
        };

        var plan = await Synchronizer.PlanAsync(owner, kid, options);

        Assert.Equal(0, plan.Removals);
        Assert.Contains(plan.Skipped, skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason) == ("21", SkipReason.CopyNotRead));
    }

    [Fact]
    public async Task Mirror_of_one_show_takes_nothing_away_where_the_watched_copy_is_of_a_show_with_another_title()
    {
        await using var session = await StartAsync(Worlds.Twins());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        foreach (var item in session.Simulated.Libraries.First(library => library.Title == "Kids TV").Items)
        {
            Assert.Equal("Show 1", item.ShowTitle);
            item.ShowTitle = "Show One";
        }

        var watched = session.Simulated.StatesOf(session.Kid).Count(state => state.Value.IsWatched);
        var options = new SyncOptions { Policy = ConflictPolicies.Mirror, MaxRemovals = 1000, Shows = ["Show One"] };
        var plan = await Synchronizer.PlanAsync(owner, kid, options);

        Assert.Equal(0, plan.Removals);
        Assert.Equal(4, plan.Skipped.Count(skipped => skipped.Reason is SkipReason.CopyNotRead));
        Assert.NotEqual(0, watched);
    }

    [Fact]
    public async Task Mirror_by_rating_key_needs_no_other_library()
    {
        await using var session = await StartAsync(Worlds.Twins());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "21", new ItemState(1, 0, Date));
        var options = new SyncOptions { Policy = ConflictPolicies.Mirror, Match = MatchMode.Key, Libraries = ["Movies 4K"] };

        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, options), owner, kid, options);

        Assert.Equal(ItemState.None, session.Simulated.State(Kid, "21"));
    }

    [Fact]
    public async Task Changes_of_a_kind_that_was_not_asked_for_are_not_named_as_left_out()
    {
        await using var session = await StartAsync(Worlds.Twins());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "21", new ItemState(1, 0, Date));
        var options = new SyncOptions { Policy = ConflictPolicies.Mirror, Only = StateKind.Progress, Libraries = ["Movies 4K"] };

        var plan = await Synchronizer.PlanAsync(owner, kid, options);

        Assert.DoesNotContain(plan.Skipped, skipped => skipped.Reason is SkipReason.CopyNotRead);
    }

    [Fact]
    public async Task Rating_is_not_taken_away_while_a_run_on_the_source_is_open_and_one_is_still_given()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        await KillHalfwayAsync(session, owner, kid);
        session.Simulated.SetState(Kid, "1", session.Simulated.State(Kid, "1") with { UserRating = 8 });
        session.Simulated.SetState(Teen, "5", session.Simulated.State(Teen, "5") with { UserRating = 6 });

        var plan = await Synchronizer.PlanAsync(kid, teen, new SyncOptions { Policy = ConflictPolicies.Mirror, Ratings = true });

        Assert.Equal("1", Assert.Single(plan.Changes, change => change.Action is ChangeAction.Rating).Item.RatingKey.ToString());
        Assert.Contains(plan.Skipped, skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason) == ("5", SkipReason.SourceUnsettled));
    }

    [Fact]
    public async Task Removal_is_left_out_when_the_source_has_watched_the_item_since_it_was_planned()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "6", new ItemState(3, 0, Date));
        session.Simulated.SetState(Kid, "7", new ItemState(1, 0, Date));
        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);
        Assert.Equal(2, plan.Removals);
        session.Simulated.SetState(Owner, "6", new ItemState(1, 0, Date));

        var report = await Synchronizer.ApplyAsync(plan, owner, kid, Mirror);

        Assert.Equal(3, session.Simulated.State(Kid, "6").ViewCount);
        Assert.Equal(ItemState.None, session.Simulated.State(Kid, "7"));
        Assert.Equal(SkipReason.SourceChanged, ResultOf(report, "6").SkipReason);
    }

    [Fact]
    public async Task Removal_is_left_out_when_a_run_on_the_source_begins_after_the_plan()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        session.Simulated.SetState(Teen, "3", new ItemState(1, 0, Date));
        session.Simulated.SetState(Teen, "6", new ItemState(3, 0, Date));
        var plan = await Synchronizer.PlanAsync(kid, teen, Mirror);
        Assert.Equal(2, plan.Removals);
        await using var run = await Journal.BeginAsync(await Synchronizer.PlanAsync(owner, kid), TestContext.Current.CancellationToken);

        var report = await Synchronizer.ApplyAsync(plan, kid, teen, Mirror);

        Assert.Equal(3, session.Simulated.State(Teen, "6").ViewCount);
        Assert.Equal(SkipReason.SourceUnsettled, ResultOf(report, "6").SkipReason);
        Assert.Equal(ChangeOutcome.Applied, ResultOf(report, "1").Outcome);
    }

    [Fact]
    public async Task Removal_is_left_out_when_a_run_on_the_source_ends_while_the_proof_is_read_again()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, teen) = await ConnectAsync(session);
        session.Simulated.SetState(Kid, "2", new ItemState(1, 0, Date));
        session.Simulated.SetState(Teen, "6", new ItemState(3, 0, Date));
        var plan = await Synchronizer.PlanAsync(kid, teen, Mirror);
        var other = await Synchronizer.PlanAsync(owner, kid);
        var isDone = false;
        session.Plex.Faults.On(request =>
        {
            if (request.UserId == Kid && request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal) && !isDone)
            {
                isDone = true;
                var run = Journal.BeginAsync(other).GetAwaiter().GetResult();
                var results = other.Changes.Select(change =>
                    new ChangeResult { Change = change, Outcome = ChangeOutcome.Applied, StateAfterRun = change.After }).ToList();
                run.CompleteAsync(new SyncReport { Plan = other, Results = results }).GetAwaiter().GetResult();
                run.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }

            return false;
        }).Status(500);

        var report = await Synchronizer.ApplyAsync(plan, kid, teen, Mirror);

        Assert.True(isDone);
        Assert.Equal(SkipReason.SourceUnsettled, ResultOf(report, "6").SkipReason);
        Assert.Equal(3, session.Simulated.State(Teen, "6").ViewCount);
    }

    [Fact]
    public async Task Removal_is_left_out_when_the_source_cannot_be_read_again()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "6", new ItemState(3, 0, Date));
        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);
        session.Plex.Faults
            .On(request => request.UserId == Owner && request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal))
            .Status(500);

        var report = await Synchronizer.ApplyAsync(plan, owner, kid, Mirror);

        Assert.Equal(SkipReason.SourceNotRead, ResultOf(report, "6").SkipReason);
        Assert.Equal(ChangeOutcome.Applied, ResultOf(report, "2").Outcome);
        Assert.Equal(3, session.Simulated.State(Kid, "6").ViewCount);
    }

    [Fact]
    public async Task Proof_is_read_again_in_bulk_and_only_where_something_is_taken_away()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        var reads = 0;
        session.Plex.Faults.On(request =>
        {
            reads += request.UserId == Owner && request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal) ? 1 : 0;
            return false;
        }).Status(500);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        Assert.Equal(0, reads);
        foreach (var key in new[] { "6", "7", "8", "9" })
        {
            session.Simulated.SetState(Kid, key, new ItemState(3, 0, Date, 7));
        }

        var options = new SyncOptions { Policy = ConflictPolicies.Mirror, Ratings = true };
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, options), owner, kid, options);

        Assert.Equal(8, report.Plan.Removals);
        Assert.Equal(1, reads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plan_from_a_file_takes_away_only_what_the_source_confirms(bool isChanged)
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "6", new ItemState(3, 0, Date));
        var plan = await SaveAndReadAsync(await Synchronizer.PlanAsync(owner, kid, Mirror));
        if (isChanged)
        {
            session.Simulated.SetState(Owner, "6", new ItemState(ViewOffset: 20 * Minute));
        }

        var report = await Synchronizer.ApplyAsync(plan, owner, kid, Mirror);

        Assert.Equal(isChanged ? 3 : 0, session.Simulated.State(Kid, "6").ViewCount);
        Assert.Equal(isChanged ? SkipReason.SourceChanged : null, ResultOf(report, "6").SkipReason);
    }

    [Fact]
    public async Task Plan_from_a_file_takes_nothing_away_without_its_source()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "6", new ItemState(3, 0, Date));
        var plan = await SaveAndReadAsync(await Synchronizer.PlanAsync(owner, kid, Mirror));

        var report = await Synchronizer.ApplyAsync(plan, kid, Mirror);

        Assert.Equal(SkipReason.SourceNotRead, ResultOf(report, "6").SkipReason);
        Assert.Equal(ChangeOutcome.Applied, ResultOf(report, "2").Outcome);
        Assert.Equal(3, session.Simulated.State(Kid, "6").ViewCount);
    }

    [Fact]
    public async Task Run_that_is_resumed_leaves_what_it_had_not_taken_away_to_the_next()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        session.Simulated.SetState(Kid, "6", new ItemState(3, 0, Date));
        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);
        var begun = await Journal.BeginAsync(plan, TestContext.Current.CancellationToken);
        await begun.DisposeAsync();

        var report = await Synchronizer.ResumeAsync(begun.Run, kid);

        Assert.Equal(SkipReason.SourceNotRead, ResultOf(report, "6").SkipReason);
        Assert.Equal(ChangeOutcome.Applied, ResultOf(report, "2").Outcome);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, Mirror), owner, kid, Mirror);
        Assert.Equal(ItemState.None, session.Simulated.State(Kid, "6"));
    }

    [Fact]
    public async Task Snapshot_of_a_user_with_an_unfinished_run_is_refused()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        await KillHalfwayAsync(session, owner, kid);
        using var file = new MemoryStream();

        var error = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.SaveSnapshotAsync(kid, file));

        Assert.Equal((PlexErrorKind.RunUnfinished, "Kid"), (error.Kind, error.Subject));
        Assert.Equal(Assert.Single(await Journal.ListRunsAsync()).Id.ToString(), Assert.Single(error.Candidates));
        await Synchronizer.SettleAsync(kid);
        await Synchronizer.SaveSnapshotAsync(kid, file);
    }

    [Fact]
    public async Task Snapshot_into_which_a_run_wrote_is_none()
    {
        await using var session = await StartAsync(Worlds.Small());
        var (owner, kid, _) = await ConnectAsync(session, teen: false);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        Task? running = null;
        var watcher = new Watcher(progress =>
        {
            if (running is null && progress is { Phase: SyncPhase.Reading, Library.Title: "Movies", Done: > 0 })
            {
                running = Task.Run(() => Synchronizer.ApplyAsync(plan, owner, kid));
                running.Wait(TimeSpan.FromSeconds(20));
            }
        });
        using var file = new MemoryStream();

        var error = await Assert.ThrowsAsync<PlexException>(
            () => Synchronizer.SaveSnapshotAsync(kid, file, progress: watcher, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(PlexErrorKind.RunInProgress, error.Kind);
        file.Position = 0;
        var unusable = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.PlanRestoreAsync(file, kid, exact: true));
        Assert.Equal(PlexErrorKind.InvalidFile, unusable.Kind);
    }

    private static ChangeResult ResultOf(SyncReport report, string key) =>
        report.Results.Single(result => result.Change.Item.RatingKey.ToString() == key);

    private static async Task<SyncPlan> SaveAndReadAsync(SyncPlan plan)
    {
        using var file = new MemoryStream();
        await plan.WriteAsync(file);
        file.Position = 0;
        return await SyncPlan.ReadAsync(file);
    }

    private static Task<Session> StartAsync(World world) => Session.StartAsync(world, time: new HurriedTime());

    private static async Task<(PlexServer Owner, PlexServer Kid, PlexServer Teen)> ConnectAsync(Session session, bool teen = true)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"), teen ? await session.SwitchAsync(owner, "Teen", "4321") : null!);
    }

    /// <summary>
    /// A mirror of Owner to Kid that was killed between the unscrobble and the scrobble of the film 2; Teen has watched it four times.
    /// </summary>
    private async Task KillHalfwayAsync(Session session, PlexServer owner, PlexServer kid)
    {
        session.Simulated.SetState(Kid, "2", new ItemState(3, 30 * Minute, Date));
        session.Simulated.SetState(Teen, "1", new ItemState(1, 0, Date));
        session.Simulated.SetState(Teen, "2", new ItemState(4, 0, Date));
        var plan = await Synchronizer.PlanAsync(owner, kid, Mirror);
        var change = plan.Changes.Single(change => change.Item.RatingKey.ToString() == "2");
        await using var run = await Journal.BeginAsync(plan, TestContext.Current.CancellationToken);
        await run.AnnounceAsync(change, TestContext.Current.CancellationToken);
        await kid.MarkUnwatchedAsync(change.Item.RatingKey);
    }

    private sealed class Watcher(Action<SyncProgress> report) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => report(value);
    }
}

public sealed class FileStoreRemovalProofTests() : RemovalProofTests(StoreKind.Files);

public sealed class MemoryStoreRemovalProofTests() : RemovalProofTests(StoreKind.Memory);
