using System.Net;
using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>The simulated server keeps watch state as a real 1.43.4 does (plex-facts §14.1).</summary>
public sealed class WatchStateTests
{
    private const long Movie = 100 * 60_000;

    [Theory]
    [InlineData(900, null)]
    [InlineData(900, "session")]
    [InlineData(920, null)]
    [InlineData(990, "session")]
    public async Task Report_that_crosses_the_threshold_within_a_session_counts_one_view(int permille, string? session)
    {
        await using var client = await RawClient.StartAsync();
        await client.ReportAsync("3", 1000, Movie, "playing", session);
        client.Clock.Leap(TimeSpan.FromHours(1));

        var crossed = await client.ReportAsync("3", Movie / 1000 * permille, Movie, "playing", session);
        client.Clock.Leap(TimeSpan.FromHours(1));
        var stopped = await client.ReportAsync("3", Movie / 1000 * permille, Movie, "stopped", session);

        Assert.Equal((1, 0L), (crossed.ViewCount, crossed.ViewOffset));
        Assert.InRange(crossed.LastViewedAt!.Value, Ago(client, TimeSpan.FromMinutes(61)), Ago(client, TimeSpan.FromMinutes(59)));
        Assert.Equal(crossed, stopped);
    }

    [Fact]
    public async Task Report_just_below_the_threshold_is_a_position()
    {
        await using var client = await RawClient.StartAsync();
        await client.ReportAsync("3", 1000, Movie, "playing");

        var state = await client.ReportAsync("3", (Movie / 10 * 9) - 1, Movie, "stopped");

        Assert.Equal((0, (Movie / 10 * 9) - 1), (state.ViewCount, state.ViewOffset));
    }

    [Fact]
    public async Task Reports_under_the_name_of_one_session_belong_together_though_each_is_a_stop()
    {
        await using var client = await RawClient.StartAsync();
        await client.ReportAsync("3", Movie / 2, Movie, "stopped", "session");

        var same = await client.ReportAsync("3", Movie / 100 * 95, Movie, "stopped", "session");

        Assert.Equal((1, 0L), (same.ViewCount, same.ViewOffset));
    }

    [Fact]
    public async Task Reports_of_two_sessions_do_not_belong_together()
    {
        await using var client = await RawClient.StartAsync();
        await client.ReportAsync("3", Movie / 2, Movie, "stopped", "one");

        var other = await client.ReportAsync("3", Movie / 100 * 95, Movie, "stopped", "two");

        Assert.Equal((0, Movie / 2), (other.ViewCount, other.ViewOffset));
    }

    [Fact]
    public async Task Crossing_clears_the_position_though_marking_keeps_it()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.ScrobbleKeepsPosition = true;
        await client.ReportAsync("3", Movie / 2, Movie, "playing");

        var state = await client.ReportAsync("3", Movie / 100 * 95, Movie, "playing");

        Assert.Equal((1, 0L), (state.ViewCount, state.ViewOffset));
    }

    [Theory]
    [InlineData(false, false, 0, 0)]
    [InlineData(true, false, 0, Movie / 100 * 95)]
    [InlineData(false, true, 1, 0)]
    [InlineData(true, true, 1, 0)]
    public async Task Lone_report_near_the_end_comes_to_what_the_switches_say(bool stores, bool counts, int views, long position)
    {
        await using var client = await RawClient.StartAsync();
        (client.Server.Switches.StoresPositionsNearEnd, client.Server.Switches.CountsLoneReportsNearEnd) = (stores, counts);

        await client.ReportAsync("3", Movie / 100 * 95, Movie, "playing", "session");
        var state = await client.ReportAsync("3", Movie / 100 * 95, Movie, "stopped", "session");

        Assert.Equal((views, position), (state.ViewCount, state.ViewOffset));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Position_that_is_repeated_moves_the_date_only_on_older_servers(bool moves)
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.RepeatedPositionsMoveDate = moves;
        var first = await client.ReportAsync("3", Movie / 3, Movie, "stopped");
        client.Clock.Leap(TimeSpan.FromHours(1));

        var second = await client.ReportAsync("3", Movie / 3, Movie, "stopped", "another");
        client.Clock.Leap(TimeSpan.FromHours(1));
        var third = await client.ReportAsync("3", Movie / 2, Movie, "stopped");

        Assert.Equal(Movie / 3, second.ViewOffset);
        Assert.Equal(moves, second.LastViewedAt > first.LastViewedAt);
        Assert.True(third.LastViewedAt > second.LastViewedAt);
    }

    [Fact]
    public async Task Show_counts_plays_in_one_field_and_leaves_in_another()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.SetState(client.World.Owner, "13", new ItemState(3, 0, 1_700_000_000));

        var show = Assert.Single((await client.AskServerAsync("/library/sections/2/all?type=2", size: 10)).Items);

        Assert.Equal((5, 3), (show.GetProperty("viewCount").GetInt32(), show.GetProperty("viewedLeafCount").GetInt32()));
    }

    [Fact]
    public async Task Season_has_no_leaf_counts_and_no_year_in_the_list_of_a_library()
    {
        await using var client = await RawClient.StartAsync(clock => Worlds.Twins(clock: clock));

        var listed = (await client.AskServerAsync("/library/sections/4/all?type=3&includeGuids=1", size: 10)).Items[0];
        var child = (await client.AskServerAsync("/library/metadata/31/children?excludeAllLeaves=1")).Items[0];

        string[] missing = ["leafCount", "viewedLeafCount", "year"];
        Assert.All(missing, field => Assert.False(listed.TryGetProperty(field, out _), field));
        Assert.All(missing, field => Assert.True(child.TryGetProperty(field, out _), field));
        Assert.Equal(2010, listed.GetProperty("parentYear").GetInt32());
        Assert.Equal(3, listed.GetProperty("viewCount").GetInt32());
        Assert.Equal(
            ["tmdb", "tvdb"],
            listed.GetProperty("Guid").EnumerateArray().Select(guid => guid.GetProperty("id").GetString()!.Split(':')[0]));
    }

    [Fact]
    public async Task Item_that_was_not_analysed_has_only_its_file()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Edit(server => server.Item("3").Duration = null);

        var item = Assert.Single((await client.AskServerAsync("/library/metadata/3")).Items);

        var media = Assert.Single(item.GetProperty("Media").EnumerateArray());
        Assert.False(item.TryGetProperty("duration", out _));
        Assert.Equal(["id", "Part"], media.EnumerateObject().Select(field => field.Name));
        Assert.False(media.GetProperty("Part")[0].TryGetProperty("duration", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task New_fields_come_when_they_are_switched_on(bool sends)
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.SendsNewFields = sends;

        var episode = Assert.Single((await client.AskServerAsync("/library/metadata/13")).Items);

        string[] fields =
        [
            "slug", "parentSlug", "grandparentSlug", "parentStudio", "contentRatingAge", "librarySectionUUID", "nocache", "Image",
            "UltraBlurColors",
        ];
        Assert.All(fields, field => Assert.Equal(sends, episode.TryGetProperty(field, out _)));
        if (sends)
        {
            Assert.Equal(JsonValueKind.Array, episode.GetProperty("Image").ValueKind);
            Assert.Equal(JsonValueKind.Object, episode.GetProperty("UltraBlurColors").ValueKind);
        }
    }

    [Fact]
    public async Task Server_that_is_starting_up_can_be_read_but_not_written_to()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.IsStartingUp = true;

        var read = await client.AskServerAsync("/library/metadata/3");
        var write = await client.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=3");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (read.Status, write.Status));
        Assert.Contains("still starting up", write.Body, StringComparison.Ordinal);
        Assert.Empty(client.Server.Writes);
    }

    [Fact]
    public async Task Server_that_starts_up_for_a_while_takes_writes_afterwards()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.StartUp(writes: 2);

        RawClient.Response[] answers =
        [
            await client.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=3"),
            await client.AskServerAsync("/library/metadata/3"),
            await client.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=3"),
            await client.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=3"),
        ];

        Assert.Equal([400, 200, 400, 200], answers.Select(answer => (int)answer.Status));
        Assert.Single(client.Server.Writes);
    }

    private static long Ago(RawClient client, TimeSpan time) => (client.Clock.GetUtcNow() - time).ToUnixTimeSeconds();
}
