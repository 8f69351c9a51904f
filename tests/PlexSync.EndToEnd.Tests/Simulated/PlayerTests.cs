using System.Net;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Simulator;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>What the simulated players report counts as it does from a real app (plex-facts §6.3, §14.1).</summary>
public sealed class PlayerTests
{
    private const long Movie = 100 * 60_000;

    private static readonly TimeSpan Half = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan NearEnd = TimeSpan.FromMinutes(95);

    [Fact]
    public async Task Playback_is_listed_for_the_owner_alone_under_the_key_that_events_name()
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.World.Owner);
        var kids = client.Server.Players.Play(client.Kid, "2", Half);
        var owners = client.Server.Players.Play(client.World.Owner, "2", TimeSpan.FromSeconds(30));
        owners.Pause();

        var sessions = (await client.AskServerAsync("/status/sessions")).Items;
        var refused = await client.AskServerAsync("/status/sessions", client.Server.TokenOf(client.Kid));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Equal(
            [
                (kids.SessionKey, "2", "1002", "Kid", "playing", 3_000_000L),
                (owners.SessionKey, "2", "1", "Owner", "paused", 30_000L),
            ],
            sessions.Select(static one => (
                one.GetProperty("sessionKey").GetString(), one.GetProperty("ratingKey").GetString(),
                one.GetProperty("User").GetProperty("id").GetString(), one.GetProperty("User").GetProperty("title").GetString(),
                one.GetProperty("Player").GetProperty("state").GetString(), one.GetProperty("viewOffset").GetInt64())));
        Assert.Equal(kids.SessionKey, (await ear.NextAsync())?.Session);
        Assert.Equal(owners.SessionKey, (await ear.NextAsync())?.Session);
    }

    [Fact]
    public async Task Each_call_is_one_event_and_the_stop_ends_the_session()
    {
        await using var client = await RawClient.StartAsync();
        using var ear = await client.ListenAsync(client.World.Owner);

        var playback = client.Server.Players.Play(client.Kid, "2");
        playback.Advance(TimeSpan.FromMinutes(20));
        playback.Pause();
        playback.Seek(Half);
        playback.Resume();
        playback.Advance(TimeSpan.FromHours(2));
        playback.Seek(TimeSpan.FromMinutes(10));
        playback.Stop();
        client.Server.Events.Ping();

        Assert.Equal(
            [
                ("playing", 0), ("playing", 20), ("paused", 20), ("paused", 50), ("playing", 50), ("playing", 100), ("playing", 10),
                ("stopped", 10),
            ],
            (await ear.UntilPingAsync()).Select(static one => (one.State, one.Position / 60_000)));
        Assert.Empty(client.Server.Sessions);
        Assert.Equal(HttpStatusCode.OK, (await client.AskServerAsync("/status/sessions")).Status);
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(0, 1)]
    [InlineData(0, 95)]
    [InlineData(1, 90, 95)]
    [InlineData(1, 50, 95, 96, 20)]
    [InlineData(1, 95, 50, 95)]
    [InlineData(50, 95, 10, 95)]
    [InlineData(95, 96)]
    public async Task Player_and_client_come_to_the_same_state_by_the_same_reports(params int[] minutes)
    {
        await using var client = await RawClient.StartAsync();
        var playback = client.Server.Players.Play(client.World.User("Teen"), "3", TimeSpan.FromMinutes(minutes[0]));
        foreach (var minute in minutes[1..])
        {
            playback.Seek(TimeSpan.FromMinutes(minute));
        }

        playback.Stop();

        foreach (var minute in minutes)
        {
            await client.ReportAsync("3", minute * 60_000, Movie, "playing", "session");
        }

        var reported = await client.ReportAsync("3", minutes[^1] * 60_000, Movie, "stopped", "session");
        var played = client.Server.State(client.World.User("Teen"), "3");
        Assert.Equal(
            (reported.ViewCount, reported.ViewOffset, reported.LastViewedAt is null),
            (played.ViewCount, played.ViewOffset, played.LastViewedAt is null));
    }

    [Fact]
    public async Task Crossing_the_threshold_counts_one_view_then_and_the_stop_adds_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var client = await RawClient.StartAsync(_ => Worlds.Small(clock: clock));
        var playback = client.Server.Players.Play(client.Kid, "3", TimeSpan.FromMinutes(89));
        Assert.Equal(new ItemState(0, 89 * 60_000, Now()), client.Server.State(client.Kid, "3"));

        clock.Advance(TimeSpan.FromMinutes(1));
        playback.Advance(TimeSpan.FromMinutes(1));
        var crossed = new ItemState(1, 0, Now());
        clock.Advance(TimeSpan.FromMinutes(10));
        playback.Advance(TimeSpan.FromMinutes(10));
        playback.Stop();

        Assert.Equal(crossed, client.Server.State(client.Kid, "3"));
        Assert.Equal([WriteKind.Timeline, WriteKind.Scrobble], client.Server.Writes.Select(static play => play.Kind));

        long Now() => clock.GetUtcNow().ToUnixTimeSeconds();
    }

    [Fact]
    public async Task Next_playback_of_an_item_is_a_session_of_its_own()
    {
        await using var client = await RawClient.StartAsync();
        var first = client.Server.Players.Play(client.Kid, "3", Half);
        first.Stop();

        var second = client.Server.Players.Play(client.Kid, "3", NearEnd);

        Assert.NotEqual(first.SessionKey, second.SessionKey);
        Assert.Equal((0, 3_000_000L), Of(client.Server.State(client.Kid, "3")));
    }

    [Fact]
    public async Task App_that_disappears_stays_listed_for_half_an_hour_and_says_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var client = await RawClient.StartAsync(_ => Worlds.Small(clock: clock));
        var playback = client.Server.Players.Play(client.Kid, "3", Half);
        using var ear = await client.ListenAsync(client.World.Owner);

        playback.Vanish();
        clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(playback.SessionKey, Assert.Single(client.Server.Sessions).Key);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(client.Server.Sessions);
        client.Server.Events.Cut();

        for (var ping = 0; ping < 180; ping++)
        {
            Assert.Equal(Heard.Ping, await ear.NextAsync());
        }

        Assert.Null(await ear.NextAsync());
        Assert.Equal((0, 3_000_000L), Of(client.Server.State(client.Kid, "3")));
    }

    [Fact]
    public async Task Marks_by_hand_count_as_marks_of_an_app()
    {
        await using var client = await RawClient.StartAsync();
        var players = client.Server.Players;
        client.Server.SetState(client.Kid, "3", new ItemState(1, 3_000_000, 1));

        players.MarkWatched(client.Kid, "3");
        players.MarkWatched(client.Kid, "12");
        players.MarkUnwatched(client.Kid, "13");

        Assert.Equal((2, 0L), Of(client.Server.State(client.Kid, "3")));
        Assert.Equal(ItemState.None, client.Server.State(client.Kid, "13"));
        Assert.All(["14", "15", "16", "17"], key => Assert.Equal((1, 0L), Of(client.Server.State(client.Kid, key))));
        Assert.Equal(7, client.Server.Writes.Count);
    }

    [Fact]
    public async Task Mark_by_hand_keeps_the_position_where_the_server_does()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.ScrobbleKeepsPosition = true;
        client.Server.Players.Play(client.Kid, "3", Half).Stop();

        client.Server.Players.MarkWatched(client.Kid, "3");

        Assert.Equal((1, 3_000_000L), Of(client.Server.State(client.Kid, "3")));
    }

    [Fact]
    public async Task Item_that_was_not_analysed_can_be_played()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Edit(static server => server.Item("3").Duration = null);

        client.Server.Players.Play(client.Kid, "3", Half).Stop();

        Assert.Equal((0, 3_000_000L), Of(client.Server.State(client.Kid, "3")));
    }

    [Fact]
    public async Task Nobody_plays_or_marks_what_they_do_not_see()
    {
        await using var client = await RawClient.StartAsync();
        var players = client.Server.Players;

        Assert.Throws<KeyNotFoundException>(() => players.Play(client.Kid, "10"));
        Assert.Throws<KeyNotFoundException>(() => players.Play(client.Kid, "12"));
        Assert.Throws<KeyNotFoundException>(() => players.MarkWatched(client.Kid, "10"));
        Assert.Throws<KeyNotFoundException>(() => players.MarkUnwatched(client.Kid, "999"));
        Assert.Empty(client.Server.Writes);
    }

    [Fact]
    public async Task Playback_does_only_what_an_app_can_do()
    {
        await using var client = await RawClient.StartAsync();
        var playback = client.Server.Players.Play(client.Kid, "3", Half);

        Assert.Throws<ArgumentOutOfRangeException>(() => playback.Seek(TimeSpan.FromMinutes(101)));
        Assert.Throws<ArgumentOutOfRangeException>(() => playback.Seek(TimeSpan.FromMinutes(-1)));
        playback.Pause();
        Assert.Throws<InvalidOperationException>(() => playback.Advance(Half));
        playback.Stop();
        Assert.Throws<InvalidOperationException>(playback.Stop);
        Assert.Throws<InvalidOperationException>(playback.Vanish);
        Assert.Equal(Half, playback.Position);
    }

    [Fact]
    public async Task Commands_drive_players_and_streams()
    {
        await using var client = await RawClient.StartAsync();
        var commands = new Commands(client.Plex);
        using var ear = await client.ListenAsync(client.World.Owner);

        Assert.Equal("session=101 minutes=12.5", commands.Respond("play Kid 3 12.5"));
        Assert.Equal("session=101 minutes=95", commands.Respond("seek Kid 95"));
        Assert.Equal("watched=2 inProgress=0", commands.Respond("state Kid"));
        Assert.Equal("session=101 minutes=95", commands.Respond("pause Kid"));
        Assert.Equal("session=101 minutes=95", commands.Respond("resume Kid"));
        Assert.Equal("session=101 minutes=95", commands.Respond("stop Kid"));
        Assert.Equal("The playback has ended.", commands.Respond("stop Kid"));
        Assert.Equal("session=102 minutes=1", commands.Respond("play Kid 3 1"));
        Assert.Equal("session=102 minutes=1", commands.Respond("vanish Kid"));
        Assert.Equal("watched=1", commands.Respond("watched Kid 4"));
        Assert.Equal("watched=0", commands.Respond("unwatched Kid 4"));
        Assert.Equal("flood=2", commands.Respond("flood 2"));
        Assert.Equal("listeners=1", commands.Respond("listeners"));
        Assert.Equal("silent=1", commands.Respond("silent"));
        Assert.Equal("session=103 minutes=1", commands.Respond("play Owner 3 1"));
        Assert.Equal("silent=0", commands.Respond("loud"));
        Assert.Equal("listeners=0", commands.Respond("cut"));
        Assert.Equal("listeners=0", commands.Respond("restart"));
        Assert.Equal("session=101 minutes=2", commands.Respond("seek Owner 2"));
        Assert.Equal(Commands.Help, commands.Respond("help"));
        Assert.All(["", "dance", "play Nobody 3 1", "seek Teen 5"], line => Assert.Equal(Commands.Unknown, commands.Respond(line)));
        Assert.All(
            ["play Kid 999 1", "play Kid 3 soon", "flood 9999999999999"],
            line => Assert.NotEqual(Commands.Unknown, commands.Respond(line)));

        Assert.Equal(8, (await ear.UntilPingAsync()).Count);
    }

    private static (int, long) Of(ItemState state) => (state.ViewCount, state.ViewOffset);
}
