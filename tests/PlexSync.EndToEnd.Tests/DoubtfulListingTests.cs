using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>
/// A library whose listing cannot be trusted is read once more, then left out; nothing of it is written, the others are done.
/// </summary>
public sealed class DoubtfulListingTests
{
    private static readonly Dictionary<string, Action<FaultRule>> Doubts = new()
    {
        ["an item is missing"] = rule => rule.DropItem(),
        ["an item is missing and not counted"] = rule => rule.DropItem(counted: false),
        ["a page is empty"] = rule => rule.EmptyPage(),
        ["a page repeats"] = rule => rule.Skip(1).RepeatPage(),
        ["the listing shrinks"] = rule => rule.And(request => request.HeaderOrQuery("X-Plex-Container-Start") != "0").ShrinkListing(2),
        ["everything at once, page after page"] = rule => rule.Unpaged(),
        ["the total is off"] = rule => rule.WrongTotal(1),
        ["the body is cut"] = rule => rule.TruncateBody(),
        ["a web page"] = rule => rule.Html(),
        ["a page fails"] = rule => rule.Skip(1).Status(500),
        ["the library is gone"] = rule => rule.Status(404),
    };

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var doubt in Doubts.Keys)
        {
            cases.Add(doubt, "Owner");
            cases.Add(doubt, "Kid");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Sync_leaves_a_library_out_when_its_listing_is_doubtful(string doubt, string reader)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.Switches.MaxPageSize = 4;
        Doubts[doubt](session.Plex.Faults.On("/library/sections/1/all").By(session.World.User(reader)));

        var report = await session.SyncAsync();

        var movies = Assert.Single(report.Plan.Libraries, library => library.Library.Title == "Movies");
        Assert.NotNull(movies.Error);
        Assert.DoesNotContain(report.Plan.Changes, change => change.Library == movies.Library.Key);
        Assert.DoesNotContain(report.Plan.Skipped, skipped => skipped.Library == movies.Library.Key);
        Assert.All(
            session.Simulated.Writes,
            play => Assert.True(int.Parse(play.RatingKey, System.Globalization.CultureInfo.InvariantCulture) > 10));
        Assert.Equal(1, session.Simulated.State(session.Kid, "13").ViewCount);
    }

    [Fact]
    public async Task Sync_does_its_job_when_the_second_listing_is_whole()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Plex.Faults.On("/library/sections/1/all").By(session.Kid).Times(1).DropItem();

        var report = await session.SyncAsync();

        Assert.All(report.Plan.Libraries, library => Assert.Null(library.Error));
        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
    }

    [Fact]
    public async Task Sync_counts_what_the_target_may_not_see_as_skipped()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.SetState(session.World.Owner, "10", new ItemState(1, 0, 1_700_000_000));
        session.Simulated.Edit(server => server.Library("TV Shows").SharedWith.Remove(session.Kid.Id));

        var report = await session.SyncAsync();

        Assert.Equal(5, report.Plan.Skipped.Count(skipped => skipped.Reason is SkipReason.NotVisibleToTarget));
        Assert.Equal(0, Assert.Single(report.Plan.Libraries, library => library.Library.Title == "TV Shows").TargetItems);
        Assert.Equal(0, report.Count(ChangeOutcome.Failed));
    }

    [Fact]
    public async Task Sync_names_the_reason_when_a_position_cannot_be_stored()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = session.World.Owner;
        session.Simulated.SetState(owner, "6", new ItemState(ViewOffset: 60_000, LastViewedAt: 1_700_000_000));
        session.Simulated.SetState(owner, "7", new ItemState(ViewOffset: 90 * 60_000, LastViewedAt: 1_700_000_000));
        session.Simulated.SetState(owner, "8", new ItemState(ViewOffset: 30 * 60_000, LastViewedAt: 1_700_000_000));
        session.Simulated.SetState(owner, "9", new ItemState(ViewOffset: 101 * 60_000, LastViewedAt: 1_700_000_000));
        session.Simulated.Edit(server => server.Item("8").Duration = null);

        var report = await session.SyncAsync();

        Assert.Equal(
            [("6", SkipReason.PositionTooShort), ("7", SkipReason.PositionNearEnd), ("8", SkipReason.NoDuration), (
                "9", SkipReason.PositionBeyondEnd)],
            report.Plan.Skipped.Select(skipped => (skipped.Item.RatingKey.ToString(), skipped.Reason)).Order());
    }
}
