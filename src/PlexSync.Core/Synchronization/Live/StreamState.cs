namespace PlexSync;

/// <summary>Whether a server tells its events, and since when.</summary>
/// <param name="live">Told when that changes.</param>
internal sealed class StreamState(LiveWork live)
{
    /// <summary>A stream that was open for so long can be relied on; one that ends again and again is no better than none.</summary>
    public static readonly TimeSpan UntilReliable = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TimeSpan? _openSince;
    private TimeSpan? _caughtUpAt;
    private bool? _isToldOpen;
    private PlexServer? _server;

    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _openSince is not null;
            }
        }
    }

    public bool IsReliable
    {
        get
        {
            lock (_lock)
            {
                return live.Now - _openSince >= UntilReliable;
            }
        }
    }

    /// <summary>When there is something to tell; null if there is nothing.</summary>
    public TimeSpan? NextAt
    {
        get
        {
            lock (_lock)
            {
                return _isToldOpen is false ? _openSince + UntilReliable : null;
            }
        }
    }

    /// <summary>Events come from now on.</summary>
    /// <returns>Whether to look at once at what was missed.</returns>
    public bool Open(PlexServer server)
    {
        lock (_lock)
        {
            (_openSince, _server) = (live.Now, server);
            if (_isToldOpen is null)
            {
                Tell(error: null);
            }

            var mustLook = !(live.Now - _caughtUpAt < UntilReliable);
            _caughtUpAt = mustLook ? live.Now : _caughtUpAt;
            return mustLook;
        }
    }

    /// <summary>No events come any more.</summary>
    public void Lose(PlexServer server, PlexException error)
    {
        lock (_lock)
        {
            (_openSince, _server) = (null, server);
            if (_isToldOpen is not false)
            {
                Tell(error);
            }
        }
    }

    /// <summary>Tells that a stream that was lost is back, once it can be relied on.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            if (_isToldOpen is false && live.Now - _openSince >= UntilReliable)
            {
                Tell(error: null);
            }
        }
    }

    private void Tell(PlexException? error)
    {
        _isToldOpen = error is null;
        live.Tell(new LiveStreamChanged(ServerReference.To(_server!), error));
    }
}
