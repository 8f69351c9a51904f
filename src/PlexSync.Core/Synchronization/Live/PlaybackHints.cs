namespace PlexSync;

/// <summary>What is being played on a server, as its events tell, and of what it is time to look.</summary>
/// <remarks>
/// Events are hints. A playback that pauses, ends or vanishes is one two seconds later, if it does not go on by then; an item that the
/// server says has changed is one, too, but at most once a minute. Times are spans on a clock that only goes forward. Thread-safe.
/// </remarks>
internal sealed class PlaybackHints
{
    /// <summary>So long nothing more must be heard of an item: the server stores the last position after it has told of it.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Something is heard of a playback every ten seconds. After so long it is looked whether there still is one.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    /// <summary>So long a server can list a playback that has ended (plex-facts §14.2).</summary>
    public static readonly TimeSpan LongestGhost = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenMarks = TimeSpan.FromMinutes(1);

    /// <summary>Of many playbacks that begin together, it is looked up once whose they are.</summary>
    private static readonly TimeSpan BetweenJoins = TimeSpan.FromSeconds(5);

    /// <summary>What we write ourselves comes back as events, within seconds.</summary>
    private static readonly TimeSpan EchoesFor = TimeSpan.FromSeconds(10);

    /// <summary>Far more than one server plays at a time. Beyond it, all users are looked at.</summary>
    private const int MostSessions = 500;
    private const int MostHints = 500;

    private readonly Dictionary<SessionKey, Playback> _sessions = [];
    private readonly Dictionary<(string? User, RatingKey Item), TimeSpan> _hints = [];
    private readonly Dictionary<RatingKey, TimeSpan> _marks = [];
    private readonly Dictionary<RatingKey, TimeSpan> _written = [];
    private readonly HashSet<SessionKey> _ghosts = [];
    private TimeSpan? _flood;
    private TimeSpan _nextJoin;
    private TimeSpan _nextMarks;

    /// <summary>When there will be something to do; null if nothing is known of.</summary>
    public TimeSpan? NextAt
    {
        get
        {
            lock (_sessions)
            {
                TimeSpan? next = _flood;
                foreach (var at in _hints.Values.Concat(_marks.Values)
                    .Concat(_sessions.Values.Select(one => one.IsLookedUp ? one.LookAt : _nextJoin))
                    .Concat(_sessions.Values.Select(static one => one.PausedUntil ?? TimeSpan.MaxValue)))
                {
                    next = at < next || next is null ? at : next;
                }

                return next;
            }
        }
    }

    /// <summary>An event has come.</summary>
    public void Hear(ServerEvent heard, TimeSpan now)
    {
        lock (_sessions)
        {
            switch (heard)
            {
                case PlaybackEvent playback:
                    Hear(playback, now);
                    break;
                case TimelineEvent mark:
                    Mark(mark.Item, now);
                    break;
                case EventStreamLost:
                    // What ends now is not told, and a server that was restarted counts anew.
                    foreach (var playback in _sessions.Values)
                    {
                        Due(playback, now);
                    }

                    _sessions.Clear();
                    break;
            }
        }
    }

    /// <summary>The server lists what is being played: shows whose it is, and what has ended unheard.</summary>
    /// <param name="listed">The list.</param>
    /// <param name="isDeaf">Nothing was heard until now, so that there may be others than those that were heard of.</param>
    /// <param name="now">The time.</param>
    public void Join(IReadOnlyList<PlayingSession> listed, bool isDeaf, TimeSpan now)
    {
        lock (_sessions)
        {
            _nextJoin = now + BetweenJoins;
            var known = new Dictionary<SessionKey, PlayingSession>();
            foreach (var session in listed.Where(static session => session.Session is not null))
            {
                known[session.Session!.Value] = session;
            }

            _ghosts.IntersectWith(known.Keys);
            foreach (var (key, playback) in _sessions.ToList())
            {
                if (known.Remove(key, out var session))
                {
                    playback.User = playback.IsLookedUp ? playback.User : session.User;
                    // Where nothing is heard, the list alone counts.
                    if (!isDeaf && now - playback.HeardAt >= LongestGhost)
                    {
                        End(key, playback, now);
                        _ghosts.Add(key);
                    }
                }
                else if (isDeaf || now - playback.HeardAt >= LongestSilence)
                {
                    End(key, playback, now);
                }

                playback.IsLookedUp = true;
                var isSilent = now - playback.HeardAt >= LongestSilence;
                playback.LookAt = isSilent ? now + BetweenLooks : playback.HeardAt + LongestSilence;
            }

            foreach (var (key, session) in known)
            {
                if (isDeaf && _sessions.Count < MostSessions && !_ghosts.Contains(key))
                {
                    _sessions.Add(key, new Playback(session.Item, now)
                    {
                        User = session.User,
                        IsLookedUp = true,
                        State = session.IsPaused ? PlaybackState.Paused : PlaybackState.Playing,
                    });
                }
            }
        }
    }

    /// <summary>The server does not list what is being played: playbacks are nobody's until nothing is heard of them any more.</summary>
    public void GiveUpJoin(TimeSpan now)
    {
        lock (_sessions)
        {
            _nextJoin = now + BetweenJoins;
            foreach (var (key, playback) in _sessions.ToList())
            {
                playback.IsLookedUp = true;
                playback.LookAt = playback.HeardAt + LongestGhost;
                if (playback.LookAt <= now)
                {
                    End(key, playback, now);
                }
            }
        }
    }

    /// <summary>Whether it is time to look whether what has fallen silent is still being played.</summary>
    public bool NeedsLook(TimeSpan now)
    {
        lock (_sessions)
        {
            return _sessions.Values.Any(playback => (playback.IsLookedUp ? playback.LookAt : _nextJoin) <= now);
        }
    }

    /// <summary>Whether the user plays the item, as far as is known; a playback of nobody in particular could be the user's.</summary>
    /// <param name="user">The user.</param>
    /// <param name="isOwner">Whether that is the server's owner.</param>
    /// <param name="item">The item.</param>
    /// <param name="isOpen">Whether one that the user has paused counts, too.</param>
    public bool IsPlaying(UserId user, bool isOwner, RatingKey item, bool isOpen)
    {
        lock (_sessions)
        {
            return _sessions.Values.Any(playback => playback.Item == item
                && (playback.State is not PlaybackState.Paused || (isOpen && playback.User is not null))
                && new PlayingSession(Session: null, playback.User, item).CanBeOf(user, isOwner));
        }
    }

    /// <summary>Whether anybody plays the item, or has paused it.</summary>
    public bool IsPlayed(RatingKey item)
    {
        lock (_sessions)
        {
            return _sessions.Values.Any(playback => playback.Item == item);
        }
    }

    /// <summary>What a run has written comes back as events, which are no news.</summary>
    /// <param name="items">What was written.</param>
    /// <param name="user">To whom, where that is news to somebody else; null where it is not.</param>
    /// <param name="now">The time.</param>
    public void NoteWritten(IEnumerable<RatingKey> items, string? user, TimeSpan now)
    {
        lock (_sessions)
        {
            foreach (var (item, until) in _written.ToList())
            {
                if (until <= now)
                {
                    _written.Remove(item);
                }
            }

            foreach (var item in items)
            {
                _written[item] = now + EchoesFor;
                _marks.Remove(item);
                if (user is not null)
                {
                    Hint(_hints, (user, item), now + Quiet);
                }
            }
        }
    }

    /// <summary>Takes the hints whose time has come.</summary>
    public IReadOnlyList<Hint> TakeDue(TimeSpan now)
    {
        lock (_sessions)
        {
            var due = new List<Hint>();
            foreach (var (hint, at) in _hints.Where(hint => hint.Value <= now).ToList())
            {
                _hints.Remove(hint);
                due.Add(new Hint(hint.User, hint.Item, IsPlayed: true));
            }

            foreach (var playback in _sessions.Values.Where(playback => playback.PausedUntil <= now))
            {
                playback.PausedUntil = null;
                due.Add(new Hint(playback.User, playback.Item, IsPlayed: true));
            }

            if (_marks.Values.Any(at => at <= now))
            {
                due.AddRange(_marks.Keys.Select(static item => new Hint(User: null, item)));
                _marks.Clear();
                _nextMarks = now + BetweenMarks;
            }

            if (_flood <= now)
            {
                _flood = null;
                _nextMarks = now + BetweenMarks;
                due.Add(new Hint(User: null, Item: null));
            }

            return due;
        }
    }

    private void Hear(PlaybackEvent heard, TimeSpan now)
    {
        if (!_sessions.TryGetValue(heard.Session, out var playback))
        {
            if (heard.State is PlaybackState.Stopped)
            {
                // Some apps send several ends, the later ones without a user; what we write comes back like this, too.
                Mark(heard.Item, now);
                return;
            }

            if (_sessions.Count >= MostSessions)
            {
                _flood ??= now + BetweenMarks;
                return;
            }

            _sessions.Add(heard.Session, playback = new Playback(heard.Item, now));
        }
        else if (playback.Item != heard.Item)
        {
            // The next episode.
            Due(playback, now);
            (playback.Item, playback.PausedUntil) = (heard.Item, null);
        }

        _ghosts.Remove(heard.Session);
        playback.HeardAt = now;
        playback.LookAt = now + LongestSilence;
        switch (heard.State)
        {
            case PlaybackState.Stopped:
                End(heard.Session, playback, now);
                break;
            case PlaybackState.Paused when playback.State is not PlaybackState.Paused:
                playback.PausedUntil = now + Quiet;
                break;
            case PlaybackState.Playing or PlaybackState.Buffering:
                playback.PausedUntil = null;
                break;
        }

        playback.State = heard.State;
    }

    /// <summary>Nobody in particular may have a new state on the item.</summary>
    private void Mark(RatingKey item, TimeSpan now)
    {
        if (!(_written.TryGetValue(item, out var until) && now < until))
        {
            Hint(_marks, item, now + Quiet > _nextMarks ? now + Quiet : _nextMarks);
        }
    }

    private void End(SessionKey key, Playback playback, TimeSpan now)
    {
        _sessions.Remove(key);
        Due(playback, now);
    }

    private void Due(Playback playback, TimeSpan now) => Hint(_hints, (playback.User, playback.Item), now + Quiet);

    private void Hint<T>(Dictionary<T, TimeSpan> hints, T hint, TimeSpan at)
        where T : notnull
    {
        if (hints.Count < MostHints || hints.ContainsKey(hint))
        {
            hints.TryAdd(hint, at);
        }
        else
        {
            _flood ??= at;
        }
    }

    private sealed class Playback(RatingKey item, TimeSpan now)
    {
        public RatingKey Item { get; set; } = item;

        /// <summary>Whose it is, by the server's number; null if that could not be found out.</summary>
        public string? User { get; set; }

        /// <summary>Whether it was looked up whose it is.</summary>
        public bool IsLookedUp { get; set; }

        public PlaybackState State { get; set; } = PlaybackState.Playing;

        public TimeSpan HeardAt { get; set; } = now;

        /// <summary>When its pause counts as one, if it does not go on by then.</summary>
        public TimeSpan? PausedUntil { get; set; }

        /// <summary>When to look whether it still is there.</summary>
        public TimeSpan LookAt { get; set; } = now + LongestSilence;
    }
}

/// <summary>That an item may have changed for somebody.</summary>
/// <param name="User">For whom, by the server's number; null if that is not known.</param>
/// <param name="Item">The item; null for any.</param>
/// <param name="IsPlayed">Whether it was played.</param>
internal readonly record struct Hint(string? User, RatingKey? Item, bool IsPlayed = false)
{
    /// <summary>Whether it may concern the user.</summary>
    public bool Concerns(PlexServer user) => new PlayingSession(Session: null, User, default).CanBeOf(user.User.Id, user.IsOwner);
}
