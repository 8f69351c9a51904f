using PlexSync.Testing;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Reading what changed since the last run, and when everything is read instead.</summary>
public sealed class QuickReadingTests : IDisposable
{
    private const long Owner = 1001;
    private const long Kid = 1002;
    private const string Heads = "sort=lastViewedAt:desc";
    private const string Listing = "sort=id";

    private readonly ViewingHousehold _home = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_was_viewed_since_is_read_for_both()
    {
        await PrepareAsync();
        _home.View(Owner, "5", views: 1);
        _home.View(Kid, "13", views: 1);

        var plan = await PlanAsync();

        Assert.Equal((ReadingScope.Changed, null), (plan.Reading, plan.WholeBecause));
        Assert.Equal(["5"], plan.Changes.Select(change => $"{change.Item.RatingKey}"));
        Assert.Equal((0, 6), (_home.Count(Listing), _home.Count(Heads)));
        Assert.Equal([Owner, Kid], _home.Requests.Where(request => request.What.StartsWith("/library/metadata/", StringComparison.Ordinal))
            .Select(request => request.User).Order());
        Assert.Equal([(9, 9), (9, 9), (9, 9)], plan.Libraries.Select(library => (library.SourceItems, library.TargetItems)));
    }

    [Fact]
    public async Task Nothing_is_read_in_bulk_when_nothing_was_viewed()
    {
        await PrepareAsync();

        Assert.Empty((await PlanAsync()).Changes);
        Assert.Equal((0, 6, 0), (_home.Count(Listing), _home.Count(Heads), _home.Count("/library/metadata/")));
    }

    [Fact]
    public async Task What_the_run_itself_wrote_is_known()
    {
        _home.View(Owner, "1", views: 1, at: _home.Now - 1000);
        _home.View(Owner, "2", views: 0, minutes: 20, at: _home.Now - 900);
        Assert.Equal(2, (await RunAsync(new SyncOptions())).Verified);
        _home.Requests.Clear();

        Assert.Equal(ReadingScope.Changed, (await PlanAsync()).Reading);
        Assert.Equal(0, _home.Count("/library/metadata/"));
    }

    [Fact]
    public async Task What_was_viewed_while_the_run_wrote_is_found_by_the_next()
    {
        _home.View(Owner, "1", views: 1, at: _home.Now - 1000);
        var users = await _home.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer(_store);
        var plan = await synchronizer.PlanAsync(users[0], users[1], cancellationToken: Cancellation);
        _home.View(Owner, "2", views: 1);
        await synchronizer.ApplyAsync(plan, users[0], users[1], cancellationToken: Cancellation);

        Assert.Equal(["2"], (await PlanAsync()).Changes.Select(change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task Reading_ends_at_an_item_that_is_known_by_date_count_and_position()
    {
        await PrepareAsync(pageSize: 3);
        Assert.True(_home.StateOf(Owner, "4").At < _home.StateOf(Owner, "1").At);
        // The item that was viewed last was viewed again, and an older one was moved back: neither ends the reading.
        _home.View(Owner, "1", views: 2);
        _home.View(Owner, "4", views: 0, minutes: 10);

        var plan = await PlanAsync();

        Assert.Equal(ReadingScope.Changed, plan.Reading);
        var change = Assert.Single(plan.Changes);
        Assert.Equal(("4", TimeSpan.FromMinutes(10)), ($"{change.Item.RatingKey}", change.After.Position));
    }

    [Fact]
    public async Task Items_of_one_second_are_all_found_across_pages()
    {
        foreach (var number in Enumerable.Range(200, 300))
        {
            _home.Items[$"{number}"] = "1";
        }

        await PrepareAsync();
        var at = _home.Now;
        foreach (var number in Enumerable.Range(200, 250))
        {
            _home.View(Owner, $"{number}", views: 1, at: at);
        }

        var plan = await PlanAsync(new SyncOptions { Quick = true }, pageSize: 60);

        Assert.Equal(ReadingScope.Changed, plan.Reading);
        Assert.Equal(250, plan.Changes.Count);
    }

    [Theory]
    [InlineData("ascending", WholeReadingReason.OrderDoubtful)]
    [InlineData("undated first", WholeReadingReason.OrderDoubtful)]
    [InlineData("twice", WholeReadingReason.OrderDoubtful)]
    [InlineData("no total", WholeReadingReason.OrderDoubtful)]
    [InlineData("shifted", WholeReadingReason.OrderDoubtful)]
    public async Task Everything_is_read_where_the_order_is_broken(string how, WholeReadingReason reason)
    {
        await PrepareAsync();
        string[] viewed = ["5", "6", "7", "8", "9"];
        Array.ForEach(viewed, key => _home.View(Owner, key, views: 1));
        _home.OmitsTotals = how == "no total";
        _home.Order = (start, keys) => how switch
        {
            "ascending" => [.. keys.AsEnumerable().Reverse()],
            "undated first" => [.. keys[^1..], .. keys[..^1]],
            "twice" => [.. keys[..1], .. keys],
            // Between two pages, something was viewed.
            "shifted" when start > 0 => [.. keys[^1..], .. keys[..^1]],
            _ => keys,
        };

        var plan = await PlanAsync(new SyncOptions { Quick = true }, pageSize: how == "shifted" ? 1 : 1000);

        Assert.Equal((ReadingScope.Whole, reason), (plan.Reading, plan.WholeBecause));
        Assert.Equal(viewed, plan.Changes.Select(change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task Items_without_a_date_come_last_and_end_the_reading()
    {
        _home.Set(Kid, "9", new(0, 600_000, null));
        await PrepareAsync();
        _home.Set(Kid, "8", new(0, 600_000, null));

        // It has no date: only a whole reading finds it.
        Assert.Equal(ReadingScope.Changed, (await PlanAsync()).Reading);
        Assert.Equal(0, _home.Count("/library/metadata/"));
    }

    [Theory]
    [InlineData(-120, WholeReadingReason.ClockMoved)]
    [InlineData(120, WholeReadingReason.ClockMoved)]
    [InlineData(-20, null)]
    public async Task Everything_is_read_once_a_clock_was_moved(int seconds, WholeReadingReason? reason)
    {
        await PrepareAsync();
        _home.Ahead += TimeSpan.FromSeconds(seconds);
        _home.View(Owner, "5", views: 1);

        var plan = await PlanAsync();

        Assert.Equal(reason, plan.WholeBecause);
        Assert.Equal(["5"], plan.Changes.Select(change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task View_that_a_clock_set_back_a_little_dates_before_the_last_reading_is_found()
    {
        _home.View(Owner, "1", views: 1, at: _home.Now - 5);
        await RunAsync(new SyncOptions());
        _home.Ahead -= TimeSpan.FromSeconds(30);
        _home.View(Owner, "2", views: 1);
        _home.Time.Leap(TimeSpan.FromSeconds(40));

        var plan = await PlanAsync();

        Assert.Equal(ReadingScope.Changed, plan.Reading);
        Assert.Equal(["2"], plan.Changes.Select(change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task Everything_is_read_when_both_clocks_were_set_back()
    {
        await PrepareAsync();
        _home.Time.Leap(TimeSpan.FromHours(-2));

        Assert.Equal(WholeReadingReason.ClockMoved, (await PlanAsync()).WholeBecause);
    }

    [Fact]
    public async Task Everything_is_read_when_a_view_lies_in_the_future()
    {
        await PrepareAsync();
        _home.View(Owner, "5", views: 1, at: _home.Now + 3600);

        Assert.Equal(WholeReadingReason.ClockMoved, (await PlanAsync()).WholeBecause);
    }

    [Fact]
    public async Task Server_that_fails_at_a_large_page_is_asked_for_a_smaller_one()
    {
        foreach (var number in Enumerable.Range(200, 300))
        {
            _home.Items[$"{number}"] = "1";
            _home.View(Owner, $"{number}", views: 1, at: _home.Now - 1000);
        }

        _home.MostItems = 150;
        await RunAsync(new SyncOptions(), pageSize: 150);
        _home.Requests.Clear();

        Assert.Null((await PlanAsync(new SyncOptions { Quick = true }, pageSize: 150)).WholeBecause);
        // Two users and three libraries; what was written to one of them takes three pages, once a larger one has failed.
        Assert.Equal(5 + 1 + 3, _home.Count(Heads));
    }

    [Fact]
    public async Task View_with_an_earlier_date_is_found_among_the_latest()
    {
        await PrepareAsync();
        // As of an app that was offline: below what ended the reading.
        _home.View(Owner, "5", views: 1, at: _home.StateOf(Owner, "1").At - 1);
        _home.View(Owner, "6", views: 1, at: _home.StateOf(Owner, "4").At - 1000);

        var report = await RunAsync(new SyncOptions { Quick = true });

        Assert.Equal(ReadingScope.Changed, report.Plan.Reading);
        Assert.Equal(["5", "6"], report.Results.Select(result => $"{result.Change.Item.RatingKey}").Order());
    }

    [Fact]
    public async Task View_after_the_clock_of_everybody_was_set_back_is_found_among_the_latest()
    {
        await PrepareAsync();
        _home.View(Owner, "2", views: 2);
        _home.Time.Leap(TimeSpan.FromMinutes(30));
        await RunAsync(new SyncOptions { Quick = true });
        _home.Time.Leap(TimeSpan.FromMinutes(-50));
        _home.View(Owner, "5", views: 1);
        _home.Time.Leap(TimeSpan.FromMinutes(60));

        Assert.Equal(["5"], (await PlanAsync()).Changes.Select(change => $"{change.Item.RatingKey}"));
    }

    [Fact]
    public async Task Everything_is_read_when_a_viewed_item_is_not_sent()
    {
        await PrepareAsync();
        _home.View(Owner, "5", views: 1);
        _home.Order = (_, keys) =>
        {
            _home.Hidden.Add((Owner, "5"));
            return keys;
        };

        Assert.Equal(WholeReadingReason.OrderDoubtful, (await PlanAsync()).WholeBecause);
    }

    [Fact]
    public async Task User_who_sees_none_of_the_libraries_is_no_reason_to_read_everything()
    {
        _home.Unshared.Add((1003, "1"));
        _home.View(Owner, "1", views: 1, at: _home.Now - 1000);
        var users = await _home.ConnectAsync(3);
        var synchronizer = new WatchStateSynchronizer(_store);
        foreach (var isQuick in (bool[])[false, true])
        {
            var options = new SyncOptions { Libraries = ["Movies"], Quick = isQuick };
            var plans = await synchronizer.PlanAsync(users[0], [users[1], users[2]], options, null, Cancellation);
            Assert.All(plans, plan => Assert.Null(plan.WholeBecause));
            await synchronizer.ApplyAsync(plans, users, options, null, Cancellation);
        }

        _home.Unshared.Clear();
        var shared = await synchronizer.PlanAsync(
            users[0], [users[1], users[2]], new SyncOptions { Libraries = ["Movies"], Quick = true }, null, Cancellation);
        Assert.All(shared, plan => Assert.Equal(WholeReadingReason.LibrariesChanged, plan.WholeBecause));
    }

    [Theory]
    [InlineData("fill", SyncDirection.OneWay, WholeReadingReason.OptionsNeedAll)]
    [InlineData("copy", SyncDirection.TwoWay, WholeReadingReason.OptionsNeedAll)]
    [InlineData("copy", SyncDirection.OneWay, null)]
    public async Task Copies_are_looked_for_at_once_where_the_first_state_that_comes_stays(
        string policy, SyncDirection direction, WholeReadingReason? reason)
    {
        _home.Ids["5"] = _home.Ids["25"] = "imdb://tt5";
        _home.Hidden.Add((Kid, "5"));
        _home.View(Owner, "1", views: 1, at: _home.Now - 1000);
        var options = new SyncOptions
        {
            Policy = ConflictPolicies.All.Single(known => known.Name == policy),
            Direction = direction,
        };
        await RunAllAsync();
        _home.Time.Leap(TimeSpan.FromHours(1));
        _home.View(Owner, "5", views: 1);
        _home.View(Owner, "25", views: 0, minutes: 10);
        options.Quick = true;

        var plans = await RunAllAsync();

        Assert.Equal(reason, plans[0].WholeBecause);
        Assert.Equal(reason is null ? 0 : 1, _home.StateOf(Kid, "25").Views);
        options.Quick = false;
        await RunAllAsync();
        Assert.Equal(1, _home.StateOf(Kid, "25").Views);

        async Task<IReadOnlyList<SyncPlan>> RunAllAsync()
        {
            var users = await _home.ConnectAsync();
            var synchronizer = new WatchStateSynchronizer(_store);
            var plans = await synchronizer.PlanAsync(users[0], [users[1]], options, null, Cancellation);
            await synchronizer.ApplyAsync(plans, users, options, null, Cancellation);
            return plans;
        }
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(6, WholeReadingReason.TooOld)]
    public async Task Everything_is_read_again_after_so_many_hours(int hours, WholeReadingReason? reason)
    {
        var options = new SyncOptions { Quick = true, WholeReadingAfter = TimeSpan.FromHours(6) };
        await PrepareAsync();
        // A quick run in between is no whole reading.
        _home.Time.Leap(TimeSpan.FromHours(3));
        Assert.Null((await RunAsync(options)).Plan.WholeBecause);
        _home.Time.Leap(TimeSpan.FromHours(hours - 3));

        Assert.Equal(reason, (await PlanAsync(options)).WholeBecause);
        Assert.Equal(reason, (await RunAsync(options)).Plan.WholeBecause);
        Assert.Null((await PlanAsync(options)).WholeBecause);
    }

    [Fact]
    public async Task Everything_is_read_where_nothing_is_known()
    {
        _home.View(Owner, "1", views: 1);
        Assert.Equal(WholeReadingReason.NothingKnown, (await RunAsync(new SyncOptions { Quick = true })).Plan.WholeBecause);
        Assert.Null((await PlanAsync()).WholeBecause);
        Assert.Null((await PlanAsync(new SyncOptions())).WholeBecause);
    }

    [Fact]
    public async Task Everything_is_read_without_a_store()
    {
        var users = await _home.ConnectAsync();

        var plan = await new WatchStateSynchronizer().PlanAsync(users[0], users[1], new SyncOptions { Quick = true }, null, Cancellation);

        Assert.Equal((ReadingScope.Whole, WholeReadingReason.NothingKnown), (plan.Reading, plan.WholeBecause));
    }

    [Fact]
    public async Task A_reading_counts_for_its_users_and_options_alone()
    {
        await PrepareAsync();
        var users = await _home.ConnectAsync(3);
        var synchronizer = new WatchStateSynchronizer(_store);

        Assert.Equal(WholeReadingReason.NothingKnown, (await PlanAsync(new() { Quick = true, Only = StateKind.Watched })).WholeBecause);
        Assert.Equal(
            WholeReadingReason.NothingKnown, (await PlanAsync(new() { Quick = true, Policy = ConflictPolicies.Furthest })).WholeBecause);
        Assert.Equal(
            WholeReadingReason.NothingKnown,
            (await synchronizer.PlanAsync(users[0], users[2], new() { Quick = true }, null, Cancellation)).WholeBecause);
        Assert.Null((await PlanAsync(new() { Quick = true, Policy = ConflictPolicies.Copy })).WholeBecause);
        Assert.Null((await PlanAsync(new() { Quick = true, Since = DateTimeOffset.UnixEpoch })).WholeBecause);
    }

    [Fact]
    public async Task What_one_run_left_out_of_its_scope_is_read_by_one_with_a_wider_scope()
    {
        _home.View(Owner, "1", views: 1, at: _home.Now - 100_000);
        _home.View(Owner, "2", views: 1);
        var since = _home.Time.GetUtcNow().AddHours(-1);
        Assert.Single((await RunAsync(new SyncOptions { Since = since })).Results);

        var wider = await PlanAsync();

        Assert.Equal(WholeReadingReason.NothingKnown, wider.WholeBecause);
        Assert.Single(wider.Changes);
        Assert.Null((await PlanAsync(new() { Quick = true, Since = since.AddMinutes(1) })).WholeBecause);
    }

    [Fact]
    public async Task What_another_run_added_to_one_of_the_users_is_read_as_a_change()
    {
        await PrepareAsync();
        await RunOtherAsync();

        Assert.Null((await PlanAsync()).WholeBecause);
    }

    [Fact]
    public async Task Everything_is_read_after_another_run_took_something_away()
    {
        await PrepareAsync();
        var (synchronizer, target, run) = await RunOtherAsync();
        var undo = await synchronizer.PlanUndoAsync(run, target, cancellationToken: Cancellation);
        await synchronizer.ApplyAsync(undo, target, cancellationToken: Cancellation);

        Assert.Equal(WholeReadingReason.RunsSince, (await PlanAsync()).WholeBecause);
    }

    private async Task<(WatchStateSynchronizer Synchronizer, PlexServer Target, RunId Run)> RunOtherAsync()
    {
        var users = await _home.ConnectAsync(3);
        var synchronizer = new WatchStateSynchronizer(_store);
        _home.View(1003, "7", views: 1);
        var other = await synchronizer.PlanAsync(users[2], users[1], cancellationToken: Cancellation);
        var report = await synchronizer.ApplyAsync(other, users[2], users[1], cancellationToken: Cancellation);
        return (synchronizer, users[1], report.Run!.Value);
    }

    [Fact]
    public async Task Everything_is_read_when_what_was_viewed_is_no_longer_listed()
    {
        await PrepareAsync();
        _home.View(Kid, "4", views: 0);
        Assert.Equal(WholeReadingReason.ViewsMissing, (await PlanAsync()).WholeBecause);

        _home.View(Kid, "4", views: 0, minutes: 30, at: _home.Now - 50_000);
        Assert.Equal(WholeReadingReason.ViewsMissing, (await PlanAsync()).WholeBecause);

        _home.Hidden.Add((Owner, "1"));
        Assert.Equal(WholeReadingReason.ViewsMissing, (await PlanAsync()).WholeBecause);
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_plan_that_was_not_applied_as_it_is()
    {
        _home.View(Owner, "1", views: 1);
        _home.View(Owner, "2", views: 1);
        var users = await _home.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer(_store);
        var plan = await synchronizer.PlanAsync(users[0], users[1], cancellationToken: Cancellation);
        var part = plan with { Changes = [plan.Changes[0]] };
        await synchronizer.ApplyAsync(part, users[0], users[1], cancellationToken: Cancellation);

        Assert.Equal(WholeReadingReason.NothingKnown, (await PlanAsync()).WholeBecause);
    }

    public static TheoryData<string> Policies => [.. ConflictPolicies.All.Select(static policy => policy.Name), "own"];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Nothing_is_taken_away_after_reading_only_what_changed(string policy)
    {
        var options = new SyncOptions
        {
            Policy = policy == "own" ? new Emptying() : ConflictPolicies.All.Single(known => known.Name == policy),
            MaxRemovals = 0,
            Ratings = true,
            Unwatched = true,
        };
        foreach (var key in (string[])["1", "2", "11"])
        {
            _home.View(Owner, key, views: 1, at: _home.Now - 1000);
            _home.View(Kid, key, views: 1, at: _home.Now - 1000);
        }

        await RunAsync(options);
        await RunAsync(options);
        options.Quick = true;
        // What only one of them has now, or what one has less of.
        _home.Time.Leap(TimeSpan.FromHours(1));
        _home.View(Kid, "3", views: 2, minutes: 30);
        _home.View(Kid, "4", views: 0, minutes: 30);
        _home.View(Kid, "1", views: 3, minutes: 20);

        var plan = await PlanAsync(options);

        Assert.Equal(ReadingScope.Changed, plan.Reading);
        Assert.Equal(0, plan.Removals);
        if (options.Policy is MirrorPolicy or Emptying)
        {
            Assert.NotEmpty(plan.Skipped);
            Assert.All(plan.Skipped, skipped => Assert.Equal(SkipReason.WaitsForWholeReading, skipped.Reason));
        }

        options.Quick = false;
        options.MaxRemovals = 100;
        Assert.Equal(policy is "mirror" or "own", (await PlanAsync(options)).Removals > 0);
    }

    [Fact]
    public async Task What_is_agreed_on_items_that_were_not_read_stays()
    {
        foreach (var key in (string[])["1", "2", "11"])
        {
            _home.View(Owner, key, views: 1, at: _home.Now - 1000);
        }

        await RunAsync(new SyncOptions { Unwatched = true });
        await RunAsync(new SyncOptions { Unwatched = true });
        var users = await _home.ConnectAsync();
        Assert.Equal(3, await CountAsync());
        _home.Time.Leap(TimeSpan.FromHours(1));
        _home.View(Owner, "5", views: 1);

        var report = await RunAsync(new SyncOptions { Unwatched = true, Quick = true });

        Assert.Equal(ReadingScope.Changed, report.Plan.Reading);
        Assert.Equal(4, await CountAsync());

        async Task<int> CountAsync() =>
            (await _store.ReadAgreementsAsync(users[0].ServerUser, users[1].ServerUser, Cancellation))!.Items.Count();
    }

    [Fact]
    public async Task A_merge_reads_what_changed_for_everybody()
    {
        var users = await _home.ConnectAsync(3);
        var synchronizer = new WatchStateSynchronizer(_store);
        _home.View(Owner, "1", views: 1, at: _home.Now - 1000);
        await RunAsync(isQuick: false);
        _home.Time.Leap(TimeSpan.FromHours(1));
        _home.View(1003, "12", views: 1);
        _home.Requests.Clear();

        var reports = await RunAsync(isQuick: true);

        Assert.All(reports, report => Assert.Equal(ReadingScope.Changed, report.Plan.Reading));
        Assert.Equal([["12"], ["12"], []], reports.Select(report => report.Results.Select(result => $"{result.Change.Item.RatingKey}")));
        Assert.Equal((0, 9), (_home.Count(Listing), _home.Count(Heads)));

        async Task<IReadOnlyList<SyncReport>> RunAsync(bool isQuick)
        {
            var plans = await synchronizer.PlanMergeAsync(users, new SyncOptions { Quick = isQuick }, null, Cancellation);
            return await synchronizer.ApplyAsync(plans, users, cancellationToken: Cancellation);
        }
    }

    [Fact]
    public async Task An_item_that_the_target_does_not_see_waits_for_a_whole_reading()
    {
        _home.Hidden.Add((Kid, "5"));
        await PrepareAsync();
        _home.View(Owner, "5", views: 1);

        Assert.Equal(SkipReason.WaitsForWholeReading, Assert.Single((await PlanAsync()).Skipped).Reason);
        Assert.Equal(SkipReason.NotVisibleToTarget, Assert.Single((await PlanAsync(new() { Quick = false })).Skipped).Reason);
    }

    [Fact]
    public async Task A_library_that_was_not_chosen_is_not_touched()
    {
        // In two directions, the target may have a copy in any library.
        var users = await _home.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer(_store);
        _home.View(Owner, "1", views: 1);
        foreach (var isQuick in (bool[])[false, true])
        {
            var options = new SyncOptions { Direction = SyncDirection.TwoWay, Libraries = ["Movies"], Quick = isQuick };
            var plans = await synchronizer.PlanAsync(users[0], [users[1]], options, null, Cancellation);
            Assert.Equal(isQuick ? ReadingScope.Changed : ReadingScope.Whole, plans[0].Reading);
            Assert.Equal(isQuick ? 0 : 1, plans.Sum(plan => plan.Changes.Count));
            await synchronizer.ApplyAsync(plans, users, options, null, Cancellation);
            _home.View(Kid, "21", views: 1);
        }
    }

    [Fact]
    public async Task Options_that_need_every_item_read_everything()
    {
        await PrepareAsync();

        Assert.Equal(WholeReadingReason.OptionsNeedAll, (await PlanAsync(new() { Quick = true, Match = MatchMode.Ids })).WholeBecause);
        Assert.Equal(WholeReadingReason.OptionsNeedAll, (await PlanAsync(new() { Quick = true, RetryUnkept = true })).WholeBecause);
        Assert.Equal(WholeReadingReason.OptionsNeedAll, (await PlanAsync(new() { Quick = true, Shows = ["Show"] })).WholeBecause);
    }

    [Fact]
    public async Task Everything_is_read_where_that_takes_fewer_requests()
    {
        foreach (var number in Enumerable.Range(200, 300))
        {
            _home.Items[$"{number}"] = "1";
        }

        await PrepareAsync();
        foreach (var number in Enumerable.Range(200, 300))
        {
            _home.View(Owner, $"{number}", views: 1);
        }

        // Six pages of a whole reading; two bulk reads for each, then four.
        Assert.Null((await PlanAsync()).WholeBecause);
        foreach (var number in Enumerable.Range(500, 350))
        {
            _home.Items[$"{number}"] = "1";
            _home.View(Owner, $"{number}", views: 1);
        }

        Assert.Equal(WholeReadingReason.TooManyChanges, (await PlanAsync()).WholeBecause);
    }

    [Fact]
    public void A_whole_reading_cannot_be_asked_for_all_the_time() => Assert.Equal(
        PlexErrorKind.InvalidOption,
        Assert.Throws<PlexException>(
            () => new SyncOptions { WholeReadingAfter = TimeSpan.FromMinutes(4) }.RequireSense(1, isOneServer: true)).Kind);

    public void Dispose()
    {
        _home.Dispose();
        _store.Dispose();
    }

    /// <summary>A whole run after both have viewed something; an hour later, a quick one is due.</summary>
    private async Task PrepareAsync(int pageSize = 1000)
    {
        foreach (var (number, key) in new[] { "4", "3", "2", "1", "12", "11" }.Index())
        {
            _home.View(Owner, key, views: 1, at: _home.Now - 10_000 + number);
            _home.View(Kid, key, views: 1, at: _home.Now - 10_000 + number);
        }

        _home.View(Owner, "4", views: 0, minutes: 30, at: _home.Now - 10_000);
        _home.View(Kid, "4", views: 0, minutes: 30, at: _home.Now - 10_000);
        await RunAsync(new SyncOptions(), pageSize);
        _home.Time.Leap(TimeSpan.FromHours(1));
        _home.Requests.Clear();
    }

    private async Task<SyncPlan> PlanAsync(SyncOptions? options = null, int pageSize = 1000)
    {
        var users = await _home.ConnectAsync(pageSize: pageSize);
        return await new WatchStateSynchronizer(_store).PlanAsync(
            users[0], users[1], options ?? new SyncOptions { Quick = true }, null, Cancellation);
    }

    private async Task<SyncReport> RunAsync(SyncOptions options, int pageSize = 1000)
    {
        var users = await _home.ConnectAsync(pageSize: pageSize);
        var synchronizer = new WatchStateSynchronizer(_store);
        var plan = await synchronizer.PlanAsync(users[0], users[1], options, null, Cancellation);
        return await synchronizer.ApplyAsync(plan, users[0], users[1], options, null, Cancellation);
    }

    /// <summary>Takes away whatever the source does not have.</summary>
    private sealed class Emptying : IConflictPolicy
    {
        public string Name => "own";

        public Resolution Resolve(in ConflictContext context) => ConflictPolicies.Mirror.Resolve(context);
    }
}
