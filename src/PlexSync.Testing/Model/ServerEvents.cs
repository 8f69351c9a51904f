using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace PlexSync.Testing;

/// <summary>
/// What a server tells those who listen (plex-facts §14.2). The owner hears everything, others only their own playbacks; nothing that was
/// missed is told later.
/// </summary>
public sealed class ServerEvents
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly SimulatedServer _server;
    private readonly List<EventListener> _listeners = [];
    private readonly List<(int Listeners, TaskCompletionSource Reached)> _waiting = [];

    internal ServerEvents(SimulatedServer server) => _server = server;

    /// <summary>Told the owner's events in the process: kind and data. A test that sets the clock cannot wait for a socket.</summary>
    public Action<string, string>? Told { get; set; }

    /// <summary>How many clients are listening.</summary>
    public int Listeners { get { lock (_listeners) return _listeners.Count; } }

    /// <summary>Completes when at least <paramref name="listeners"/> clients are listening.</summary>
    public Task WhenListeningAsync(int listeners = 1, CancellationToken cancellationToken = default)
    {
        lock (_listeners)
        {
            if (_listeners.Count >= listeners) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((listeners, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when all that was told so far has been written to the connections of all who listen now.</summary>
    public Task WhenSentAsync(CancellationToken cancellationToken = default)
    {
        lock (_listeners) return Task.WhenAll(_listeners.Select(static listener => listener.WhenSentAsync())).WaitAsync(cancellationToken);
    }

    /// <summary>A sign of life, which each stream also gets every ten seconds by the world's clock.</summary>
    public void Ping()
    {
        lock (_listeners) _listeners.ForEach(Ping);
    }

    /// <summary>Ends every stream; what happens until a client is back is never told.</summary>
    public void Cut()
    {
        lock (_listeners)
        {
            _listeners.ForEach(static listener => listener.End());
            _listeners.Clear();
        }
    }

    /// <summary>As many frames as a scan of the libraries makes, to those who did not leave them out.</summary>
    public void Flood(int frames)
    {
        for (var at = 0; at < frames; at++)
        {
            Send("activity", new JsonObject
            {
                ["ActivityNotification"] = new JsonObject { ["event"] = "updated", ["uuid"] = $"activity-{at}" },
            }, heardBy: null);
        }
    }

    /// <summary>
    /// As many entries of items that the owner has not watched, one item after the other and over again. A client that takes events for
    /// facts reads them as unwatched marks.
    /// </summary>
    public void FloodItems(int frames)
    {
        List<Node> unwatched;
        lock (_server.Gate)
        {
            unwatched = [.. _server.Libraries.SelectMany(static library => library.Items)
                .Where(item => !_server.State(_server.OwnerId, item.RatingKey).IsWatched)
                .Select(item => _server.Catalogue.Find(item.RatingKey)).OfType<Node>()];
        }

        for (var at = 0; at < frames && unwatched.Count > 0; at++) TellEntry(unwatched[at % unwatched.Count]);
    }

    /// <summary>A playback goes on, pauses or ends; whose it is, is not told.</summary>
    internal void Tell(SimulatedSession report) => Tell(report, report.UserId);

    /// <summary>A playback ended, under the key of a session that <c>/status/sessions</c> never listed.</summary>
    internal void TellStray(SimulatedSession report, int number) => Tell(report with { Number = number }, heardBy: null);

    /// <summary>An item was worked on; told twice.</summary>
    internal void TellDone(Node item)
    {
        for (var time = 0; time < 2; time++) TellEntry(item);
    }

    internal EventListener Listen(long userId, string? filters)
    {
        var listener = new EventListener(userId, filters, this);
        var never = Timeout.InfiniteTimeSpan;
        listener.Timer = _server.World.Clock.CreateTimer(_ => PingAlone(listener), null, never, never);
        // Started afterwards: a clock that leaps over waits would leap for each client that comes.
        listener.Timer.Change(PingEvery, PingEvery);
        lock (_listeners)
        {
            _listeners.Add(listener);
            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Listeners <= _listeners.Count)) reached.TrySetResult();
            _waiting.RemoveAll(waiting => waiting.Listeners <= _listeners.Count);
        }

        return listener;
    }

    internal void Forget(EventListener listener)
    {
        lock (_listeners) _listeners.Remove(listener);
    }

    private void Tell(SimulatedSession report, long? heardBy) => Send("playing", new JsonObject
    {
        ["PlaySessionStateNotification"] = new JsonObject
        {
            ["sessionKey"] = report.Key,
            ["clientIdentifier"] = report.ClientIdentifier,
            ["guid"] = "",
            ["ratingKey"] = report.RatingKey,
            ["url"] = "",
            ["key"] = $"/library/metadata/{report.RatingKey}",
            ["viewOffset"] = report.Position,
            ["state"] = report.State,
        },
    }, heardBy);

    private void TellEntry(Node item) => Send("timeline", new JsonObject
    {
        ["TimelineEntry"] = new JsonObject
        {
            ["identifier"] = "com.plexapp.plugins.library",
            ["sectionID"] = item.Library.Key,
            ["itemID"] = item.RatingKey,
            ["type"] = item.Type switch { "movie" => 1, "episode" => 4, _ => 10 },
            ["title"] = item.Title,
            ["state"] = 5,
            ["updatedAt"] = _server.Now,
        },
    }, heardBy: null);

    private void PingAlone(EventListener listener)
    {
        lock (_listeners)
        {
            if (_listeners.Contains(listener)) Ping(listener);
        }
    }

    private void Ping(EventListener listener) => Send(listener, "event: ping\ndata: {}\n\n");

    /// <summary>To the owner, and to the user whom it concerns.</summary>
    private void Send(string type, JsonObject data, long? heardBy)
    {
        var frame = $"event: {type}\ndata: {data.ToJsonString()}\n\n";
        for (var times = _server.Switches.EventsDieSilently ? 0 : _server.Switches.SendsEventsTwice ? 2 : 1; times > 0; times--)
            Told?.Invoke(type, data.ToJsonString());
        lock (_listeners)
        {
            foreach (var listener in _listeners)
            {
                var isTheirs = listener.UserId == _server.OwnerId || listener.UserId == heardBy;
                if (isTheirs && (_server.Switches.IgnoresEventFilters || listener.Wants(type))) Send(listener, frame);
            }
        }
    }

    private void Send(EventListener listener, string frame)
    {
        if (_server.Switches.EventsDieSilently) listener.IsDead = true;
        if (listener.IsDead) return;
        listener.Send(frame);
        if (_server.Switches.SendsEventsTwice) listener.Send(frame);
    }
}

/// <summary>One stream, as long as it is open.</summary>
internal sealed class EventListener(long userId, string? filters, ServerEvents events) : IDisposable
{
    private readonly Channel<Outgoing> _frames = Channel.CreateUnbounded<Outgoing>();
    private readonly string[] _filters = filters?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    public long UserId => userId;

    public ITimer? Timer { get; set; }

    /// <summary>It missed something and gets nothing any more, though the connection stays open.</summary>
    public bool IsDead { get; set; }

    /// <summary>All but logs, unless some are named; those with a minus are left out (plex-facts §14.2).</summary>
    public bool Wants(string type) =>
        !_filters.Contains($"-{type}") && (_filters.All(static name => name.StartsWith('-')) || _filters.Contains(type));

    public void Send(string frame) => _frames.Writer.TryWrite(new Outgoing(frame));

    public Task WhenSentAsync()
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _frames.Writer.TryWrite(new Outgoing("", sent)) ? sent.Task : Task.CompletedTask;
    }

    /// <summary>Writes what is told until the stream ends.</summary>
    public async Task WriteAsync(Stream body, CancellationToken cancellationToken)
    {
        await body.FlushAsync(cancellationToken);
        await foreach (var (frame, sent) in _frames.Reader.ReadAllAsync(cancellationToken))
        {
            if (frame.Length > 0)
            {
                await body.WriteAsync(Encoding.UTF8.GetBytes(frame), cancellationToken);
                await body.FlushAsync(cancellationToken);
            }

            sent?.SetResult();
        }
    }

    public void End() => _frames.Writer.TryComplete();

    public void Dispose()
    {
        Timer?.Dispose();
        events.Forget(this);
        End();
        while (_frames.Reader.TryRead(out var left)) left.Sent?.SetResult();
    }

    /// <summary>A frame, or an empty one that only marks a place in the queue.</summary>
    private readonly record struct Outgoing(string Frame, TaskCompletionSource? Sent = null);
}
