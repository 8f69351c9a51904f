using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace PlexSync;

/// <summary>The events of a server, as long as anybody listens: a stream that ends is opened again.</summary>
internal sealed class EventStream(UserConnection connection)
{
    /// <summary>A living stream says something every 10 to 15 seconds (plex-facts §14.2).</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Far more than one event takes.</summary>
    private const long MaxLength = 1024 * 1024;

    private readonly PlexRequest _request =
        connection.Read("/:/eventsource/notifications", "filters=playing,timeline") with
        {
            Accept = "text/event-stream",
            // It has no end: in the queue for reads it would take a place for ever.
            Gate = null,
        };

    private TimeProvider Time => connection.Server.Time;

    /// <inheritdoc cref="PlexServer.ListenAsync"/>
    public async IAsyncEnumerable<ServerEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var losses = 0; ;)
        {
            var started = Time.GetTimestamp();
            PlexException? error = null;
            var events = ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (events.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await events.MoveNextAsync().ConfigureAwait(false))
                        {
                            break;
                        }
                    }
                    catch (Exception e) when (FindPassing(e, cancellationToken) is { } passing)
                    {
                        error = passing;
                        break;
                    }

                    yield return events.Current;
                }
            }

            losses = Time.GetElapsedTime(started) > LongestWait ? 1 : losses + 1;
            var wait = WaitAfter(losses, error?.RetryAfter);
            yield return new EventStreamLost(error ?? Ended(), wait);
            await Task.Delay(wait, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<ServerEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await connection.Server.Transport.OpenAsync(_request, cancellationToken).ConfigureAwait(false);
        RequireEvents(response);
        yield return new EventStreamOpened();
        var content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Time);
        // A comment, or an event without data, is no event to the parser, but a sign of life.
        var body = new BoundedStream(content, MaxLength, () => silence.CancelAfter(LongestSilence));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        var frames = SseParser.Create(body, Parse).EnumerateAsync(either.Token).GetAsyncEnumerator(either.Token);
        await using (frames.ConfigureAwait(false))
        {
            while (true)
            {
                // The time that the listener takes for an event is no silence of the server.
                silence.CancelAfter(LongestSilence);
                var hasMore = await frames.MoveNextAsync().ConfigureAwait(false);
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                if (!hasMore)
                {
                    yield break;
                }

                body.Restart();
                foreach (var one in frames.Current.Data)
                {
                    yield return one;
                }
            }
        }
    }

    /// <summary>Whether waiting can mend it: a token that is refused once is refused again.</summary>
    private PlexException? FindPassing(Exception e, CancellationToken cancellationToken)
    {
        // What is too long for an event is damage, too.
        var thrown = e is JsonException ? new InvalidDataException(e.Message, e) : e;
        var failure = AttemptFailure.From(_request, thrown, LongestSilence, cancellationToken) as PlexException;
        return failure is { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired or PlexErrorKind.Forbidden } ? null : failure;
    }

    /// <summary>1 to 2 seconds, then twice as long each time, up to a minute; longer if the server asks for it.</summary>
    private static TimeSpan WaitAfter(int losses, TimeSpan? asked)
    {
        var longest = (int)Math.Min(LongestWait.TotalMilliseconds, 1000 * Math.Pow(2, losses));
        var wait = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(longest / 2, longest + 1));
        return asked > wait ? TimeSpan.FromTicks(Math.Min(asked.Value.Ticks, PlexTransport.LongestWait.Ticks)) : wait;
    }

    private PlexException Ended() => new(PlexErrorKind.Unreachable, $"{_request.Redacted}: the server ended the stream of events.")
    {
        Method = _request.Method.Method,
        Path = _request.Redacted,
        Subject = _request.Host.Authority,
    };

    /// <summary>A page of a proxy would be a stream without events.</summary>
    private void RequireEvents(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType is { MediaType: "text/html" })
        {
            throw WireError.NotPlex(_request, response.StatusCode, inner: null);
        }
    }

    /// <summary>The events of a frame; none where it is of another kind, or damaged.</summary>
    internal static IReadOnlyList<ServerEvent> Parse(string type, ReadOnlySpan<byte> data)
    {
        // Data without a name is what a WebSocket would send. Everything else is never looked at: there can be a flood of it.
        if (type is not ("playing" or "timeline" or SseParser.EventTypeDefault))
        {
            return [];
        }

        try
        {
            var frame = JsonSerializer.Deserialize(data, ServerJsonContext.Default.WireEvent);
            frame = frame?.Container ?? frame;
            IEnumerable<ServerEvent?> events = [.. (frame?.Playbacks ?? []).Select(Read), .. (frame?.Entries ?? []).Select(Read)];
            return [.. events.OfType<ServerEvent>()];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // The cloud's items have keys of other kinds.
    private static PlaybackEvent? Read(WirePlayback wire) => WirePlayback.ToState(wire.State) is { } state
        && SessionKey.TryParse(wire.SessionKey, out var session) && RatingKey.TryParse(wire.RatingKey, out var item)
        ? new PlaybackEvent(session, item, state, PositionOf(wire.ViewOffset))
        : null;

    private static TimelineEvent? Read(WireTimelineEntry wire) =>
        RatingKey.TryParse(wire.Item, out var item) && wire.State is >= 0 and <= int.MaxValue and var state
            ? new TimelineEvent(item, LibraryKey.TryParse(wire.Library, out var library) ? library : null, (int)state)
            : null;

    private static TimeSpan? PositionOf(long? milliseconds) =>
        milliseconds is >= 0 and <= int.MaxValue ? TimeSpan.FromMilliseconds(milliseconds.Value) : null;
}
