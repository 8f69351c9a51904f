using System.Text;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>What was kept comes back, on the same profile or another; and half a snapshot is none.</summary>
public sealed class SnapshotTests
{
    private const int Minute = 60_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exact_restore_brings_every_state_back_whatever_happened_since(bool scrobbleKeepsPosition)
    {
        await using var session = await Session.StartAsync(Worlds.Lifelike());
        var simulated = session.Simulated;
        simulated.Switches.ScrobbleKeepsPosition = scrobbleKeepsPosition;
        var owner = await session.ConnectAsync();
        var before = Describe(simulated, session.World.Owner);
        var snapshot = await SaveAsync(session, owner);
        Scramble(simulated, session.World.Owner);
        Assert.NotEqual(before, Describe(simulated, session.World.Owner));

        var report = await RestoreAsync(session, snapshot, owner, exact: true);

        Assert.Equal("restoreExact", report.Plan.Policy);
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.True(report.Plan.Removals > 0);
        // What Plex stores from its own players but takes from nobody else stays out of reach, and is named.
        var unreachable = report.Plan.Skipped.Select(skipped => skipped.Item.RatingKey.ToString()).ToHashSet();
        Assert.All(report.Plan.Skipped, skipped => Assert.InRange(skipped.Reason, SkipReason.PositionTooShort, SkipReason.NoDuration));
        Assert.InRange(unreachable.Count, 1, 6);
        Assert.Equal(
            before.Where(pair => !unreachable.Contains(pair.Key)), Describe(simulated, session.World.Owner)
                .Where(pair => !unreachable.Contains(pair.Key)));
        Assert.Equal(
            before.Where(pair => pair.Value.Watched).Select(pair => pair.Key),
            Describe(simulated, session.World.Owner).Where(pair => pair.Value.Watched).Select(pair => pair.Key));
        Assert.Empty((await PlanAsync(session, snapshot, owner, exact: true)).Changes);
    }

    [Fact]
    public async Task Restore_adds_and_takes_nothing_away()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var user = session.World.Owner;
        var snapshot = await SaveAsync(session, owner);
        session.Simulated.SetState(user, "1", ItemState.None);
        session.Simulated.SetState(user, "4", new ItemState(ViewOffset: 5 * Minute));
        session.Simulated.SetState(user, "16", new ItemState(ViewOffset: 30 * Minute));
        session.Simulated.SetState(user, "6", new ItemState(ViewCount: 1));
        session.Simulated.SetState(user, "7", new ItemState(ViewOffset: 7 * Minute));

        var report = await RestoreAsync(session, snapshot, owner, exact: false);

        Assert.Equal(("restore", 0), (report.Plan.Policy, report.Plan.Removals));
        Assert.Equal(
            [("1", ChangeReason.SourceWatched), ("4", ChangeReason.SourceInProgress)],
            report.Results.Select(result => (result.Change.Item.RatingKey.ToString(), result.Change.Reason)));
        Assert.Equal(1, session.Simulated.State(user, "1").ViewCount);
        Assert.Equal(20 * Minute, session.Simulated.State(user, "4").ViewOffset);
        Assert.Equal(30 * Minute, session.Simulated.State(user, "16").ViewOffset);
        Assert.Equal(1, session.Simulated.State(user, "6").ViewCount);
        Assert.Equal(7 * Minute, session.Simulated.State(user, "7").ViewOffset);
        Assert.Empty((await PlanAsync(session, snapshot, owner, exact: false)).Changes);
    }

    [Fact]
    public async Task Restore_to_another_user_seeds_their_profile_and_names_what_they_may_not_see()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.SetState(session.World.Owner, "10", new ItemState(1, 0, 1_700_000_000));
        var owner = await session.ConnectAsync();
        var snapshot = await SaveAsync(session, owner);
        var kid = await session.SwitchAsync(owner, "Kid");

        // The owner of the snapshot is not needed, nor asked.
        var report = await RestoreAsync(session, snapshot, kid, exact: false);

        Assert.Equal(("Owner", "Kid"), (report.Plan.Source.Title, report.Plan.Target.Title));
        Assert.Equal(
            ["2", "3", "4", "5", "13", "14", "15", "16"], report.Results.Select(result => result.Change.Item.RatingKey.ToString()));
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        var hidden = Assert.Single(report.Plan.Skipped);
        Assert.Equal(("10", SkipReason.NotVisibleToTarget), (hidden.Item.RatingKey.ToString(), hidden.Reason));
        Assert.Equal(10 * Minute, session.Simulated.State(session.Kid, "16").ViewOffset);
        await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ApplyAsync(report.Plan, kid, owner));
    }

    [Fact]
    public async Task Plan_keeps_no_ids_of_items()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.SetState(session.World.Owner, "10", new ItemState(1, 0, 1_700_000_000));
        var owner = await session.ConnectAsync();
        var snapshot = await SaveAsync(session, owner);
        var plan = await PlanAsync(session, snapshot, await session.SwitchAsync(owner, "Kid"), exact: true);

        var items = plan.Changes.Select(change => change.Item).Concat(plan.Skipped.Select(skipped => skipped.Item)).ToList();

        Assert.Equal(9, items.Count);
        Assert.All(items, item => Assert.True(item.PlexGuid is null && item.ExternalIds.Count == 0));
    }

    [Fact]
    public async Task Exact_restore_leaves_alone_what_the_snapshot_does_not_list()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var snapshot = await SaveAsync(session, kid);
        session.Simulated.Edit(server => server.Item("10").HiddenFrom.Clear());
        session.Simulated.SetState(session.Kid, "10", new ItemState(1, 0, 1_700_000_000));
        session.Simulated.SetState(session.Kid, "9", new ItemState(1, 0, 1_700_000_000));

        var report = await RestoreAsync(session, snapshot, kid, exact: true);

        var change = Assert.Single(report.Plan.Changes);
        Assert.Equal(("9", ChangeReason.SourceUnwatched, true), (change.Item.RatingKey.ToString(), change.Reason, change.IsRemoval));
        Assert.Equal(1, session.Simulated.State(session.Kid, "10").ViewCount);
        Assert.Equal(ItemState.None, session.Simulated.State(session.Kid, "9"));
    }

    [Fact]
    public async Task Restore_reads_only_the_libraries_of_the_snapshot()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var snapshot = await SaveAsync(session, owner, ["tv shows"]);
        session.Simulated.SetState(session.World.Owner, "1", ItemState.None);
        session.Simulated.SetState(session.World.Owner, "13", ItemState.None);
        session.Plex.Requests.Clear();

        var report = await RestoreAsync(session, snapshot, owner, exact: true);

        Assert.DoesNotContain(session.Plex.Requests.All, request => request.Path == "/library/sections/1/all");
        Assert.Equal(["TV Shows"], report.Plan.Libraries.Select(library => library.Library.Title));
        Assert.Equal("13", Assert.Single(report.Results).Change.Item.RatingKey.ToString());
    }

    [Fact]
    public async Task Restore_leaves_a_library_out_when_its_listing_is_doubtful()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var snapshot = await SaveAsync(session, owner);
        session.Plex.Faults.On("/library/sections/1/all").DropItem();

        var plan = await PlanAsync(session, snapshot, kid, exact: true);

        Assert.Equal(PlexErrorKind.IncompleteListing, plan.Libraries[0].Error?.Kind);
        Assert.Null(plan.Libraries[1].Error);
        Assert.Equal(["13", "14", "15", "16"], plan.Changes.Select(change => change.Item.RatingKey.ToString()));
    }

    [Fact]
    public async Task Restore_names_all_of_a_library_that_is_no_longer_shared()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var snapshot = await SaveAsync(session, owner);
        session.Simulated.Edit(server => server.Library("TV Shows").SharedWith.Remove(session.Kid.Id));
        var kid = await session.SwitchAsync(owner, "Kid");

        var plan = await PlanAsync(session, snapshot, kid, exact: true);

        Assert.Equal(4, plan.Skipped.Count(skipped => skipped.Reason is SkipReason.NotVisibleToTarget));
        Assert.Equal((10, 0), (plan.Libraries[1].SourceItems, plan.Libraries[1].TargetItems));
    }

    [Fact]
    public async Task Restore_skips_an_item_when_its_rating_key_belongs_to_another_now()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var snapshot = (await SaveAsync(session, owner))
            .Replace("plex://movie/000000000000000000000002", "plex://movie/other", StringComparison.Ordinal)
            .Replace("\"imdb://tt0000002\",\"tmdb://2\"", "\"imdb://tt0999999\"", StringComparison.Ordinal)
            // Matched anew, with one id that stayed.
            .Replace("plex://movie/000000000000000000000003", "plex://movie/other", StringComparison.Ordinal)
            // Without any state: nothing is lost where it is left alone.
            .Replace("plex://movie/000000000000000000000006", "plex://movie/other", StringComparison.Ordinal)
            .Replace("\"imdb://tt0000006\",\"tmdb://6\"", "\"imdb://tt0999999\"", StringComparison.Ordinal);

        var plan = await PlanAsync(session, snapshot, kid, exact: true);

        var skipped = Assert.Single(plan.Skipped);
        Assert.Equal(("2", SkipReason.NotSameItem), (skipped.Item.RatingKey.ToString(), skipped.Reason));
        Assert.Equal(["3", "4", "5", "13", "14", "15", "16"], plan.Changes.Select(change => change.Item.RatingKey.ToString()));
    }

    [Fact]
    public async Task Restore_is_refused_on_another_server_before_it_is_asked_for_anything()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var snapshot = (await SaveAsync(session, owner)).Replace(owner.MachineIdentifier.ToString(), "another", StringComparison.Ordinal);
        session.Plex.Requests.Clear();

        var mismatch = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, snapshot, owner, exact: true));
        var cut = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, snapshot[..^20], owner, exact: true));

        Assert.Equal((PlexErrorKind.PlanMismatch, PlexErrorKind.InvalidFile), (mismatch.Kind, cut.Kind));
        Assert.Empty(session.Plex.Requests.All);
    }

    [Fact]
    public async Task Snapshot_lists_every_item_with_its_ids_and_holds_no_secret()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var title = "[REC] “日本”\n\u0001\u2028";
        session.Simulated.Edit(server => server.Item("3").Title = title);
        var owner = await session.ConnectAsync();
        using var output = new MemoryStream();

        var count = await session.Synchronizer.SaveSnapshotAsync(owner, output);

        var text = Encoding.UTF8.GetString(output.ToArray());
        var lines = text.Split('\n');
        Assert.Equal((20, 23), (count, lines.Length));
        Assert.StartsWith("""{"format":"plexsync-snapshot","version":1,"createdAt":"20""", lines[0], StringComparison.Ordinal);
        Assert.Contains("""Z","server":{"machineIdentifier":""", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(
            """{"id":1001,"title":"Owner"},"libraries":[{"key":"1","title":"Movies","type":"movie"},"""
            + """{"key":"2","title":"TV Shows","type":"show"}]}""",
            lines[0],
            StringComparison.Ordinal);
        Assert.Contains(
            """{"ratingKey":"4","library":"1","type":"movie","title":"Movie 4","year":2004,"durationMs":"""
            + """6000000,"guid":"plex://movie/000000000000000000000004","ids":["imdb://tt0000004","tmdb://4"],"positionMs":"""
            + """1200000,"lastViewedAt":"2026-05-06T00:00:00Z"}""",
            lines);
        Assert.Contains(
            """{"ratingKey":"17","library":"2","type":"episode","title":"Episode 1.5","show":"Show 1","season":1,"episode":5,"year":"""
            + """2010,"durationMs":2400000,"guid":"plex://episode/000000000000000000000011","ids":["imdb://tt0000017","tvdb://17"]}""",
            lines);
        Assert.Equal(["""{"count":20}""", ""], lines[^2..]);
        Assert.DoesNotContain(session.World.Owner.AccountToken, text, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Simulated.TokenOf(session.World.Owner), text, StringComparison.Ordinal);
        Assert.True(output.CanWrite);

        // The odd title is data, and the same data when it is read.
        session.Simulated.SetState(session.World.Owner, "3", ItemState.None);
        Assert.Equal(title, Assert.Single((await PlanAsync(session, text, owner, exact: false)).Changes).Item.Title);
    }

    [Fact]
    public async Task Snapshot_asks_for_ids_and_a_sync_by_key_does_not()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        await session.Synchronizer.PlanAsync(owner, await session.SwitchAsync(owner, "Kid"), new SyncOptions { Match = MatchMode.Key });
        Assert.DoesNotContain(session.Plex.Requests.All, request => request["includeGuids"] is not null);
        session.Plex.Requests.Clear();

        await SaveAsync(session, owner);

        Assert.Equal(
            ["1", "1"],
            session.Plex.Requests.All.Where(request => request.Path.EndsWith("/all", StringComparison.Ordinal))
                .Select(request => request["includeGuids"]));
    }

    [Fact]
    public async Task Snapshot_holds_each_item_once_when_the_first_listing_was_doubtful()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.Switches.MaxPageSize = 4;
        var owner = await session.ConnectAsync();
        session.Plex.Faults.On("/library/sections/1/all").Skip(1).Times(1).DropItem();

        var snapshot = await SaveAsync(session, owner);

        Assert.Equal(22, snapshot.Count(character => character == '\n'));
        Assert.Empty((await PlanAsync(session, snapshot, owner, exact: true)).Changes);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Snapshot_has_no_end_when_a_library_cannot_be_read_whole(string library)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.Switches.MaxPageSize = 4;
        var owner = await session.ConnectAsync();
        session.Plex.Faults.On($"/library/sections/{library}/all").And(request => request.HeaderOrQuery("X-Plex-Container-Start") != "0")
            .Status(500);
        using var output = new MemoryStream();

        await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.SaveSnapshotAsync(owner, output));

        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.DoesNotContain("\"count\"", text, StringComparison.Ordinal);
        session.Plex.Faults.Clear();
        var refused = await Assert.ThrowsAsync<PlexException>(() => PlanAsync(session, text, owner, exact: true));
        Assert.Equal(PlexErrorKind.InvalidFile, refused.Kind);
    }

    [Fact]
    public async Task Snapshot_of_an_unknown_library_is_refused_before_anything_is_written()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        using var output = new MemoryStream();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.SaveSnapshotAsync(owner, output, ["Music"]));

        Assert.Equal((PlexErrorKind.LibraryNotFound, 0L), (error.Kind, output.Length));
    }

    /// <summary>Watches, forgets, moves and clears, one item in two, the same each time.</summary>
    private static void Scramble(SimulatedServer server, SimulatedUser user)
    {
        var random = new Random(7);
        foreach (var item in server.Libraries.SelectMany(library => library.Items).Where(_ => random.Next(2) == 0).ToList())
        {
            server.SetState(user, item.RatingKey, random.Next(4) switch
            {
                0 => ItemState.None,
                1 => new ItemState(random.Next(1, 4), 0, 1_780_000_000),
                2 => new ItemState(0, (long)(item.Duration?.TotalMilliseconds ?? 100 * Minute) / 10 * random.Next(2, 8), 1_780_000_000),
                _ => new ItemState(1, (long)(item.Duration?.TotalMilliseconds ?? 100 * Minute) / 10 * random.Next(2, 8), 1_780_000_000),
            });
        }
    }

    private static SortedDictionary<string, (bool Watched, long Position)> Describe(SimulatedServer server, SimulatedUser user) =>
        new(server.StatesOf(user).Where(pair => pair.Value.IsWatched || pair.Value.IsInProgress)
            .ToDictionary(pair => pair.Key, pair => (pair.Value.IsWatched, pair.Value.ViewOffset)));

    private static async Task<string> SaveAsync(Session session, PlexServer user, IReadOnlyList<string>? libraries = null)
    {
        using var output = new MemoryStream();
        await session.Synchronizer.SaveSnapshotAsync(user, output, libraries);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task<SyncPlan> PlanAsync(Session session, string snapshot, PlexServer target, bool exact)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(snapshot));
        return await session.Synchronizer.PlanRestoreAsync(input, target, exact);
    }

    private static async Task<SyncReport> RestoreAsync(Session session, string snapshot, PlexServer target, bool exact) =>
        await session.Synchronizer.ApplyAsync(
            await PlanAsync(session, snapshot, target, exact), target, new SyncOptions { MaxRemovals = int.MaxValue });
}
