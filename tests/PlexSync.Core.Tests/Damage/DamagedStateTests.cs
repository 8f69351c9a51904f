using System.Text;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Damage;

/// <summary>An item whose state is damaged is skipped and named; it never passes for one that was not watched.</summary>
public sealed class DamagedStateTests
{
    private static readonly byte[] Impossible = "-1"u8.ToArray();

    [Theory]
    [InlineData("movies of Owner", "copy")]
    [InlineData("movies of Kid", "copy")]
    [InlineData("movies of Owner", "mirror")]
    [InlineData("movies of Kid", "mirror")]
    public async Task Item_is_skipped_and_named_and_the_rest_is_done(string answer, string policy)
    {
        using var household = new DamagedHousehold(StateOf(answer, row: 0));

        var report = await household.SyncAsync(ConflictPolicies.All.Single(known => known.Name == policy));

        Assert.Equal(("1", "Solaris (1972)"), Skipped(report.Plan));
        Assert.DoesNotContain("/:/scrobble 1", household.Writes);
        Assert.Contains("/:/scrobble 11", household.Writes);
        Assert.Contains("/:/timeline 2", household.Writes);
        Assert.All(report.Plan.Libraries, library => Assert.Null(library.Error));
    }

    [Fact]
    public async Task Mirror_takes_nothing_away_for_a_state_that_is_damaged()
    {
        // The owner has watched neither 3 nor 12; Kid has both.
        using var household = new DamagedHousehold(StateOf("movies of Owner", row: 2));

        var report = await household.SyncAsync(ConflictPolicies.Mirror);

        Assert.Equal("3", Skipped(report.Plan).Key);
        Assert.DoesNotContain("/:/unscrobble 3", household.Writes);
        Assert.Contains("/:/unscrobble 12", household.Writes);
    }

    [Theory]
    [InlineData("movies of Owner")]
    [InlineData("movies of Kid")]
    public async Task Unwatching_does_not_travel_for_a_state_that_is_damaged_nor_is_forgotten_what_was_agreed(string answer)
    {
        using var household = new DamagedHousehold();
        var folder = Directory.CreateTempSubdirectory("plexsync-damage-");
        try
        {
            var synchronizer = new WatchStateSynchronizer(new FileStore(folder.FullName));
            var options = new SyncOptions { Unwatched = true, MaxRemovals = 100 };
            var (owner, kid) = await household.ConnectAsync();
            await ApplyAsync();
            await ApplyAsync();
            household.Writes.Clear();
            household.Use(StateOf(answer, row: 0));

            var damaged = await ApplyAsync();

            Assert.Equal("1", Skipped(damaged.Plan).Key);
            Assert.Empty(household.Writes);
            household.Use(null);
            household.StatesOf("Owner").Remove("1");
            await ApplyAsync();
            Assert.Equal(["/:/unscrobble 1"], household.Writes);

            async Task<SyncReport> ApplyAsync() =>
                await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, options), kid, options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("movies of Owner")]
    [InlineData("movies of Kid")]
    public async Task Merge_leaves_the_item_alone_on_every_side(string answer)
    {
        using var household = new DamagedHousehold(StateOf(answer, row: 0));
        var (owner, kid) = await household.ConnectAsync();

        var plans = await new WatchStateSynchronizer().PlanMergeAsync([owner, kid]);

        Assert.All(plans, plan => Assert.Equal("1", Skipped(plan).Key));
        Assert.All(plans, plan => Assert.DoesNotContain(plan.Changes, change => change.Item.RatingKey.ToString() == "1"));
        Assert.Contains(plans[1].Changes, change => change.Item.RatingKey.ToString() == "2");
    }

    [Theory]
    [InlineData("movies of Owner")]
    [InlineData("movies of Kid")]
    public async Task Explanation_says_that_the_state_is_damaged(string answer)
    {
        using var household = new DamagedHousehold(StateOf(answer, row: 0));
        var (owner, kid) = await household.ConnectAsync();

        var explanation = Assert.Single(await new WatchStateSynchronizer().ExplainAsync(owner, kid, "Solaris"));

        Assert.Equal((ExplanationVerdict.Skipped, SkipReason.StateDamaged), (explanation.Verdict, explanation.SkipReason));
    }

    [Fact]
    public async Task Snapshot_leaves_the_item_out_so_that_exact_restoring_takes_nothing_from_it()
    {
        using var household = new DamagedHousehold(StateOf("movies of Kid", row: 2));
        var (_, kid) = await household.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer();
        using var file = new MemoryStream();

        Assert.Equal(5, await synchronizer.SaveSnapshotAsync(kid, file));

        household.Use(null);
        file.Position = 0;
        var plan = await synchronizer.PlanRestoreAsync(file, kid, exact: true);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public async Task Restoring_leaves_an_item_alone_whose_state_is_damaged_now()
    {
        using var household = new DamagedHousehold();
        var (_, kid) = await household.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer();
        using var file = new MemoryStream();
        await synchronizer.SaveSnapshotAsync(kid, file);
        household.StatesOf("Kid").Clear();
        household.Use(StateOf("movies of Kid", row: 2));
        file.Position = 0;

        var plan = await synchronizer.PlanRestoreAsync(file, kid);

        Assert.Equal("3", Skipped(plan).Key);
        Assert.Equal("12", Assert.Single(plan.Changes).Item.RatingKey.ToString());
    }

    [Fact]
    public async Task Plan_that_is_read_again_leaves_the_item_alone()
    {
        using var household = new DamagedHousehold();
        var (owner, kid) = await household.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer();
        var plan = await synchronizer.PlanAsync(owner, kid);
        household.Use(StateOf("bulk of Kid", row: 0));

        var report = await synchronizer.ApplyAsync(plan with { CreatedAt = plan.CreatedAt.AddHours(-1) }, kid);

        // Marks and positions are read in batches of their own, each with a damaged first row.
        Assert.Equal(
            [("1", SkipReason.StateDamaged), ("2", SkipReason.StateDamaged)],
            report.Results.Where(static result => result.SkipReason is not null)
                .Select(static result => (result.Change.Item.RatingKey.ToString(), result.SkipReason!.Value)));
        Assert.Equal(["/:/scrobble 11"], household.Writes);
    }

    [Fact]
    public async Task Read_back_that_is_damaged_neither_confirms_nor_repeats_a_write()
    {
        using var household = new DamagedHousehold(StateOf("bulk of Kid", row: 0));

        var report = await household.SyncAsync(ConflictPolicies.Copy);

        Assert.Equal(3, household.Writes.Distinct().Count());
        Assert.Equal(3, household.Writes.Count);
        Assert.Equal((3, 2), (report.Count(ChangeOutcome.Applied), report.Verified));
    }

    [Fact]
    public async Task Undo_leaves_the_item_alone()
    {
        using var household = new DamagedHousehold();
        var folder = Directory.CreateTempSubdirectory("plexsync-damage-");
        try
        {
            var synchronizer = new WatchStateSynchronizer(new FileStore(folder.FullName));
            var (owner, kid) = await household.ConnectAsync();
            var report = await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), kid);
            household.Use(StateOf("bulk of Kid", row: 0));

            var undo = await synchronizer.PlanUndoAsync(report.Run!.Value, kid);

            Assert.Equal("1", Skipped(undo).Key);
            Assert.Equal(2, undo.Changes.Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_of_a_killed_run_is_not_taken_for_undone_when_the_state_is_damaged_by_the_time_it_is_settled(bool isResumed)
    {
        using var household = new DamagedHousehold();
        var folder = Directory.CreateTempSubdirectory("plexsync-damage-");
        try
        {
            var token = TestContext.Current.CancellationToken;
            var journal = new FileStore(folder.FullName);
            var synchronizer = new WatchStateSynchronizer(journal);
            var (owner, kid) = await household.ConnectAsync();
            var plan = await synchronizer.PlanAsync(owner, kid, cancellationToken: token);
            RunId run;
            await using (var killed = await journal.BeginAsync(plan, token))
            {
                run = killed.Run;
                // Long ago by the household's clock: one read is enough.
                var change = plan.Changes.Single(static change => change.Item.RatingKey.ToString() == "1");
                await killed.AnnounceAsync(change, DateTimeOffset.FromUnixTimeSeconds(1_780_000_000), token);
            }

            await kid.MarkWatchedAsync(RatingKey.Parse("1"), token);
            household.Use(StateOf("bulk of Kid", row: 0));

            var settled = isResumed
                ? await synchronizer.ResumeAsync(run, kid, cancellationToken: token)
                : Assert.Single(await synchronizer.SettleAsync(kid, cancellationToken: token));
            household.Use(null);
            var undo = await synchronizer.PlanUndoAsync(run, kid, cancellationToken: token);

            var result = settled.Results.Single(static result => result.Change.Item.RatingKey.ToString() == "1");
            Assert.Equal(ChangeOutcome.Unknown, result.Outcome);
            Assert.Single(household.Writes, "/:/scrobble 1");
            // Its date is not one of the run, so that it is named rather than taken back.
            Assert.Contains(undo.Skipped, static skipped => skipped.Item.RatingKey.ToString() == "1");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Plan_file_and_journal_keep_the_reason()
    {
        using var household = new DamagedHousehold(StateOf("movies of Owner", row: 0));
        var (owner, kid) = await household.ConnectAsync();
        var plan = await new WatchStateSynchronizer().PlanAsync(owner, kid);
        using var file = new MemoryStream();

        await plan.WriteAsync(file);
        Assert.Contains("\"stateDamaged\"", Encoding.UTF8.GetString(file.ToArray()), StringComparison.Ordinal);
        file.Position = 0;

        Assert.Equal("1", Skipped(await SyncPlan.ReadAsync(file)).Key);
    }

    [Theory]
    [InlineData("title", "[\"a\"]")]
    [InlineData("title", "\"\\ud800\"")]
    [InlineData("grandparentTitle", "")]
    [InlineData("index", "\"7a\"")]
    [InlineData("parentIndex", "{}")]
    public async Task Field_that_only_one_listing_tells_does_not_make_it_another_item(string field, string value)
    {
        using var household = new DamagedHousehold(
            new Damage(
                "episodes of Owner", $"MediaContainer/Metadata/0/{field}", value.Length == 0 ? null : Encoding.UTF8.GetBytes(value)));

        await household.SyncAsync(ConflictPolicies.Copy);

        Assert.Equal(["/:/scrobble 1", "/:/scrobble 11", "/:/timeline 2"], household.Writes.Order());
    }

    [Fact]
    public async Task Item_that_goes_by_another_name_is_another_one_still()
    {
        using var household = new DamagedHousehold(
            new Damage("movies of Kid", "MediaContainer/Metadata/0/title", "\"Sunshine\""u8.ToArray()));

        var report = await household.SyncAsync(ConflictPolicies.Copy);

        Assert.Equal(SkipReason.NotSameItem, Assert.Single(report.Plan.Skipped).Reason);
        Assert.DoesNotContain("/:/scrobble 1", household.Writes);
    }

    private static Damage StateOf(string answer, int row) => new(answer, $"MediaContainer/Metadata/{row}/viewCount", Impossible);

    private static (string Key, string Title) Skipped(SyncPlan plan)
    {
        var skipped = Assert.Single(plan.Skipped);
        Assert.Equal(SkipReason.StateDamaged, skipped.Reason);
        return (skipped.Item.RatingKey.ToString(), skipped.Item.DisplayTitle);
    }
}
