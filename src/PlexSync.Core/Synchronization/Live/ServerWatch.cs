namespace PlexSync;

/// <summary>
/// Watches one server for all jobs: listens to its events, and looks at what each user viewed last when something was played, and from
/// time to time. What it finds wakes the jobs that it concerns.
/// </summary>
/// <remarks>One task listens, one looks, and jobs come and go in tasks of their own.</remarks>
/// <param name="live">What all jobs share.</param>
/// <param name="listen">Listens to the server.</param>
internal sealed class ServerWatch(LiveWork live, Func<PlexServer, CancellationToken, IAsyncEnumerable<ServerEvent>> listen)
{
    /// <summary>How often it is looked while the server tells what is played, and nothing is.</summary>
    private static readonly TimeSpan IdlePoll = TimeSpan.FromMinutes(5);

    /// <summary>So long after something was played it is looked more often.</summary>
    private static readonly TimeSpan ActiveFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenListeners = TimeSpan.FromMinutes(1);

    /// <summary>More looks than that in a minute, and hints wait until it is over.</summary>
    private const int MostLooks = 12;
    private static readonly TimeSpan LooksCountFor = TimeSpan.FromMinutes(1);

    /// <summary>More views than that need no list.</summary>
    private const int MostChanges = 1000;

    private readonly PlaybackHints _hints = new();
    private readonly StreamState _stream = new(live);
    private readonly Alarm _alarm = new(live.Time);
    private readonly Alarm _listenAgain = new(live.Time);
    private readonly List<WatchedJob> _jobs = [];
    private readonly Queue<TimeSpan> _looks = [];
    private (object Listener, CancellationTokenSource Stop)? _listening;
    private volatile bool _isDeaf = true;
    private int _mustLook;
    private TimeSpan _lookedAt = live.Now;
    private TimeSpan _activeUntil;
    private (PlexException Error, int Count)? _failed;

    /// <summary>Whether nothing is to be done before its time comes.</summary>
    public bool IsAsleep => _alarm.IsAsleep;

    /// <summary>How long to wait from one look at everything to the next.</summary>
    private TimeSpan Interval => _failed is var (error, count) ? LiveFailures.WaitAfter(error, count, live.Options.Every)
        : _stream.IsReliable && live.Now >= _activeUntil && live.Options.Poll < IdlePoll ? IdlePoll
        : live.Options.Poll;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new[] { ListenAsync(either.Token), LookAsync(either.Token) };
        await Task.WhenAny(tasks).ConfigureAwait(false);
        // Neither ends unless it fails.
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public IDisposable Register(WatchedJob job)
    {
        lock (_jobs)
        {
            _jobs.Add(job);
            if (_listening is var (listener, stop) && !listener.Equals(FindBest(_jobs)?.Listener))
            {
                // The owner has come, or has another token, or the server another address.
                _ = stop.CancelAsync();
            }
        }

        _listenAgain.Set();
        _alarm.Set();
        return new Registration(this, job);
    }

    /// <summary>Whether the user plays the item now, as far as events tell.</summary>
    /// <param name="user">The user.</param>
    /// <param name="item">The item.</param>
    /// <param name="isOpen">Whether a pause counts, too.</param>
    public bool IsPlaying(PlexServer user, RatingKey item, bool isOpen) => _hints.IsPlaying(user.User.Id, user.IsOwner, item, isOpen);

    /// <summary>A run of a job has written to a user: that is no news to the job, but it is to others.</summary>
    public void NoteWritten(JobKeeper keeper, UserId user, IReadOnlyCollection<RatingKey> items)
    {
        var isNews = Jobs().Exists(job => job.Keeper != keeper && job.Watched.Any(watched => watched.User.Id == user));
        _hints.NoteWritten(items, isNews ? user.ToString() : null, live.Now);
        _alarm.Set();
    }

    private List<WatchedJob> Jobs()
    {
        lock (_jobs)
        {
            return [.. _jobs];
        }
    }

    /// <summary>As whom to ask for what concerns everybody: the owner, if there is one among them.</summary>
    private static PlexServer? FindBest(List<WatchedJob> jobs)
    {
        var users = jobs.SelectMany(static job => job.All).ToList();
        return users.Find(static user => user.IsOwner) ?? users.FirstOrDefault();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            PlexServer? server;
            lock (_jobs)
            {
                server = FindBest(_jobs);
                _listening = server is null ? null : (server.Listener, stop);
            }

            try
            {
                if (server is not null)
                {
                    await foreach (var heard in listen(server, stop.Token).ConfigureAwait(false))
                    {
                        Hear(heard, server);
                    }
                }
            }
            catch (PlexException e)
            {
                Hear(new EventStreamLost(e, BetweenListeners), server!);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // As somebody else from now on.
                continue;
            }
            finally
            {
                lock (_jobs)
                {
                    _listening = null;
                }
            }

            await _listenAgain.SleepAsync(BetweenListeners, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Hear(ServerEvent heard, PlexServer server)
    {
        var next = _hints.NextAt;
        _hints.Hear(heard, live.Now);
        switch (heard)
        {
            case EventStreamOpened:
                _isDeaf = true;
                if (_stream.Open(server))
                {
                    Volatile.Write(ref _mustLook, 1);
                }

                _alarm.Set();
                break;
            case EventStreamLost { Error: var error }:
                _isDeaf = true;
                _stream.Lose(server, error);
                _alarm.Set();
                break;
            default:
                if (_hints.NextAt is { } earlier && !(earlier >= next))
                {
                    _alarm.Set();
                }

                break;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (Jobs().Count == 0)
            {
                await _alarm.SleepAsync(TimeSpan.FromDays(1), cancellationToken).ConfigureAwait(false);
            }

            _stream.Settle();
            var (pollAt, hintsFrom) = (_lookedAt + Interval, HintsFrom());
            var hintAt = _hints.NextAt is { } at && at < hintsFrom ? hintsFrom : _hints.NextAt;
            await _alarm.SleepAsync(Earliest(pollAt, hintAt, _stream.NextAt) - live.Now, cancellationToken).ConfigureAwait(false);
            var isPoll = Interlocked.Exchange(ref _mustLook, 0) > 0 || live.Now >= _lookedAt + Interval;
            if (FindBest(Jobs()) is { } server && (_hints.NeedsLook(live.Now) || (_isDeaf && (isPoll || _hints.NextAt <= live.Now))))
            {
                await JoinAsync(server, cancellationToken).ConfigureAwait(false);
            }

            var hints = isPoll || live.Now >= hintsFrom ? _hints.TakeDue(live.Now) : [];
            if (isPoll || hints.Count > 0)
            {
                _looks.Enqueue(live.Now);
                _activeUntil = hints.Any(static hint => hint.IsPlayed) ? live.Now + ActiveFor : _activeUntil;
                await CheckAsync(hints, isPoll, cancellationToken).ConfigureAwait(false);
                _lookedAt = isPoll ? live.Now : _lookedAt;
            }
        }
    }

    /// <summary>When hints may be followed again.</summary>
    private TimeSpan HintsFrom()
    {
        while (_looks.Count > 0 && live.Now - _looks.Peek() >= LooksCountFor)
        {
            _looks.Dequeue();
        }

        return _looks.Count < MostLooks ? TimeSpan.Zero : _looks.Peek() + LooksCountFor;
    }

    private static TimeSpan Earliest(TimeSpan one, params ReadOnlySpan<TimeSpan?> others)
    {
        foreach (var other in others)
        {
            one = other < one ? other.Value : one;
        }

        return one;
    }

    private async Task JoinAsync(PlexServer server, CancellationToken cancellationToken)
    {
        var isDeaf = _isDeaf;
        // Without events, only the list tells what begins.
        _isDeaf = !_stream.IsOpen;
        try
        {
            if (await server.GetPlayingAsync(cancellationToken).ConfigureAwait(false) is { } playing)
            {
                _hints.Join(playing.Sessions, isDeaf, live.Now);
                return;
            }
        }
        catch (PlexException)
        {
            // The look at what was viewed, which comes next, fares no better and is told.
        }

        _hints.GiveUpJoin(live.Now);
    }

    /// <summary>Looks at what the users viewed last whom the hints concern, or everybody.</summary>
    private async Task CheckAsync(IReadOnlyList<Hint> hints, bool isPoll, CancellationToken cancellationToken)
    {
        if (FindBest(Jobs()) is not { } any)
        {
            return;
        }

        // After a run, it is known what that has read and written, and with which connection.
        using var entered = await live.EnterAsync([any.MachineIdentifier], cancellationToken).ConfigureAwait(false);
        var jobs = Jobs();
        var looks = jobs.SelectMany(job => job.Watched
            .Where(user => isPoll || hints.Any(hint => hint.Concerns(user)))
            .SelectMany(user => job.Keeper.News.LibrariesOf(user), (user, library) => new Look(job, user, library)));
        // Several jobs with one user make one request.
        var results = await Task.WhenAll(looks.GroupBy(static look => (look.User.ServerUser, look.Library.Key))
            .Select(look => LookAtAsync([.. look], hints, cancellationToken))).ConfigureAwait(false);
        var errors = results.SelectMany(static result => result)
            .GroupBy(static result => result.Job, static result => result.Error)
            .Select(static results => (Job: results.Key, Error: GravestOf(results))).ToList();
        if (isPoll)
        {
            // One job's trouble does not make the looks for others rarer.
            var failed = errors.TrueForAll(static one => one.Error is not null) ? errors.FirstOrDefault().Error : null;
            _failed = failed is null ? null : (failed, _failed?.Count + 1 ?? 1);
        }

        errors.ForEach(one => one.Job.Keeper.ReportLook(one.Job.Users, one.Error, Interval));
        foreach (var job in jobs)
        {
            if (job.Keeper.News.ConsiderOpen(hints, isPoll, _hints.IsPlayed))
            {
                job.Keeper.Wake();
            }
        }
    }

    /// <summary>What keeps a job from being looked after; one library that cannot be read does not.</summary>
    private static PlexException? GravestOf(IEnumerable<PlexException?> errors)
    {
        var all = errors.ToList();
        return all.Find(static error => error is not null && !LibraryReader.IsConfinedToOneLibrary(error))
            ?? (all.Contains(null) ? null : all[0]);
    }

    /// <summary>Reads what a user viewed last in a library, and lets the jobs of the user see whether that is new.</summary>
    /// <returns>Each job with what failed.</returns>
    private async Task<IEnumerable<(WatchedJob Job, PlexException? Error)>> LookAtAsync(
        List<Look> looks, IReadOnlyList<Hint> hints, CancellationToken cancellationToken)
    {
        var (user, library) = (looks[0].User, looks[0].Library);
        var wasPlayed = hints.Any(hint => hint.IsPlayed && hint.Concerns(user));
        var known = looks.ConvertAll(look => look.News.KnownOf(user, library.Key)).OfType<ReadLibrary>().ToList();
        NewestItems? newest = null;
        PlexException? error = null;
        try
        {
            newest = known.Count > 0
                ? await KnownViews.ReadNewestAsync(user, library, known, MostChanges, cancellationToken).ConfigureAwait(false)
                : await NewestItems.ReadAsync(user, library, static _ => true, expected: 0, MostChanges, cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            error = e;
        }

        foreach (var look in looks)
        {
            var isNews = newest is not null
                ? look.News.Consider(newest, user, library.Key, item => IsPlaying(user, item, isOpen: false), wasPlayed)
                : LibraryReader.IsConfinedToOneLibrary(error!) && look.News.ConsiderUnlisted(wasPlayed);
            if (isNews)
            {
                look.Job.Keeper.Wake();
            }
        }

        return looks.Select(look => (look.Job, error));
    }

    /// <summary>A look at what a user of a job viewed last in a library.</summary>
    private readonly record struct Look(WatchedJob Job, PlexServer User, Library Library)
    {
        public JobNews News => Job.Keeper.News;
    }

    private sealed class Registration(ServerWatch watch, WatchedJob job) : IDisposable
    {
        public void Dispose()
        {
            lock (watch._jobs)
            {
                watch._jobs.Remove(job);
            }
        }
    }
}
