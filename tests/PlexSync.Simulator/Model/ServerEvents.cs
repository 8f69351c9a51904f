using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace PlexSync.Simulator;

/// <summary>
/// What a server tells those who listen (plex-facts §14.2): nothing of what was before, to its owner everything, to others what they play.
/// </summary>
public sealed class ServerEvents
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly SimulatedServer _server;
    private readonly List<EventListener> _listeners = [];

    internal ServerEvents(SimulatedServer server) => _server = server;

    /// <summary>How many clients are listening.</summary>
    public int Listeners { get { lock (_listeners) return _listeners.Count; } }

    /// <summary>A sign of life, as there is one every ten seconds.</summary>
    public void Ping() => Send("ping", new JsonObject(), userId: null);

    /// <summary>Ends every stream; what happens until a client is back is lost.</summary>
    public void Cut()
    {
        lock (_listeners) _listeners.ForEach(static listener => listener.End());
    }

    /// <summary>As many frames as a scan of the libraries makes, to those who did not leave them out.</summary>
    public void Flood(int frames)
    {
        for (var at = 0; at < frames; at++)
        {
            Send("activity", new JsonObject
            {
                ["ActivityNotification"] = new JsonObject { ["event"] = "updated", ["uuid"] = $"activity-{at}" },
            }, userId: null);
        }
    }

    /// <summary>A playback goes on, pauses or ends; of whom, is not told.</summary>
    internal void Tell(PlayingSession report) => Send("playing", new JsonObject
    {
        ["PlaySessionStateNotification"] = new JsonObject
        {
            ["sessionKey"] = $"{report.Number}",
            ["clientIdentifier"] = report.ClientIdentifier,
            ["guid"] = "",
            ["ratingKey"] = report.RatingKey,
            ["url"] = "",
            ["key"] = $"/library/metadata/{report.RatingKey}",
            ["viewOffset"] = report.Position,
            ["state"] = report.State,
        },
    }, report.UserId);

    /// <summary>An item was worked on; told twice.</summary>
    internal void TellDone(string ratingKey, string libraryKey)
    {
        for (var time = 0; time < 2; time++)
        {
            Send("timeline", new JsonObject
            {
                ["TimelineEntry"] = new JsonObject
                {
                    ["identifier"] = "com.plexapp.plugins.library",
                    ["sectionID"] = libraryKey,
                    ["itemID"] = ratingKey,
                    ["state"] = 5,
                    ["updatedAt"] = _server.Now,
                },
            }, userId: null);
        }
    }

    internal EventListener Listen(long userId, string? filters)
    {
        var listener = new EventListener(userId, filters, this);
        listener.Timer = _server.World.Clock.CreateTimer(_ => Ping(), null, PingEvery, PingEvery);
        lock (_listeners) _listeners.Add(listener);
        return listener;
    }

    internal void Forget(EventListener listener)
    {
        lock (_listeners) _listeners.Remove(listener);
    }

    private void Send(string type, JsonObject data, long? userId)
    {
        if (_server.Switches.EventsDieSilently) return;
        var frame = $"event: {type}\ndata: {data.ToJsonString()}\n\n";
        lock (_listeners)
        {
            foreach (var listener in _listeners)
            {
                // Of what concerns nobody in particular, only pings reach those who are not the owner.
                var isTheirs = type == "ping" || listener.UserId == _server.OwnerId || listener.UserId == userId;
                if (!isTheirs || !(_server.Switches.IgnoresEventFilters || listener.Wants(type))) continue;
                listener.Send(frame);
                if (_server.Switches.SendsEventsTwice) listener.Send(frame);
            }
        }
    }
}

/// <summary>One stream, as long as it is open.</summary>
internal sealed class EventListener(long userId, string? filters, ServerEvents events) : IDisposable
{
    private readonly Channel<string> _frames = Channel.CreateUnbounded<string>();
    private readonly string[] _filters = filters?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    public long UserId => userId;

    public ChannelReader<string> Frames => _frames.Reader;

    public ITimer? Timer { get; set; }

    /// <summary>All but logs, unless some are named; those with a minus are left out (plex-facts §14.2).</summary>
    public bool Wants(string type) => type == "ping"
        || (!_filters.Contains($"-{type}") && (_filters.All(static name => name.StartsWith('-')) || _filters.Contains(type)));

    public void Send(string frame) => _frames.Writer.TryWrite(frame);

    public void End() => _frames.Writer.TryComplete();

    public void Dispose()
    {
        Timer?.Dispose();
        events.Forget(this);
    }
}
