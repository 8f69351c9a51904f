using Microsoft.Extensions.Time.Testing;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>What a server tells those who listen (plex-facts §14.2), as the library gives it out.</summary>
public sealed class ListeningTests
{
    private static readonly RatingKey One = RatingKey.Parse("1");
    private static readonly RatingKey Two = RatingKey.Parse("2");
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(100);
    private static readonly TimeSpan Half = TimeSpan.FromMinutes(50);

    [Fact]
    public async Task Owner_hears_of_everybody_and_a_member_of_their_own_playbacks_only()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await using var toOwner = await Ear.OpenAsync(owner);
        await using var toKid = await Ear.OpenAsync(kid);

        await owner.SetPositionAsync(One, Half, Length);
        await kid.SetPositionAsync(Two, Half, Length);

        Assert.Equal((One, PlaybackState.Stopped, Half), Of(await toOwner.NextAsync()));
        Assert.Equal((Two, PlaybackState.Stopped, Half), Of(await toOwner.NextAsync()));
        Assert.Equal((Two, PlaybackState.Stopped, Half), Of(await toKid.NextAsync()));
    }

    [Fact]
    public async Task Playback_keeps_its_key_until_it_ends()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        await using var ear = await Ear.OpenAsync(await session.ConnectAsync());

        session.Simulated.StartPlaying(session.Kid, "1");
        session.Simulated.StartPlaying(session.Kid, "2");
        session.Simulated.StartPlaying(session.Kid, "1", 60_000);

        var keys = new[] { await ear.NextAsync(), await ear.NextAsync(), await ear.NextAsync() }
            .Select(static one => Assert.IsType<PlaybackEvent>(one).Session).ToList();
        Assert.Equal(keys[0], keys[2]);
        Assert.NotEqual(keys[0], keys[1]);
    }

    [Fact]
    public async Task After_a_restart_the_stream_is_opened_again_and_the_keys_of_playbacks_begin_anew()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new LeapingTime());
        await using var ear = await Ear.OpenAsync(await session.ConnectAsync());
        session.Simulated.StartPlaying(session.Kid, "1");
        var before = Assert.IsType<PlaybackEvent>(await ear.NextAsync());

        session.Simulated.Restart();

        Assert.IsType<EventStreamLost>(await ear.NextAsync());
        Assert.IsType<EventStreamOpened>(await ear.NextAsync());
        session.Simulated.StartPlaying(session.Kid, "2");
        Assert.Equal(before with { Item = Two }, await ear.NextAsync());
    }

    [Fact]
    public async Task Flood_of_what_was_not_asked_for_is_passed_over()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        await using var ear = await Ear.OpenAsync(await session.ConnectAsync());
        session.Simulated.Switches.IgnoresEventFilters = true;

        session.Simulated.Events.Flood(2000);
        session.Simulated.Events.Ping();
        session.Simulated.StartPlaying(session.Kid, "1");

        Assert.IsType<PlaybackEvent>(await ear.NextAsync());
    }

    [Fact]
    public async Task Dead_stream_is_noticed_by_its_silence_and_opened_again()
    {
        var time = new FakeTimeProvider();
        await using var session = await Session.StartAsync(Worlds.Small(), time: time);
        await using var ear = await Ear.OpenAsync(await session.ConnectAsync());

        session.Simulated.Switches.EventsDieSilently = true;
        session.Simulated.StartPlaying(session.Kid, "1");
        session.Simulated.Switches.EventsDieSilently = false;
        session.Simulated.StartPlaying(session.Kid, "2");
        var next = ear.NextAsync();
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.IsType<EventStreamLost>(await next);
        next = ear.NextAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<EventStreamOpened>(await next);
        session.Simulated.StartPlaying(session.Kid, "3");
        Assert.Equal(RatingKey.Parse("3"), Assert.IsType<PlaybackEvent>(await ear.NextAsync()).Item);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public async Task Marks_are_told_by_some_servers_and_twice_at_least(bool sendsTwice, int times)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        await using var ear = await Ear.OpenAsync(owner);
        await owner.MarkWatchedAsync(One);
        session.Simulated.Switches.TellsMarks = true;
        session.Simulated.Switches.SendsEventsTwice = sendsTwice;

        await owner.MarkUnwatchedAsync(Two);
        session.Simulated.StartPlaying(session.Kid, "1");

        for (var time = 0; time < times; time++)
        {
            Assert.Equal(Two, Assert.IsType<TimelineEvent>(await ear.NextAsync()).Item);
        }

        Assert.IsType<PlaybackEvent>(await ear.NextAsync());
    }

    [Fact]
    public async Task Token_that_was_replaced_ends_the_listening()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        session.Simulated.ReplaceToken(session.Kid);

        var refused = await Assert.ThrowsAsync<PlexException>(() => Ear.OpenAsync(kid));

        Assert.Equal(PlexErrorKind.InvalidToken, refused.Kind);
    }

    private static (RatingKey, PlaybackState, TimeSpan?) Of(ServerEvent one) =>
        one is PlaybackEvent { Item: var item, State: var state, Position: var position } ? (item, state, position) : default;

    /// <summary>Somebody who listens from now on.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<ServerEvent> _events;

        private Ear(PlexServer server) => _events = server.ListenAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

        public static async Task<Ear> OpenAsync(PlexServer server)
        {
            var ear = new Ear(server);
            Assert.IsType<EventStreamOpened>(await ear.NextAsync());
            return ear;
        }

        public async Task<ServerEvent> NextAsync() => await _events.MoveNextAsync() ? _events.Current : throw new EndOfStreamException();

        public ValueTask DisposeAsync() => _events.DisposeAsync();
    }
}
