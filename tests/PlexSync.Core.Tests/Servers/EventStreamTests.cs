using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Servers;

public sealed class EventStreamTests
{
    private const string Path = "/:/eventsource/notifications";

    private const string Playing = """
        event: playing
        data: {"PlaySessionStateNotification":{"sessionKey":"7","ratingKey":"42","state":"paused","viewOffset":600000,"guid":""}}


        """;

    private static readonly PlaybackEvent Paused =
        new(SessionKey.Parse("7"), RatingKey.Parse("42"), PlaybackState.Paused, TimeSpan.FromMinutes(10));

    [Fact]
    public async Task Listening_asks_for_playbacks_and_items_with_the_token_in_a_header()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server(Path).With(static request => request.RequestUri!.Query == "?filters=playing,timeline")
            .WithHeaders("Accept", "text/event-stream").WithHeaders("X-Plex-Token", PlexFake.OwnerToken)
            .Respond("text/event-stream", Playing);

        var events = await TakeAsync(server, 2);

        Assert.Equal([new EventStreamOpened(), Paused], events);
    }

    [Theory]
    [InlineData("""{"PlaySessionStateNotification":[{"sessionKey":7,"ratingKey":42,"state":"paused","viewOffset":"600000"}]}""")]
    [InlineData("""{"NotificationContainer":{"type":"playing","PlaySessionStateNotification":{PLAYBACK}}}""")]
    [InlineData("""{"NotificationContainer":{"PlaySessionStateNotification":[{PLAYBACK}]}}""")]
    [InlineData("""{"PlaySessionStateNotification":[null,5,{"ratingKey":"1"},{PLAYBACK}]}""")]
    public async Task Every_shape_of_a_playback_is_read(string shape)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var data = shape.Replace(
            "PLAYBACK", """ "sessionKey":"7","ratingKey":"42","state":"paused","viewOffset":600000""", StringComparison.Ordinal);
        fake.Server(Path).Respond("text/event-stream", $"event: playing\ndata: {data}\n\n");

        Assert.Equal(Paused, (await TakeAsync(server, 2))[1]);
    }

    [Fact]
    public async Task An_item_that_was_changed_is_told_with_its_library()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond("text/event-stream", """
            event: timeline
            data: {"TimelineEntry":{"identifier":"com.plexapp.plugins.library","sectionID":"1","itemID":"45","type":1,"state":5}}


            """);

        Assert.Equal(new TimelineEvent(RatingKey.Parse("45"), LibraryKey.Parse("1"), 5), (await TakeAsync(server, 2))[1]);
    }

    [Fact]
    public async Task What_is_damaged_or_was_not_asked_for_is_passed_over()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond("text/event-stream", $$$"""
            : a comment

            event: ping
            data: {}

            event: activity
            data: {"ActivityNotification":{"event":"updated"}}

            event: playing
            data: {"PlaySessionStateNotification":{"sessionKey":"7","ratingKey":"../1","state":"paused"}}

            event: playing
            data: {"PlaySessionStateNotification":{"sessionKey":"7","ratingKey":"42","state":"dancing"}}

            event: playing
            data: {"PlaySessionStateNotification":

            event: timeline
            data: []

            {{{Playing}}}
            """);

        Assert.Equal([new EventStreamOpened(), Paused], await TakeAsync(server, 2));
    }

    [Fact]
    public async Task A_stream_that_ends_is_opened_again_after_longer_and_longer_waits_of_a_minute_at_most()
    {
        var time = new JumpingTime();
        using var fake = new PlexFake(time: time);
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond("text/event-stream", "");

        var waits = (await TakeAsync(server, 20)).OfType<EventStreamLost>().Select(static lost => lost.RetryIn.TotalSeconds).ToList();

        Assert.Equal(waits[..^1], time.Waits.Select(static wait => wait.TotalSeconds));
        for (var at = 0; at < waits.Count; at++)
        {
            var longest = Math.Min(60, Math.Pow(2, at + 1));
            Assert.InRange(waits[at], longest / 2, longest);
        }
    }

    [Fact]
    public async Task A_refusal_that_may_pass_is_told_and_the_wait_that_it_asks_for_is_kept()
    {
        using var fake = new PlexFake(time: new JumpingTime());
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond(static () =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(40));
            return Task.FromResult(answer);
        });

        var lost = Assert.IsType<EventStreamLost>((await TakeAsync(server, 1))[0]);

        Assert.Equal(PlexErrorKind.Unavailable, lost.Error.Kind);
        Assert.Equal(TimeSpan.FromSeconds(40), lost.RetryIn);
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_no_stream()
    {
        using var fake = new PlexFake(time: new JumpingTime());
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond("text/html", "<html>Sign in</html>");

        var lost = Assert.IsType<EventStreamLost>((await TakeAsync(server, 1))[0]);

        Assert.Equal(PlexErrorKind.NotPlex, lost.Error.Kind);
    }

    [Fact]
    public async Task A_refused_token_ends_the_listening()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond(HttpStatusCode.Unauthorized, [new("X-Plex-Protocol", "1.0")], "text/html", "");

        var refused = await Assert.ThrowsAsync<PlexException>(() => TakeAsync(server, 1));

        Assert.Equal(PlexErrorKind.InvalidToken, refused.Kind);
    }

    [Fact]
    public async Task Half_a_minute_of_silence_is_a_dead_connection()
    {
        await using var open = await OpenStream.StartAsync();
        var next = open.NextAsync();
        for (var ping = 0; ping < 4; ping++)
        {
            open.Time.Advance(TimeSpan.FromSeconds(29));
            await open.PingAsync();
        }

        await open.SendAsync(Playing);
        Assert.Equal(Paused, await next);

        // However long the listener takes for that, it is no silence of the server.
        open.Time.Advance(TimeSpan.FromMinutes(5));
        next = open.NextAsync();
        await open.PingAsync();
        open.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);
        open.Time.Advance(TimeSpan.FromSeconds(1));

        var lost = Assert.IsType<EventStreamLost>(await next);
        Assert.Equal(PlexErrorKind.Timeout, lost.Error.Kind);
    }

    [Theory]
    [InlineData(": keep-alive\n\n")]
    [InlineData("event: ping\n\n")]
    public async Task What_is_no_event_to_the_parser_is_a_sign_of_life(string sign)
    {
        await using var open = await OpenStream.StartAsync();
        var next = open.NextAsync();
        for (var times = 0; times < 4; times++)
        {
            open.Time.Advance(TimeSpan.FromSeconds(29));
            await open.SendAsync(sign);
        }

        await open.SendAsync(Playing);
        Assert.Equal(Paused, await next);
    }

    [Fact]
    public async Task An_event_without_an_end_does_not_fill_the_memory()
    {
        using var fake = new PlexFake(time: new JumpingTime());
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond("text/event-stream", "data: " + new string('x', 5_000_000));

        Assert.IsType<EventStreamLost>((await TakeAsync(server, 2))[1]);
    }

    [Fact]
    public async Task Many_events_may_be_longer_than_one_may_be()
    {
        using var fake = new PlexFake(time: new JumpingTime());
        var server = await fake.ConnectAsync();
        fake.Server(Path).Respond(
            "text/event-stream", string.Concat(Enumerable.Repeat($"event: ping\ndata: {new string('x', 1000)}\n\n", 5000)) + Playing);

        Assert.Equal(Paused, (await TakeAsync(server, 2))[1]);
    }

    [Fact]
    public async Task Listening_ends_when_it_is_cancelled()
    {
        await using var open = await OpenStream.StartAsync();
        var next = open.NextAsync();

        await open.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public void No_bytes_end_the_listening() => Prop.ForAll<byte[]>(static bytes =>
    {
        using var fake = new PlexFake(time: new JumpingTime());
        var server = fake.ConnectAsync().GetAwaiter().GetResult();
        fake.Server(Path).Respond(_ => new ByteArrayContent(
            [.. "event: playing\ndata: {\"PlaySessionStateNotification\":{\"ratingKey\":\""u8, .. bytes, .. "\"}}\n\n"u8, .. bytes]));

        return TakeAsync(server, 3).GetAwaiter().GetResult() is [EventStreamOpened, .., not null];
    }).QuickCheckThrowOnFailure();

    private static async Task<List<ServerEvent>> TakeAsync(PlexServer server, int count)
    {
        var events = new List<ServerEvent>();
        await foreach (var one in server.ListenAsync(TestContext.Current.CancellationToken))
        {
            events.Add(one);
            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }

    /// <summary>A stream that stays open, of which the test decides what comes when.</summary>
    private sealed class OpenStream : IAsyncDisposable
    {
        /// <summary>What is sent is read before sending it returns.</summary>
        private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        private readonly CancellationTokenSource _stop = new();
        private readonly PlexFake _fake;
        private IAsyncEnumerator<ServerEvent>? _events;

        private OpenStream() => _fake = new PlexFake(time: Time);

        public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

        public static async Task<OpenStream> StartAsync()
        {
            var open = new OpenStream();
            var server = await open._fake.ConnectAsync();
            open._fake.Server(Path).Respond(_ => new StreamContent(open._pipe.Reader.AsStream()));
            open._events = server.ListenAsync(open._stop.Token).GetAsyncEnumerator();
            Assert.IsType<EventStreamOpened>(await open.NextAsync());
            return open;
        }

        public async Task<ServerEvent> NextAsync() => await _events!.MoveNextAsync() ? _events.Current : throw new EndOfStreamException();

        public Task PingAsync() => SendAsync("event: ping\ndata: {}\n\n");

        public async Task SendAsync(string frame) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(frame));

        public Task CancelAsync() => _stop.CancelAsync();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await _events!.DisposeAsync();
            }
            catch (NotSupportedException)
            {
                // It is still waiting, and ends by itself.
            }

            _stop.Dispose();
            _fake.Dispose();
        }
    }
}
