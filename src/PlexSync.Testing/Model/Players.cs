using PlexSync.Testing.MediaServer;

namespace PlexSync.Testing;

/// <summary>
/// Apps of which a test presses the buttons. Their reports follow the same rules as those that come over HTTP, and are told to those who
/// listen.
/// </summary>
public sealed class Players
{
    private readonly SimulatedServer _server;
    private readonly Writes _writes;
    private int _playbacks;

    internal Players(SimulatedServer server) => (_server, _writes) = (server, new Writes(server));

    /// <summary>Starts to play something, on an app of its own.</summary>
    /// <param name="user">Who plays.</param>
    /// <param name="ratingKey">A movie, an episode or a track that the user sees.</param>
    /// <param name="at">
    /// Where it starts. Only a playback that reported something above 0 and below the played threshold is counted as a view when it reaches
    /// the threshold (plex-facts §6.3).
    /// </param>
    public Playback Play(SimulatedUser user, string ratingKey, TimeSpan at = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (_server.Gate)
        {
            var item = Find(user, ratingKey) is { IsLeaf: true } node ? node.First : throw Unknown(user, ratingKey);
            var number = ++_playbacks;
            var session = new SimulatedSession(user.Id, ratingKey, 0, $"player-{number}", SessionIdentifier: $"playback-{number}");
            return new Playback(_server, _writes, item, session, at);
        }
    }

    /// <summary>The user marks an item by hand, or all of a season or show: one more view of each.</summary>
    public void MarkWatched(SimulatedUser user, string ratingKey)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (_server.Gate) _writes.MarkWatched(user.Id, Find(user, ratingKey));
    }

    /// <summary>The user takes the mark away: views, position and date are gone.</summary>
    public void MarkUnwatched(SimulatedUser user, string ratingKey)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (_server.Gate) _writes.MarkUnwatched(user.Id, Find(user, ratingKey));
    }

    private Node Find(SimulatedUser user, string ratingKey) =>
        _server.VisibleTo(user.Id, ratingKey) ?? throw Unknown(user, ratingKey);

    private static KeyNotFoundException Unknown(SimulatedUser user, string ratingKey) => new($"{user} has no item {ratingKey} to play.");
}

/// <summary>
/// One playback, from its start until it was stopped or the app is gone. It moves only when it is told to, whatever the clock says, and
/// each call is one report to the server.
/// </summary>
public sealed class Playback
{
    /// <summary>A server that did not analyse an item knows no duration; the app that plays it does.</summary>
    private const long UnknownDuration = 2 * 3_600_000;

    private readonly SimulatedServer _server;
    private readonly Writes _writes;
    private readonly SimulatedItem _item;
    private readonly long _duration;
    private SimulatedSession _session;
    private bool _isOver;

    internal Playback(SimulatedServer server, Writes writes, SimulatedItem item, SimulatedSession session, TimeSpan at)
    {
        (_server, _writes, _item, _session) = (server, writes, item, session);
        _duration = item.DurationMs ?? UnknownDuration;
        Report("playing", at);
    }

    /// <summary>What is played.</summary>
    public string RatingKey => _item.RatingKey;

    /// <summary>The key of its session as of its last report; a restart of the server changes it at the next one.</summary>
    public string SessionKey => _session.Key;

    /// <summary>What it reported last.</summary>
    public TimeSpan Position => TimeSpan.FromMilliseconds(_session.Position);

    /// <summary>Plays on, at most to the end, and reports it, as apps do every ten seconds.</summary>
    public void Advance(TimeSpan by)
    {
        if (_session.State != "playing") throw new InvalidOperationException("The playback is paused.");
        var end = TimeSpan.FromMilliseconds(_duration);
        Report("playing", Position + by < end ? Position + by : end);
    }

    /// <summary>Jumps to a place, forth or back; what was paused stays so.</summary>
    public void Seek(TimeSpan to) => Report(_session.State, to);

    /// <summary>Pauses it where it is.</summary>
    public void Pause() => Report("paused", Position);

    /// <summary>Plays on after a pause.</summary>
    public void Resume() => Report("playing", Position);

    /// <summary>Ends it where it is.</summary>
    public void Stop()
    {
        Report("stopped", Position);
        _isOver = true;
    }

    /// <summary>
    /// The app disappears without a stop: nothing is told, and the session stays listed for half an hour (plex-facts §14.2).
    /// </summary>
    public void Vanish()
    {
        ThrowIfOver();
        _server.Abandon(_session);
        _isOver = true;
    }

    private void Report(string state, TimeSpan at)
    {
        ThrowIfOver();
        var position = (long)at.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(at));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _duration, nameof(at));
        lock (_server.Gate) _session = _writes.Report(_session with { State = state, Position = position }, _item, _duration);
    }

    private void ThrowIfOver()
    {
        if (_isOver) throw new InvalidOperationException("The playback has ended.");
    }
}
