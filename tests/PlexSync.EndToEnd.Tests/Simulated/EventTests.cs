using Microsoft.Extensions.Time.Testing;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>The simulated server tells what happens as plex-facts §14.2 says, and goes wrong in the ways it names.</summary>
public sealed class EventTests
{
    private static readonly TimeSpan Half = TimeSpan.FromMinutes(50);

    [Fact]
    public async Task Owner_hears_everybody_and_others_only_themselves()
    {
        await using var client = await RawClient.StartAsync();
        using var toOwner = await client.ListenAsync(client.World.Owner);
        using var toKid = await client.ListenAsync(client.Kid);
        client.Server.Switches.TellsMarks = true;

        var kids = client.Server.Players.Play(client.Kid, "2", Half);
        var owners = client.Server.Players.Play(client.World.Owner, "3", Half);
        client.Server.Players.MarkWatched(client.Kid, "4");
        client.Server.Events.Ping();

        Heard[] ofKid = [new("playing", "2", "playing", 3_000_000, kids.SessionKey)];
        Heard[] ofOwner = [new("playing", "3", "playing", 3_000_000, owners.SessionKey)];
        Heard[] ofMark = [new("timeline", "4", "5"), new("timeline", "4", "5")];
        Assert.Equal([.. ofKid, .. ofOwner, .. ofMark], await toOwner.UntilPingAsync());
        Assert.Equal(ofKid, await toKid.UntilPingAsync());
    }

    [Theory]
    [InlineData(null, "playing timeline activity")]
    [InlineData("playing,timeline", "playing timeline")]
    [InlineData("playing", "playing")]
    [InlineData("-activity", "playing timeline")]
    public async Task Filters_name_what_is_heard_or_what_is_not(string? filters, string heard)
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.World.Owner, filters);

        client.Server.Players.Play(client.Kid, "2", Half);
        client.Server.Events.FloodItems(1);
        client.Server.Events.Flood(1);
        client.Server.Events.Ping();

        Assert.Equal(heard, string.Join(' ', (await ear.UntilPingAsync()).Select(static one => one.Type)));
    }

    [Fact]
    public async Task Server_that_ignores_filters_floods_everybody_who_hears_all()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.IgnoresEventFilters = true;
        using var ear = await client.ListenAsync(client.World.Owner, "playing");

        client.Server.Events.Flood(1000);
        client.Server.Events.Ping();

        Assert.Equal(Enumerable.Repeat(new Heard("activity"), 1000), await ear.UntilPingAsync());
    }

    [Fact]
    public async Task Flood_of_items_tells_only_what_the_owner_has_not_watched()
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.World.Owner);

        client.Server.Events.FloodItems(264);
        client.Server.Events.Ping();

        var heard = await ear.UntilPingAsync();
        Assert.Equal(264, heard.Count);
        Assert.All(heard, one => Assert.False(client.Server.State(client.World.Owner, one.Item!).IsWatched));
        Assert.Contains(heard, static one => one.Item == "16");
    }

    [Fact]
    public async Task Each_stream_gets_a_ping_every_ten_seconds_of_the_worlds_clock()
    {
        var clock = new FakeTimeProvider();
        await using var client = await RawClient.StartAsync(_ => Worlds.Small(clock: clock));
        using var one = await client.ListenAsync(client.World.Owner);
        using var other = await client.ListenAsync(client.Kid);

        clock.Advance(TimeSpan.FromSeconds(9));
        client.Server.Players.Play(client.Kid, "1", Half);
        clock.Advance(TimeSpan.FromSeconds(1));
        client.Server.Players.Play(client.Kid, "2", Half);
        client.Server.Events.Cut();

        foreach (var ear in new[] { one, other })
        {
            Assert.Equal("1", (await ear.NextAsync())?.Item);
            Assert.Equal(Heard.Ping, await ear.NextAsync());
            Assert.Equal("2", (await ear.NextAsync())?.Item);
            Assert.Null(await ear.NextAsync());
        }
    }

    [Fact]
    public async Task A_day_can_be_told_step_by_step()
    {
        var clock = new FakeTimeProvider();
        await using var client = await RawClient.StartAsync(_ => Worlds.Small(clock: clock));
        using var ear = await client.ListenAsync(client.World.Owner);

        for (var hour = 0; hour < 24; hour++)
        {
            var playback = client.Server.Players.Play(client.Kid, "2", TimeSpan.FromMinutes(1));
            clock.Advance(TimeSpan.FromHours(1));
            playback.Stop();
            await client.Server.Events.WhenSentAsync(TestContext.Current.CancellationToken);

            Assert.Equal("playing", (await ear.NextAsync())?.State);
            for (var ping = 0; ping < 360; ping++)
            {
                Assert.Equal(Heard.Ping, await ear.NextAsync());
            }

            Assert.Equal("stopped", (await ear.NextAsync())?.State);
        }
    }

    [Fact]
    public async Task What_was_told_is_sent_even_when_the_stream_ends()
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.World.Owner);

        client.Server.Events.FloodItems(500);
        client.Server.Events.Cut();

        Assert.Equal(500, (await ear.UntilPingAsync()).Count);
    }

    [Fact]
    public async Task Waiting_for_what_is_sent_ends_with_a_client_that_does_not_read_it()
    {
        await using var client = await RawClient.StartAsync();
        var ear = await client.ListenAsync(client.World.Owner, filters: null);

        // More than fits into what lies between the two.
        client.Server.Events.Flood(200_000);
        var sent = client.Server.Events.WhenSentAsync(TestContext.Current.CancellationToken);
        Assert.False(sent.IsCompleted);
        ear.Dispose();

        await sent;
    }

    [Fact]
    public async Task Everything_comes_twice_where_the_server_sends_it_twice()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.SendsEventsTwice = true;
        using var ear = await client.ListenAsync(client.World.Owner);

        client.Server.Players.Play(client.Kid, "2", Half);

        var first = await ear.NextAsync();
        Assert.Equal("2", first?.Item);
        Assert.Equal(first, await ear.NextAsync());
    }

    [Fact]
    public async Task Stream_that_missed_anything_stays_dead_though_open()
    {
        await using var client = await RawClient.StartAsync();
        using var dead = await client.ListenAsync(client.World.Owner);
        using var unconcerned = await client.ListenAsync(client.Kid);
        var next = dead.NextAsync();

        client.Server.Switches.EventsDieSilently = true;
        client.Server.Players.Play(client.World.Owner, "2", Half);
        client.Server.Switches.EventsDieSilently = false;
        using var living = await client.ListenAsync(client.World.Owner);
        client.Server.Players.Play(client.Kid, "3", Half);
        client.Server.Events.Ping();
        await client.Server.Events.WhenSentAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["3"], (await living.UntilPingAsync()).Select(static one => one.Item));
        Assert.Equal(["3"], (await unconcerned.UntilPingAsync()).Select(static one => one.Item));
        Assert.Equal(3, client.Server.Events.Listeners);
        Assert.False(next.IsCompleted);
        client.Server.Events.Cut();
        Assert.Null(await next);
    }

    [Fact]
    public async Task Silence_has_no_pings_either()
    {
        var clock = new FakeTimeProvider();
        await using var client = await RawClient.StartAsync(_ => Worlds.Small(clock: clock));
        using var ear = await client.ListenAsync(client.World.Owner);
        client.Server.Switches.EventsDieSilently = true;

        clock.Advance(TimeSpan.FromSeconds(10));
        client.Server.Switches.EventsDieSilently = false;
        clock.Advance(TimeSpan.FromHours(1));
        client.Server.Events.Cut();

        Assert.Null(await ear.NextAsync());
    }

    [Fact]
    public async Task What_happens_between_two_streams_is_never_told()
    {
        await using var client = await RawClient.StartAsync();
        var events = client.Server.Events;
        using var before = await client.ListenAsync(client.World.Owner);
        await events.WhenListeningAsync(1, TestContext.Current.CancellationToken);

        events.Cut();
        client.Server.Players.Play(client.Kid, "2", Half);
        var back = events.WhenListeningAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal((0, false), (events.Listeners, back.IsCompleted));
        using var after = await client.ListenAsync(client.World.Owner);
        await back;
        client.Server.Players.Play(client.Kid, "3", Half);
        events.Ping();

        Assert.Null(await before.NextAsync());
        Assert.Equal(["3"], (await after.UntilPingAsync()).Select(static one => one.Item));
    }

    [Fact]
    public async Task Restart_ends_streams_forgets_sessions_and_begins_the_keys_anew()
    {
        await using var client = await RawClient.StartAsync();
        using var before = await client.ListenAsync(client.World.Owner);
        var first = client.Server.Players.Play(client.Kid, "2", Half);
        var second = client.Server.Players.Play(client.Kid, "3", Half);
        var (oldFirst, oldSecond) = (first.SessionKey, second.SessionKey);

        client.Server.Restart();

        Assert.Empty(client.Server.Sessions);
        Assert.Equal([oldFirst, oldSecond, null], [(await before.NextAsync())?.Session, (await before.NextAsync())?.Session,
            (await before.NextAsync())?.Session]);
        using var after = await client.ListenAsync(client.World.Owner);
        second.Seek(TimeSpan.FromMinutes(95));
        Assert.Equal(new Heard("playing", "3", "playing", 5_700_000, oldFirst), await after.NextAsync());
        Assert.Equal(oldFirst, second.SessionKey);

        // For the server it is a session that began near the end.
        Assert.Equal((0, 3_000_000L), Of(client.Server.State(client.Kid, "3")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Marks_are_told_or_not_whether_an_app_or_a_person_makes_them(bool tells)
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.TellsMarks = tells;
        using var ear = await client.ListenAsync(client.World.Owner);

        client.Server.Players.MarkWatched(client.Kid, "3");
        client.Server.Players.MarkUnwatched(client.Kid, "3");
        await client.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=12", client.Server.TokenOf(client.Kid));
        client.Server.Events.Ping();

        string[] told = ["3", "3", "3", "3", "13", "13", "14", "14", "15", "15", "16", "16", "17", "17"];
        Assert.Equal(tells ? told : [], (await ear.UntilPingAsync()).Select(static one => one.Item));
    }

    [Fact]
    public async Task Position_that_a_client_writes_comes_back_as_an_event()
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.Kid);

        await client.ReportAsync("3", 3_000_000, 6_000_000, "stopped", "session");

        Assert.Equal(new Heard("playing", "3", "stopped", 3_000_000, "101"), await ear.NextAsync());
    }

    [Fact]
    public async Task Stray_stops_are_of_sessions_that_were_never_listed()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.StrayStops = true;
        using var toOwner = await client.ListenAsync(client.World.Owner);
        using var toKid = await client.ListenAsync(client.Kid);

        var playback = client.Server.Players.Play(client.Kid, "2", Half);
        playback.Stop();
        client.Server.Events.Ping();

        var heard = await toOwner.UntilPingAsync();
        Assert.Equal(["playing", "stopped", "stopped", "stopped"], heard.Select(static one => one.State));
        Assert.Equal(3, heard.Skip(1).DistinctBy(static one => one.Session).Count());
        Assert.Equal(["playing", "stopped"], (await toKid.UntilPingAsync()).Select(static one => one.State));
    }

    private static (int, long) Of(ItemState state) => (state.ViewCount, state.ViewOffset);
}
